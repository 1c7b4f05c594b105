"""Free texts: who reads them, what is taken out of them, and what they are about."""

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.core.audit import AuditEvent
from elearn.core.scope import HouseScope
from elearn.evaluation import texts
from elearn.evaluation.errors import ThemeTaken
from elearn.evaluation.services import moderating
from elearn.feedback.form_files import Audience
from elearn.feedback.models import FeedbackForm, FeedbackText, FeedbackTheme, NamedResponse, VersionSource
from elearn.feedback.services.answering import Respondent, submit_response
from elearn.feedback.services.publishing import publish_form
from elearn.jobs.models import Job
from tests.evaluation.made_up import add_text, publish_round
from tests.evaluation.made_up import forms as made_up_forms
from tests.evaluation.rounds import start
from tests.feedback.forms import ask, long_text
from tests.feedback.forms import form_file as written_form_file

NAME = "Mette Canary of Nordbyen"


@pytest.fixture
def form(session: Session, round_) -> FeedbackForm:
    return session.scalars(
        select(FeedbackForm).where(FeedbackForm.key == "after", FeedbackForm.course_id == round_.course_id)
    ).one()


@pytest.fixture
def ten(session: Session, round_, form) -> list[FeedbackText]:
    made = [add_text(session, round_, form, f"Words {place}") for place in range(10)]
    session.commit()
    return made


def test_only_texts_that_are_out_are_read_and_reading_is_noted(owner, session, round_, form, ten):
    add_text(session, round_, form, "Still waiting", is_out=False)
    session.commit()
    page = owner.page(f"/owner/evaluation/{round_.id}/texts")
    assert len(page.select(".ev-texts > li")) == 10
    assert "Still waiting" not in page.text
    read = session.scalars(select(AuditEvent).where(AuditEvent.kind == "evaluation.texts.read")).all()
    assert [event.data for event in read] == [{"round_id": round_.id, "page": 1}]
    owner.page(f"/owner/evaluation/{round_.id}/texts/{ten[0].id}")
    one = session.scalars(select(AuditEvent).where(AuditEvent.kind == "evaluation.text.read")).one()
    assert one.data == {"round_id": round_.id, "text_id": ten[0].id}
    assert owner.get(f"/owner/evaluation/{round_.id}/texts?question=\u00b2.better").status_code == 200
    waiting = session.scalars(select(FeedbackText).where(FeedbackText.is_out.is_(False))).one()
    assert owner.get(f"/owner/evaluation/{round_.id}/texts/{waiting.id}").status_code == 404


def test_the_words_of_a_question_stay_with_its_texts_when_it_is_asked_no_more(owner, session, round_, form, ten):
    content = made_up_forms()[1]
    assert form.key == content.id
    left = [part.model_copy(update={"questions": part.questions[:1]}) for part in content.sections]
    later = content.model_copy(update={"sections": left})
    publish_form(session, course=round_.course, form=later, source=VersionSource.FILE, by=None)
    session.commit()

    page = owner.page(f"/owner/evaluation/{round_.id}/texts")

    assert "What could be better?" in page.select_one(".ev-texts").text


def test_a_sector_is_told_where_the_text_says_so(owner, session, round_, form, ten):
    ten[0].tells_sector = True
    add_text(session, round_, form, "Nobody else", sector="police")
    session.commit()
    page = owner.page(f"/owner/evaluation/{round_.id}/texts")
    assert "Schools" in page.select_one(".ev-texts").text
    assert "Police" not in page.select_one(".ev-texts").text


def test_texts_tell_their_sector_from_the_day_they_come_out_or_never(session: Session) -> None:
    """A text whose sector appeared as the tenth would be of whoever of that sector got through in the days before."""
    round_ = start(session, written_form_file(questions=[long_text()]))

    def told_after(*given: tuple[str, int]) -> set[tuple[str | None, int]]:
        for sector, number in given:
            for place in range(number):
                round_.answer("after", 0, sector, {"more": f"Words {place}"})
        round_.release()
        telling = select(FeedbackText.sector, func.count()).where(FeedbackText.tells_sector)
        return {(row[0], row[1]) for row in session.execute(telling.group_by(FeedbackText.sector))}

    assert told_after(("police", 9), ("school", 9)) == set()
    assert told_after(("police", 1), ("nav", 9)) == set(), "the tenth of the police is the only one of its week"
    assert told_after(("police", 9)) == set(), "they wait for a tenth"
    assert told_after(("police", 5)) == {("police", 14)}


