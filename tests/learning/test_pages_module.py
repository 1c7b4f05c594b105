"""The module page for its three readers, and the forms on it."""

import json
import shutil

import pytest
from sqlalchemy import select

from elearn.catalogue.services import publish_course
from elearn.learning.models import LessonCompletion, Note, PassageSkip
from elearn.media.models import Video
from elearn.organisations.models import CourseHouse
from tests.client import PageClient
from tests.learning.test_watching import Player


@pytest.fixture
def modules(world, session, settings):
    """The modules of our course, with its films where the application looks for them."""
    shutil.copytree(world.ours.files.store.root, settings.media, dirs_exist_ok=True)
    return world.ours.outline(session).modules


@pytest.fixture
def address(modules) -> str:
    return f"/learn/modules/{modules[0].id}"


@pytest.fixture
def lesson_id(modules) -> int:
    return modules[0].lessons[0].id


def watch(client: PageClient, lesson_id: int, clock, *ranges) -> None:
    player = Player(client, lesson_id)
    assert player.open().status_code == 200
    clock.advance(minutes=2)
    assert player.report(*ranges).status_code == 200


def config_of(page) -> dict:
    return json.loads(page.select_one("[data-player-config]").string)


def publish_again(session, world) -> None:
    files = world.ours.files
    house = session.get_one(CourseHouse, world.ours.house.id)
    publish_course(session, house=house, folder=files.folder, manifests=files.manifests, store=files.store, by=None)
    session.commit()


def publish_two_films(session, world) -> None:
    """Give the first module a second film, and publish."""
    files = world.ours.files
    files.edit(
        "course.yaml",
        "        videos: {da: why-we-ask}\n",
        "        videos: {da: why-we-ask}\n      - id: more\n        videos: {da: listening}\n",
    )
    files.edit("da.yaml", "lessons: {film: Stilheden}", "lessons: {film: Stilheden, more: Mere}")
    publish_again(session, world)


def test_with_two_films_the_page_holds_both_sentences_and_shows_the_one_that_is_true(
    learner, address, session, world, lesson_id, clock
):
    publish_two_films(session, world)
    page = learner.page(f"{address}?film={lesson_id}")
    assert "The film is complete when you have watched 90% of it." in page.select_one("[data-film-asked]").text
    assert page.select_one("[data-film-complete]").has_attr("hidden")

    watch(learner, lesson_id, clock, (0.0, 42.0))
    page = learner.page(f"{address}?film={lesson_id}")
    assert not page.select_one("[data-film-asked]")
    said = page.select_one("[data-film-complete]")
    assert not said.has_attr("hidden")
    assert " ".join(said.text.split()) == "This film is complete. The module also asks for: Mere."


def test_the_notice_stands_before_the_player_and_says_what_where_and_how_close(learner, address):
    page = learner.page(address)
    notice = page.select_one("details.notice")
    assert notice.has_attr("open")
    text = " ".join(notice.text.split())
    assert "From 0:20 to 0:31, 11 s: En voksen fortæller om vold. It is told, not shown." in text
    assert "Skip this part. You do not need to give a reason." in text
    assert str(page).index('details class="notice"') < str(page).index("data-player-stage")


def test_the_notice_folds_once_the_film_is_begun(learner, address, lesson_id, clock):
    watch(learner, lesson_id, clock, (0.0, 10.0))
    assert not learner.page(address).select_one("details.notice").has_attr("open")


def test_the_player_is_told_where_to_ask_and_what_is_seen(learner, address, lesson_id, clock):
    watch(learner, lesson_id, clock, (0.0, 10.0), (20.0, 30.0))
    config = config_of(learner.page(address))
    assert config["ticket_url"] == f"/learn/lessons/{lesson_id}/ticket"
    assert config["report_url"] == f"/learn/lessons/{lesson_id}/watched"
    assert config["progress"]["missing"] == [[10, 20], [30, 42]]
    assert config["position"] == 30.0
    assert config["passages"] == [{"id": "memory", "from": 20.0, "to": 31.0, "skipped": False}]
    assert config["strings"]["play"] == "Play"
    assert not [key for key in config["strings"] if key.startswith("site.")]
    assert config["master"] == Player(learner, lesson_id).open().json["master"]


def test_the_waiting_reports_of_two_people_have_two_names(browser, world, address, session, installation, learner):
    from tests.world import add_learner

    second = add_learner(session, installation, world.ours.licence, "Second")
    session.commit()
    keys = {config_of(client.page(address))["person_keys"][0] for client in (learner, browser().signed_in_as(second))}
    assert len(keys) == 2
    assert all(len(key) == 16 for key in keys)


