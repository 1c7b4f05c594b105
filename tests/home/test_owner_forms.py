"""The owner's forms in the browser: read, written one question at a time, published, retired."""

import re

import pytest
from sqlalchemy import delete, select

from elearn.core.audit import AuditEvent
from elearn.core.content_files import read_file
from elearn.feedback.form_checks import check_forms
from elearn.feedback.form_files import Audience, FormFile
from elearn.feedback.models import (
    FeedbackForm,
    FeedbackFormDraft,
    FeedbackReceipt,
    FeedbackText,
    NamedResponse,
    SpooledResponse,
)
from elearn.feedback.services.answering import Respondent, save_draft, submit_response
from elearn.feedback.services.publishing import open_round, publish_forms, start_round
from tests.client import check_page
from tests.feedback.form_files import write_forms
from tests.feedback.forms import ask, every_type, form_file


@pytest.fixture
def owner(browser, world):
    return browser().signed_in_as(world.ours.owner)


@pytest.fixture
def forms(session, world, tmp_path) -> dict[str, int]:
    """The ids of both sides' forms: ours by their names, theirs with 'their ' before them."""
    checked = check_forms(write_forms(tmp_path).parent, ["da"])
    found = {}
    for side, before in ((world.ours, ""), (world.theirs, "their ")):
        publish_forms(session, course=session.merge(side.course), checked=checked, by=None)
        session.flush()
        for row in session.query(FeedbackForm).filter_by(course_id=side.course.id):
            found[before + row.key] = row.id
    session.commit()
    return found


def fill_in(client, path, **fields):
    """Post a form as it stands on its page, some fields filled in otherwise."""
    sent = {}
    for each in client.page(path).select("main form[novalidate] [name]"):
        if each.name == "input" and each.get("type") in ("checkbox", "radio") and not each.has_attr("checked"):
            continue
        sent.setdefault(each["name"], []).append(each.get("value", ""))
    return client.post(path, data=sent | fields)


@pytest.fixture
def draft(owner, forms) -> str:
    """A draft of `before`, as a path."""
    answer = owner.press(f"/owner/forms/{forms['before']}/edit")
    assert answer.status_code == 303
    return answer.location


def words(client, path) -> str:
    return client.page(path).select_one("main").get_text(" ", strip=True)


def test_a_courses_forms_are_listed_with_whom_they_ask_and_what_is_not_translated(owner, world, forms):
    said = words(owner, f"/owner/courses/{world.ours.course.id}/forms")

    assert "Before Staff Before the start Anonymous" in said
    assert "Compared with “Before”" in said
    assert "Version 1" in said


def test_a_form_is_shown_as_it_is_asked_in_each_language_and_handed_out_as_a_file(owner, forms, tmp_path):
    path = f"/owner/forms/{forms['before']}"
    assert "Do you notice?" in words(owner, path)
    assert "Lægger du mærke til det?" in words(owner, f"{path}?spoken=da")
    assert "Only if you answered Doubt to “What holds you back?”" in words(owner, path)

    file = owner.get(f"{path}/file")
    assert file.headers["Content-Disposition"] == 'attachment; filename="before.yaml"'
    (tmp_path / "before.yaml").write_bytes(file.data)
    assert read_file(tmp_path / "before.yaml", FormFile).value.id == "before"


def test_a_question_is_written_and_published_as_a_new_version(owner, session, forms, draft):
    answer = fill_in(
        owner,
        f"{draft}/sections/today/questions/new?type=single",
        **{
            "text-da": "Hvor arbejder du?",
            "text-en": "Where do you work?",
            "options-0-words-da": "I en skole",
            "options-1-words-da": "I en børnehave",
            "options-1-words-en": "In a kindergarten",
            "show_if": "held-back:time",
        },
    )
    assert answer.status_code == 303, answer.text
    assert "Where do you work?" in words(owner, draft)
    assert owner.press(f"{draft}/publish").status_code == 303

    session.expire_all()
    row = session.get(FeedbackForm, forms["before"])
    assert (row.current_version.number, row.current_version.source) == (2, "browser")
    asked = FormFile.model_validate(row.current_version.content).question("hvor-arbejder-du")
    assert [option.id for option in asked.options] == ["i-en-skole", "i-en-bornehave"]
    assert asked.show_if.answer == ["time"]
    assert session.query(FeedbackFormDraft).count() == 0
    assert "New: Where do you work?" in words(owner, f"/owner/forms/{forms['before']}")
    assert "This is an earlier version" in words(owner, f"/owner/forms/{forms['before']}?version=1")