def test_the_texts_that_tell_no_sector_are_none_or_ten(session: Session) -> None:
    """One alone would be of the sector that is left, and of the only teacher who answered."""
    round_ = start(session, written_form_file(questions=[long_text(key) for key in ("one", "two", "three")]))
    round_.answers("after", 0, "health", "one", ["Words"] * 12)
    round_.answers("after", 0, "school", "one", ["Words"])
    round_.answers("after", 0, "health", "two", ["Words"] * 12)
    round_.answers("after", 0, "school", "two", ["Words"] * 10)
    round_.answers("after", 0, None, "two", ["Words"])
    round_.answers("after", 0, "health", "three", ["Words"] * 12)
    for sector in ("school", "nav"):
        round_.answers("after", 0, sector, "three", ["Words"] * 5)

    round_.release()

    shown = (FeedbackText.question, FeedbackText.sector)
    telling = select(*shown, func.count()).where(FeedbackText.is_out, FeedbackText.tells_sector).group_by(*shown)
    assert {tuple(row) for row in session.execute(telling)} == {("two", "health", 12), ("three", "health", 12)}


def test_a_text_comes_out_and_tells_its_sector_with_nine_others_of_its_audience(session: Session) -> None:
    round_ = start(session, written_form_file(audience=["staff", "leader"], questions=[long_text()]))

    def release(**given: tuple[int, int]) -> set[tuple[str, bool, int]]:
        for audience, (police, schools) in given.items():
            for sector in ["police"] * police + ["school"] * schools:
                round_.answer("after", 0, sector, {"more": "Words"}, audience=audience)
        round_.release()
        shown = (FeedbackText.audience, FeedbackText.tells_sector)
        out = session.execute(select(*shown, func.count()).where(FeedbackText.is_out).group_by(*shown))
        return {(row[0], row[1], row[2]) for row in out}

    assert release(staff=(9, 0), leader=(6, 0)) == set()
    assert release(staff=(5, 0)) == {("staff", True, 14)}
    assert release(leader=(0, 5)) == {("staff", True, 14), ("leader", False, 11)}
    told_apart = {("staff", True, 14), ("leader", False, 11), ("staff", False, 10)}
    assert release(staff=(4, 6)) == told_apart, "ten of the police, but four of them staff and six leaders"


def test_closing_lets_no_fewer_than_ten_texts_out(session: Session) -> None:
    round_ = start(session, written_form_file(questions=[long_text(key) for key in ("few", "many")]))
    round_.answers("after", 0, "school", "few", ["Words"] * 12)
    round_.release()
    round_.answers("after", 0, "school", "few", ["Words"] * 9)
    round_.answers("after", 0, "school", "many", ["Words"] * 10)
    for town in range(1, 4):
        round_.answers("after", town, "school", "many", ["Words"] * 2)

    round_.close()

    texts_of = select(FeedbackText.question, FeedbackText.is_out, func.count()).group_by(
        FeedbackText.question, FeedbackText.is_out
    )
    left = {(row[0], row[1], row[2]) for row in session.execute(texts_of)}
    assert left == {("few", True, 12), ("many", True, 16)}, "six of small municipalities come with ten others"


def test_the_list_is_narrowed_and_stays_so_after_a_press(owner, session, round_, form, ten):
    path = f"/owner/evaluation/{round_.id}/texts"
    pressed = owner.press(f"{path}/{ten[0].id}/state", state="approved", **{"from": "list", "kept_state": "new"})
    assert pressed.location.endswith(f"/texts?state=new#t-{ten[0].id}")
    assert len(owner.page(f"{path}?state=approved").select(".ev-texts p.ev-text")) == 1
    assert len(owner.page(f"{path}?question={form.id}.better").select(".ev-texts p.ev-text")) == 10
    assert len(owner.page(f"{path}?question={form.id}.else").select(".ev-texts p.ev-text")) == 0
    owner.press(f"{path}/{ten[0].id}/state", state="new")
    assert len(owner.page(f"{path}?state=approved").select(".ev-texts p.ev-text")) == 0
    owner.press(f"{path}/{ten[0].id}/state", state="anything")
    session.expire_all()
    assert session.get_one(FeedbackText, ten[0].id).state == "new"