def test_what_lacks_is_said_in_words_and_can_be_watched_at_once(learner, address, lesson_id, clock):
    watch(learner, lesson_id, clock, (0.0, 10.0), (20.0, 30.0))
    page = learner.page(address)
    assert page.select_one("[data-progress-text]").text == "You have watched 0:20 of 0:42"
    missing = page.select_one("[data-progress-missing]")
    assert missing.span.text == "You still have 00:10–00:20 and the rest from 00:30 to watch."
    assert missing.button["data-seek"] == "10"
    assert [rect["class"] for rect in page.select("[data-progress-line] rect")] == [
        ["l-todo"], ["l-seen"], ["l-seen"], ["l-miss"], ["l-here"]
    ]  # fmt: skip
    assert "The film is complete when you have watched 90% of it." in page.text


def test_the_film_can_be_read_without_script(learner, address):
    page = learner.page(address)
    line = page.select_one("[data-transcript] li")
    assert (line["data-from"], line.p.text) == ("1.0", "Hvordan har du det?")
    assert page.select_one("#film-text") is not None
    assert "needs JavaScript" in page.find("noscript").text
    assert page.select_one("[data-play]").has_attr("hidden")


def test_course_texts_are_rendered_below_the_pages_own_headings(learner, address):
    page = learner.page(address)
    assert page.select_one("#text em").text == "lægger mærke"
    assert page.select_one("#text h3").text == "Et roligt sted"


def test_skipping_asks_no_reason_and_leaves_the_denominator(learner, address, lesson_id, session, world, clock):
    answer = learner.press(f"/learn/lessons/{lesson_id}/passages/memory/skip", spoken="da")
    assert answer.status_code == 303
    assert session.scalar(select(PassageSkip.passage)) == "memory"
    page = learner.page(address)
    assert "You have chosen to skip 00:20–00:31." in page.text
    assert config_of(page)["passages"][0]["skipped"] is True
    watch(learner, lesson_id, clock, (0.0, 20.0), (31.0, 41.5))
    assert session.scalar(select(LessonCompletion.how)) == "watched"


def test_a_skipped_part_can_be_taken_back_in(learner, address, lesson_id, session):
    learner.press(f"/learn/lessons/{lesson_id}/passages/memory/skip")
    learner.press(f"/learn/lessons/{lesson_id}/passages/memory/include")
    assert session.scalar(select(PassageSkip.passage)) is None
    assert "You have chosen to skip" not in learner.page(address).text


def test_whoever_has_read_the_text_may_say_so(learner, address, lesson_id, session):
    assert "I have read it" in learner.page(address).text
    learner.press(f"/learn/lessons/{lesson_id}/read")
    assert session.scalar(select(LessonCompletion.how)) == "read"
    page = learner.page(address)
    assert "I have read it" not in page.text
    assert "You have said that you read this film." in page.select_one("[data-completed]").text


def test_where_the_course_takes_no_ones_word_there_is_no_such_button(learner, address, lesson_id, session, world):
    world.ours.files.edit("course.yaml", "own_word: true", "own_word: false")
    publish_again(session, world)
    assert "I have read it" not in learner.page(address).text
    assert learner.press(f"/learn/lessons/{lesson_id}/read").status_code == 404
    assert session.scalar(select(LessonCompletion.how)) is None


def test_carrying_on_in_a_module_of_two_films_leads_to_the_one_watched_last(learner, address, session, world, clock):
    publish_two_films(session, world)
    first, second = (lesson.id for lesson in world.ours.outline(session).modules[0].lessons)
    watch(learner, first, clock, (0.0, 30.0))
    watch(learner, second, clock, (0.0, 20.0))

    buttons = learner.page(f"/learn/{world.ours.course.id}").select("a.ds-button")

    assert [each["href"] for each in buttons if "Continue from 0:20" in each.text] == [f"{address}?film={second}"]
    assert config_of(learner.page(address))["lesson"] == second