def test_options_keep_their_ids_however_they_are_worded_and_ordered(owner, session, draft):
    answer = fill_in(
        owner,
        f"{draft}/questions/held-back",
        **{
            "options-0-place": "2",
            "options-1-place": "1",
            "options-0-words-da": "Tiden og uroen",
            "options-2-words-da": "Stedet",
        },
    )
    assert answer.status_code == 303, answer.text
    question = session.query(FeedbackFormDraft).one().content["sections"][0]["questions"][1]
    assert [(each["id"], each["text"]["da"]) for each in question["options"]] == [
        ("doubt", "Tvivlen"),
        ("time", "Tiden og uroen"),
        ("stedet", "Stedet"),
    ]


@pytest.mark.parametrize(
    ("path", "fields", "field", "said"),
    [
        ("questions/notice", {"text-da": ""}, "text-da", "Write this text."),
        ("questions/notice", {"text-en": "x" * 501}, "text-en", "at most 500"),
        ("questions/notice", {"labels-4-da": "", "labels-4-en": ""}, "labels", "5 or 7 labels"),
        ("questions/notice", {"labels-4-da": ""}, "labels-4-da", "in this language first"),
        ("questions/held-back", {"options-1-words-da": "", "options-1-words-en": ""}, "options", "two answers"),
        ("sections/today/questions/new?type=rating", {"text-da": "x", "key": "notice"}, "key", "has this id"),
        ("sections/today/questions/new?type=rating", {"text-da": "x", "key": "A B"}, "key", "small letters"),
        ("sections/today/questions/new?type=number", {"text-da": "x", "most": "-1"}, "most", "smaller than"),
        ("sections/today/questions/new?type=number", {"text-da": "x", "least": "few"}, "least", "whole number"),
        (
            "questions/which-doubt",
            {"show_if": ["notice:1", "held-back:time"]},
            "show_if",
            "one question only",
        ),
        ("heading", {"title-da": ""}, "title-da", "Write this text."),
        ("sections/today", {"intro-en": "x"}, "intro-da", "in this language first"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(owner, draft, path, fields, field, said):
    page = fill_in(owner, f"{draft}/{path}", **fields)

    assert page.status_code == 422
    found = check_page(path, page)
    assert found.select_one(f'.ds-error-summary a[href="#{field}"]'), found.select_one(".ds-error-summary")
    assert found.find(id=field) is not None
    assert said in found.find(id=f"{field}-error").text


def test_parts_move_and_go_and_what_hangs_on_them_is_told_before_publishing(owner, session, forms, draft):
    owner.press(f"{draft}/move", what="question", key="held-back", to="down")
    order = [each["id"] for each in session.query(FeedbackFormDraft).one().content["sections"][0]["questions"]]
    assert order == ["notice", "which-doubt", "held-back"]
    assert "It depends on a question that comes after it" in words(owner, draft)
    assert "Publish" not in [each.text for each in owner.page(draft).select("button")]
    assert owner.press(f"{draft}/publish").status_code == 422

    assert "Hvad" not in words(owner, f"{draft}/questions/held-back/remove")
    owner.press(f"{draft}/questions/held-back/remove")
    assert "It depends on a question that is not there any more" in words(owner, draft)
    session.expire_all()
    assert session.get(FeedbackForm, forms["before"]).current_version.number == 1


def test_sections_are_added_moved_and_removed_but_the_last_one_stays(owner, session, draft):
    assert owner.get(f"{draft}/sections/today/remove").status_code == 404
    fill_in(owner, f"{draft}/sections/new", **{"title-da": "Mere", "level": "behaviour"})
    assert "asks nothing yet" in words(owner, draft)
    owner.press(f"{draft}/move", what="question", key="which-doubt", to="down")
    owner.press(f"{draft}/move", what="section", key="mere", to="up")
    content = session.query(FeedbackFormDraft).one().content
    assert [(part["id"], len(part["questions"])) for part in content["sections"]] == [("mere", 1), ("today", 2)]
    assert "Which doubt?" in words(owner, f"{draft}/sections/mere/remove")
    owner.press(f"{draft}/sections/mere/remove")
    assert [part["id"] for part in session.query(FeedbackFormDraft).one().content["sections"]] == ["today"]


def test_a_heading_is_changed(owner, session, forms):
    draft = owner.press(f"/owner/forms/{forms['after']}/edit").location
    assert fill_in(owner, f"{draft}/heading", **{"title-da": "Bagefter", "intro-da": "Kort."}).status_code == 303
    content = session.query(FeedbackFormDraft).one().content
    assert (content["title"]["da"], content["intro"], content["asks_first"]) == ("Bagefter", {"da": "Kort."}, False)


def test_a_new_form_is_begun_compared_by_copying_and_published(owner, session, world, forms):
    course = f"/owner/courses/{world.ours.course.id}/forms"
    owner.page(f"{course}/new")
    asked = {"title-da": "Senere", "audience": "staff", "moment": "later", "anonymous": "y", "compares_with": "before"}
    answer = fill_in(owner, f"{course}/new", **asked)
    assert answer.status_code == 303, answer.text
    draft = answer.location
    assert fill_in(owner, f"{course}/new", **asked, key="senere").status_code == 422
    assert "Senere" in words(owner, course)
    assert "asks nothing yet" in words(owner, draft)
    assert owner.get(f"{draft}/file").status_code == 404
    copied = owner.press(f"{draft}/copy", section="senere", question="before:notice")
    assert copied.status_code == 303
    assert owner.get(f"{draft}/file").status_code == 200
    assert owner.press(f"{draft}/publish").status_code == 303
    made = session.query(FeedbackForm).filter_by(course_id=world.ours.course.id, key="senere").one()
    assert (made.moment, made.audience, made.compares_with) == ("later", ["staff"], "before")


def test_an_id_that_took_other_answers_before_is_refused_when_published(owner, draft):
    owner.press(f"{draft}/questions/which-doubt/remove")
    fill_in(owner, f"{draft}/sections/today/questions/new?type=rating", **{"text-da": "x", "key": "which-doubt"})

    page = owner.press(f"{draft}/publish")

    assert page.status_code == 422
    assert re.search(r"“which-doubt” took other answers in version 1", page.text)


def test_a_form_is_retired_and_taken_up_again(owner, session, world, forms):
    path = f"/owner/forms/{forms['before']}"
    listed = f"/owner/courses/{world.ours.course.id}/forms"
    assert owner.press(f"{path}/retire").status_code == 303
    assert "No longer asked" in words(owner, listed)
    assert "Nobody is asked this form any more" in words(owner, path)
    assert owner.press(f"{path}/take-up").status_code == 303
    assert "No longer asked" not in words(owner, listed)


def test_a_form_that_would_compare_what_is_answered_waits_for_the_next_round(owner, session, world, forms, clock):
    path, course = f"/owner/forms/{forms['after']}", session.merge(world.ours.course)
    owner.press(f"{path}/retire")
    clock.advance(minutes=1)
    open_round(session, course).closed_at = clock.time
    session.flush()
    round_ = start_round(session, course=course, by=None)
    given = {"about": "", "person_id": world.ours.learner.id, "audience": "staff"}
    session.add(FeedbackReceipt(round_id=round_.id, form_id=forms["before"], **given))
    session.commit()

    listed = owner.press(f"{path}/take-up").location

    page = words(owner, listed)
    assert "The question with the id “notice” has been answered in this round" in page
    assert "No longer asked" in page


def test_a_draft_is_thrown_away_only_when_asked_twice(owner, session, draft):
    assert "gone then" in words(owner, f"{draft}/drop")
    assert session.query(FeedbackFormDraft).count() == 1
    assert owner.press(f"{draft}/drop").status_code == 303
    assert session.query(FeedbackFormDraft).count() == 0


def test_another_houses_forms_are_nowhere(owner, world, forms):
    for path in (f"/owner/forms/{forms['their before']}", f"/owner/courses/{world.theirs.course.id}/forms"):
        assert owner.get(path).status_code == 404
    assert owner.press(f"/owner/forms/{forms['their before']}/edit").status_code == 404
    assert owner.press(f"/owner/forms/{forms['their before']}/retire").status_code == 404


def test_answers_by_name_are_read_by_the_house_and_it_is_noted(owner, browser, session, installation, world, clock):
    side = world.ours
    questions = every_type()
    named, round_ = ask(session, side.course, form_file("named", anonymous=False, questions=questions))
    hidden, _ = ask(session, side.course, form_file("hidden"))
    given = {
        "notice": "4",
        "one": "daycare",
        "many": ["school"],
        "years": "7",
        "places": {"school": "2"},
        "word": "Tak",
    }
    respondent = Respondent(side.learner.id, Audience.STAFF, side.municipality.id, "school")
    about = {"form": named, "round_": round_, "respondent": respondent}
    save_draft(session, **about, answers={"word": "Draft"})
    session.commit()

    path = f"/owner/forms/{named.id}/answers"
    assert "Draft" not in words(owner, path)
    submit_response(session, installation.tokens, **about, answers=given)
    session.commit()
    said = words(owner, path)

    assert side.learner.name in said
    for answer in ("Point 4", "Daycare", "School Point 2", "7", "Tak"):
        assert answer in said
    assert session.scalars(select(AuditEvent).where(AuditEvent.kind == "feedback.named_answers.read")).all()
    assert browser().signed_in_as(world.theirs.owner).get(path).status_code == 404
    assert owner.get(f"/owner/forms/{hidden.id}/answers").status_code == 404


def test_a_passage_is_taken_out_of_answers_by_name_before_any_text_is_out(owner, session, installation, world):
    side, child = world.ours, "Mette Canary of Nordbyen"
    named, round_ = ask(session, side.course, form_file("named", anonymous=False, questions=every_type()))
    answers = {"notice": "4", "one": "school", "word": f"Ask {child}", "more": f"{child}, and {child}'s brother"}
    respondent = Respondent(side.learner.id, Audience.STAFF, side.municipality.id, "school")
    submit_response(session, installation.tokens, form=named, round_=round_, respondent=respondent, answers=answers)
    session.commit()
    path = f"/owner/forms/{named.id}/answers"
    response = session.scalars(select(NamedResponse)).one()

    for passage in ("Somebody else", "school", ""):
        assert owner.press(path, response=str(response.id), passage=passage).status_code == 422, "an option is no text"
    assert owner.press(path, response=str(response.id + 1), passage=child).status_code == 404
    owner.press(path, response=str(response.id), passage=child)

    session.expire_all()
    kept = [row.answers for model in (NamedResponse, SpooledResponse) for row in session.scalars(select(model))]
    assert kept == [{"notice": 4, "one": "school", "word": "Ask […]", "more": "[…], and […]'s brother"}] * 2
    assert "Ask […]" in words(owner, path)
    event = session.scalars(select(AuditEvent).where(AuditEvent.kind == "evaluation.named_answer.redacted")).one()
    assert event.data == {"round_id": round_.id, "response_id": response.id}

    session.execute(delete(SpooledResponse))
    session.add(
        FeedbackText(
            id="1" * 32, round_id=round_.id, form_id=named.id, question="word", audience="staff", may_quote=True,
            text="Ask […]",
        )
    )  # fmt: skip
    session.commit()
    owner.press(path, response=str(response.id), passage="Ask")
    session.expire_all()
    assert session.scalars(select(FeedbackText.text)).one() == "[…] […]", "released in the meantime"