def test_a_passage_that_is_taken_out_is_nowhere_any_more(owner, session, round_, form):
    said = add_text(session, round_, form, f"Ask {NAME}, and {NAME} again.")
    session.commit()
    path = f"/owner/evaluation/{round_.id}/texts/{said.id}"
    assert owner.press(path, passage="Somebody else").status_code == 422

    owner.press(path, passage=NAME)

    session.expire_all()
    assert session.get_one(FeedbackText, said.id).text == "Ask […], and […] again."
    assert "a passage was taken out" in owner.page(path).text
    for table in inspect(session.connection()).get_table_names():
        for row in session.execute(text(f'SELECT * FROM "{table}"')):
            assert NAME not in str(tuple(row)), table
    assert session.scalars(select(Job).where(Job.name == "evaluation.rewrite_texts")).all()
    assert session.scalars(select(AuditEvent).where(AuditEvent.kind == "evaluation.text.redacted")).one()


def test_a_passage_is_taken_out_of_the_answers_under_the_name_as_well(owner, session, installation, world) -> None:
    side = world.ours
    asked, open_ = ask(session, side.course, written_form_file("named", anonymous=False, questions=[long_text()]))
    said = f"Ask {NAME} about it."
    respondent = Respondent(side.learner.id, Audience.STAFF, side.municipality.id, "school")
    given = {"form": asked, "round_": open_, "respondent": respondent}
    submit_response(session, installation.tokens, answers={"more": said}, **given)
    other_words = NamedResponse(
        round_id=open_.id, form_id=asked.id, form_version_id=asked.current_version_id, about="", may_quote=False,
        person_id=side.leader.id, answers={"more": "Something else"}, saved_at=clock.now(), submitted_at=clock.now(),
    )  # fmt: skip
    session.add(other_words)
    shown = add_text(session, open_, asked, said, question="more")
    session.commit()

    owner.press(f"/owner/evaluation/{open_.id}/texts/{shown.id}", passage=NAME)

    session.expire_all()
    assert {row.answers["more"] for row in session.scalars(select(NamedResponse))} == {
        "Ask […] about it.",
        "Something else",
    }


def test_themes_are_made_counted_renamed_made_one_and_deleted(owner, session, round_, ten):
    path = f"/owner/evaluation/{round_.id}/texts"
    for place, name in ((0, "Time"), (1, "time"), (1, "Films"), (2, "Films")):
        owner.press(f"{path}/{ten[place].id}/themes", name=name)
    themes = {theme.name: theme.id for theme in session.scalars(select(FeedbackTheme))}
    assert set(themes) == {"Time", "Films"}, "the same name again is the same theme"
    assert next(row.text for row in owner.page(path).select("aside li .num")).startswith("2")
    assert len(owner.page(f"{path}?theme={themes['Films']}").select(".ev-texts p.ev-text")) == 2
    page = f"/owner/evaluation/{round_.id}/themes/{themes['Films']}"
    assert owner.press(page, name="TIME").status_code == 422
    owner.press(page, name="The films")
    owner.press(f"{page}/merge", into=str(themes["Time"]))
    assert [(theme.name, number) for theme, number in counted(session, round_)] == [("Time", 3)]
    owner.press(f"{path}/{ten[0].id}/themes", theme=str(themes["Time"]))
    assert [number for _theme, number in counted(session, round_)] == [2]
    owner.press(f"/owner/evaluation/{round_.id}/themes/{themes['Time']}/delete")
    assert counted(session, round_) == []
    assert session.get_one(FeedbackText, ten[1].id)


def test_others_themes_and_texts_are_not_there(owner, session, round_, ten, world):
    theirs = publish_round(session, session.merge(world.theirs.course), [])
    form = session.scalars(select(FeedbackForm).where(FeedbackForm.course_id == theirs.course_id)).first()
    said = add_text(session, theirs, form, "Theirs")
    by = session.get_one(Person, world.theirs.owner.id)
    theme = moderating.make_theme(session, round_=theirs, name="Theirs", by=by)
    mine = moderating.make_theme(session, round_=theirs, name="Mine", by=by)
    with pytest.raises(ThemeTaken):
        moderating.rename_theme(session, round_=theirs, theme=mine, name="theirs", by=by)
    session.commit()
    base = f"/owner/evaluation/{round_.id}"
    assert owner.get(f"{base}/texts/{said.id}").status_code == 404
    assert owner.press(f"{base}/texts/{said.id}/state", state="approved").status_code == 404
    assert owner.press(f"{base}/texts/{ten[0].id}/themes", theme=str(theme.id), about="yes").status_code == 404
    assert owner.press(f"{base}/themes/{theme.id}/delete").status_code == 404


def counted(session: Session, round_) -> list[tuple[FeedbackTheme, int]]:
    session.expire_all()
    scope = HouseScope(round_.course.course_house_id, 0)
    return [(row.theme, row.texts) for row in texts.themes(session, scope, round_.id)]