def test_a_film_begun_in_one_spoken_language_can_be_had_in_another(learner, address, session, world, lesson_id, clock):
    files = world.ours.files
    manifest = files.path("listening.yaml").read_text()
    in_english = manifest.replace("id: listening", "id: in-english").replace("language: da", "language: en")
    (files.manifests / "in-english.yaml").write_text(in_english)
    files.edit("course.yaml", "{da: why-we-ask}", "{da: why-we-ask, en: in-english}")
    publish_again(session, world)
    watch(learner, lesson_id, clock, (0.0, 10.0))

    page = learner.page(address)
    links = page.select("nav.films a")

    assert config_of(page)["spoken"] == "da"
    assert [link.text for link in links] == ["Spoken in Danish", "Spoken in English"]
    asked = learner.page(links[1]["href"])
    assert (config_of(asked)["spoken"], config_of(asked)["position"]) == ("en", 0.0)
    assert config_of(asked)["master"] == Player(learner, lesson_id).open("en").json["master"]


def test_a_module_of_two_films_shows_one_at_a_time(learner, address, session, world, lesson_id):
    publish_two_films(session, world)
    page = learner.page(address)
    links = page.select(".films a")
    assert [" ".join(link.text.split()) for link in links] == ["Film 1: The silence", "Film 2: Mere"]
    assert links[0]["aria-current"] == "page"
    assert len(page.select("[data-player]")) == 1
    second = learner.page(links[1]["href"])
    assert config_of(second)["lesson"] != lesson_id
    assert not second.select("details.notice")
    learner.press(f"/learn/lessons/{lesson_id}/read")
    page = learner.page(address)
    assert config_of(page)["lesson"] != lesson_id, "the film that lacks is shown first"
    assert "data-done" not in page.select_one("[data-completed]").attrs
    assert learner.get(f"{address}?film=999").status_code == 404


def test_a_note_saves_itself_and_by_a_plain_form(learner, address, modules, session):
    save = f"/learn/modules/{modules[0].id}/notes/a-child"
    answer = learner.send(save, {"text": "First thought"})
    assert answer.json == {"saved_at": "10:00"}
    assert "First thought" in learner.page(address).select_one("textarea").text
    answer = learner.press(save, text="Second thought", next=address)
    assert answer.location == f"{address}#note-{modules[0].id}-a-child"
    assert session.scalar(select(Note.text)) == "Second thought"
    learner.send(save, {"text": "  "})
    session.expire_all()
    assert session.scalar(select(Note.text)) is None


@pytest.mark.parametrize("body", [{"text": 3}, {"text": "x" * 20_001}, ["text"], {}])
def test_a_note_that_is_none_changes_nothing_it_should_not(learner, modules, session, body):
    save = f"/learn/modules/{modules[0].id}/notes/a-child"
    learner.send(save, {"text": "Kept"})
    assert learner.send(save, body).status_code == 400
    assert session.scalar(select(Note.text)) == "Kept"


def test_notes_need_a_token(learner, modules):
    answer = learner.post(f"/learn/modules/{modules[0].id}/notes/a-child", json={"text": "Forged"})
    assert answer.status_code == 400


def test_notes_are_read_by_nobody_else(browser, learner, stranger, owner, world, modules, address, session):
    learner.send(f"/learn/modules/{modules[0].id}/notes/a-child", {"text": "Between me and me"})
    others = [owner, browser().signed_in_as(world.ours.leader), browser().signed_in_as(world.ours.buyer), stranger]
    for client in others:
        assert "Between me and me" not in client.page("/learn/notes").text
    assert stranger.send(f"/learn/modules/{modules[0].id}/notes/a-child", {"text": "Theirs"}).status_code == 404
    assert session.scalars(select(Note.text)).all() == ["Between me and me"]
    assert "Between me and me" not in owner.page(f"/owner/preview/{modules[0].id}").text


def test_my_notes_are_read_edited_and_deleted_in_one_place(learner, modules, session):
    save = f"/learn/modules/{modules[0].id}/notes/a-child"
    learner.send(save, {"text": "A thought"})
    page = learner.page("/learn/notes")
    assert page.textarea.text.strip() == "A thought"
    assert "Hvilket barn?" in page.select_one("label").text
    assert learner.press(f"{save}/delete").location == "/learn/notes"
    assert session.scalar(select(Note.text)) is None
    assert "You have no notes yet" in learner.page("/learn/notes").text


def test_notes_under_the_same_question_of_two_modules_have_each_their_place(learner, modules, session, world, clock):
    session.add(Note(person_id=world.ours.learner.id, module_id=modules[0].id, question="a-child", text="One"))
    session.add(Note(person_id=world.ours.learner.id, module_id=modules[1].id, question="a-child", text="Two"))
    for note in session.new:
        note.saved_at = clock.time
    session.commit()

    saved = learner.press(f"/learn/modules/{modules[1].id}/notes/a-child", text="Two more", next="/learn/notes")

    page, place = learner.page("/learn/notes"), saved.location.removeprefix("/learn/notes")
    assert [each.textarea.text.strip() for each in page.select(place)] == ["Two more"]


