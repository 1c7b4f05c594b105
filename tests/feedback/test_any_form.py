"""Whatever a course house asks within the schema can be shown, answered, kept, released, counted and handed out."""

import pytest
from flask import render_template
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from elearn.core.content_files import read_file
from elearn.core.i18n import speaking
from elearn.core.scope import HouseScope
from elearn.core.spreadsheets import as_csv, as_xlsx
from elearn.evaluation import export
from elearn.evaluation.queries import published_results
from elearn.feedback.form_changes import changes
from elearn.feedback.form_files import Audience, FormFile
from elearn.feedback.form_rules import breaches
from elearn.feedback.form_yaml import as_yaml
from elearn.feedback.forms import PREFIX, filled, response_form, sections
from elearn.feedback.models import NamedResponse
from elearn.feedback.questions import Matrix
from elearn.feedback.services.answering import Respondent, submit_response
from elearn.feedback.words import say
from tests.evaluation.rounds import start
from tests.feedback.any_form import answers, forms

RESPONDENTS = 12
"""Enough for everything but sectors' own figures: those that agree are not told apart either."""


def sent(form: FormFile, given_answers: dict) -> MultiDict:
    """Return what a browser sends."""
    fields = filled(form, given_answers)
    pairs = [(name, value) for name, said in fields.items() for value in (said if isinstance(said, list) else [said])]
    return MultiDict((name, str(value)) for name, value in pairs)


def everything(app, session, learner_id, tokens, folder, form, given_answers) -> None:
    path = folder / f"{form.id}.yaml"
    path.write_text(as_yaml(form))
    assert read_file(path, FormFile).value == form
    assert not list(breaches(form, [], ["da"]))
    assert changes(form, form) == []

    clean = [form.clean(each) for each in given_answers]
    with app.test_request_context():
        for raw, kept in zip(given_answers, clean, strict=True):
            shown = response_form(form)(formdata=sent(form, raw), meta={"csrf": False})
            assert form.clean(shown.raw_answers()) == kept
        for code in ("da", "nn"):
            with speaking(code):
                page = _page(form, code)
            for question in form.questions():
                names = question.items() if isinstance(question, Matrix) else [""]
                assert all(f'name="{PREFIX}{question.id}{"." if row else ""}{row}"' in page for row in names)

    round_ = start(session, form, towns=1)
    row = round_.form(form.id)
    who = Respondent(learner_id, Audience.STAFF, round_.towns[0], "school")
    submit_response(session, tokens, form=row, round_=round_.row, respondent=who, answers=given_answers[0])
    assert (session.query(NamedResponse).filter_by(form_id=row.id).count() == 1) is not form.anonymous
    for number in range(1, RESPONDENTS):
        round_.answer(form.id, 0, "school", clean[number % len(clean)])
    round_.release()

    figures = round_.figures()
    for question in form.questions():
        if all(question.id in said for said in clean):
            counted = {each.item for said in clean for each in question.counted(said[question.id])}
            assert all(figures[(question.id, item)].n == RESPONDENTS for item in counted), question
    scope = HouseScope(row.course.course_house_id, learner_id)
    told = list(export.rows(published_results(session, scope, round_.row.id), modules={}))
    assert len(told) >= len(figures)
    assert as_csv(export.header(), told)
    assert as_xlsx(export.header(), told)


def _page(form: FormFile, code: str) -> str:
    return render_template(
        "owner/forms/preview.html",
        row={"is_anonymous": form.anonymous},
        title=say(form.title, code),
        intro=None,
        sections=sections(response_form(form)(meta={"csrf": False}), code),
        occasion=None,
        house="House",
        has_text=True,
        is_compared=False,
        is_kept=False,
    )


def drive(count, app, session, world, tokens, folder) -> None:
    learner_id = world.ours.learner.id

    @settings(
        phases=[Phase.generate],
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.data())
    def try_one(data) -> None:
        form = data.draw(forms())
        given_answers = [data.draw(answers(form)) for _person in range(3)]
        savepoint = session.begin_nested()
        try:
            everything(app, session, learner_id, tokens, folder, form, given_answers)
        finally:
            savepoint.rollback()
            session.expunge_all()  # ids come again

    try_one()


def test_any_form_goes_all_the_way_from_its_file_to_the_figures(app, session, world, tokens, tmp_path):
    drive(8, app, session, world, tokens, tmp_path)


@pytest.mark.soak
def test_many_forms_go_all_the_way(app, session, world, tokens, tmp_path):
    drive(1000, app, session, world, tokens, tmp_path)