def test_notes_of_a_module_that_is_gone_stay(learner, modules, session, world):
    learner.send(f"/learn/modules/{modules[0].id}/notes/a-child", {"text": "Still mine"})
    text = world.ours.files.path("course.yaml").read_text()
    begin, end = text.index("  - id: why-we-ask"), text.index("  - id: listening")
    world.ours.files.write("course.yaml", text[:begin] + text[end:])
    danish = world.ours.files.path("da.yaml").read_text()
    begin, end = danish.index("  why-we-ask:"), danish.index("  listening:")
    world.ours.files.write("da.yaml", danish[:begin] + danish[end:])
    english = world.ours.files.path("en.yaml").read_text()
    world.ours.files.write("en.yaml", english[: english.index("modules:")])
    publish_again(session, world)
    assert "Still mine" in learner.page("/learn/notes").text
    assert "From an earlier version of a course" in learner.page("/learn/notes").text


def test_forms_of_a_seat_that_has_ended_lead_home(learner, lesson_id, world, session, modules):
    seat = world.ours.seat(session)
    seat.person_id = seat.claimed_at = seat.first_used_at = seat.invited_at = None
    session.commit()
    for form in ("passages/memory/skip", "passages/memory/include", "read"):
        assert learner.press(f"/learn/lessons/{lesson_id}/{form}").location == "/learn"
    assert session.scalar(select(PassageSkip.passage)) is None


def test_an_open_module_is_watched_by_anyone_and_keeps_nothing(anonymous, world, modules, lesson_id):
    with anonymous.session_transaction() as cookies:
        cookies["language"] = "en"
    page = anonymous.page(f"/courses/hard-talks/modules/{modules[0].id}")
    assert "What you watch here is not kept" in page.text
    config = config_of(page)
    assert config["report_url"] is None
    assert config["progress"] is None
    assert config["person_keys"] == []
    assert anonymous.send(config["ticket_url"], {}).status_code == 200
    assert not page.select("textarea, [data-progress-line]")
    assert anonymous.get(f"/courses/hard-talks/modules/{modules[1].id}").status_code == 404


def test_owners_preview_their_own_courses_only(owner, learner, browser, world, modules, lesson_id, session):
    page = owner.page(f"/owner/preview/{modules[1].id}")
    assert "Preview of version 1" in page.text
    assert config_of(page)["ticket_url"].startswith("/owner/preview/lessons/")
    assert world.ours.seat(session).first_used_at is None
    other = browser().signed_in_as(world.theirs.owner)
    for path in (f"/owner/preview/{modules[1].id}", f"/owner/preview/courses/{world.ours.course.id}"):
        assert other.get(path).status_code == 404
        assert learner.get(path).status_code == 404


def test_owners_preview_any_version(owner, world, session, modules):
    world.ours.files.edit("en.yaml", "title: Why we ask", "title: Why one asks")
    publish_again(session, world)
    course = f"/owner/preview/courses/{world.ours.course.id}"
    assert "Why one asks" in owner.page(course).text
    old = owner.page(f"{course}?version=1")
    assert "Why we ask" in old.text
    assert "Learners see a newer version now." in old.text
    module = old.select(".list a")[0]["href"]
    assert owner.page(module).h1.text == "Why we ask"
    assert owner.get(f"{course}?version=9").status_code == 404


def test_a_poster_is_shown_to_those_who_may_see_its_page(
    anonymous, learner, stranger, owner, world, session, modules, settings
):
    films = {}
    for module in modules:
        film = module.lessons[0].film("da")
        video = session.get_one(Video, film.video_id)
        (settings.media / video.package / video.manifest["poster"]).write_bytes(b"jpeg")
        films[module.key] = f"/learn/posters/{film.video_id}.jpg"
    assert anonymous.get(films["why-we-ask"]).status_code == 200
    for client, status in ((anonymous, 404), (stranger, 404), (learner, 200), (owner, 200)):
        assert client.get(films["listening"]).status_code == status
    assert anonymous.get("/learn/posters/999999.jpg").status_code == 404
    assert "private" in learner.get(films["listening"]).headers["Cache-Control"]
