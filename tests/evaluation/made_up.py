"""A round with published tables of made-up figures: what pages, files and papers are read from."""

import random
import uuid

from sqlalchemy.orm import Session

from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.evaluation.figures import Change, Estimate, Figure, Rate, stored, stored_rates
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.feedback.comparing import asked_forms, comparisons
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackBatch, FeedbackForm, FeedbackRound, FeedbackText, VersionSource
from elearn.feedback.services.publishing import open_round, publish_form
from elearn.organisations.models import Municipality

SCALE = [{"da": f"Trin {point}", "en": f"Step {point}"} for point in range(1, 6)]


def said(text: str) -> dict[str, str]:
    return {"da": f"{text} (da)", "en": text}


def scale(key: str, text: str) -> dict[str, object]:
    return {"id": key, "type": "scale", "text": said(text), "labels": SCALE}


def form(
    key: str, audience: str, moment: str, *sections: tuple[str, list], compares_with: str | None = None
) -> FormFile:
    return FormFile.model_validate(
        {
            "id": key,
            "title": said(f"Form {key}"),
            "audience": [audience],
            "moment": moment,
            "compares_with": compares_with,
            "sections": [
                {"id": f"s-{level}", "title": said(level), "level": level, "questions": questions}
                for level, questions in sections
            ],
        }
    )


def forms() -> list[FormFile]:
    abilities = [scale("notice", "I notice"), scale("talk", "I talk")]
    return [
        form("before", "staff", "before-start", ("learning", abilities)),
        form(
            "after",
            "staff",
            "completion",
            ("learning", abilities),
            (
                "reaction",
                [
                    {"id": "recommend", "type": "recommendation", "text": said("Would you recommend it?")},
                    {"id": "better", "type": "long_text", "text": said("What could be better?")},
                ],
            ),
            compares_with="before",
        ),
        form(
            "practice",
            "staff",
            "later",
            (
                "behaviour",
                [
                    {
                        "id": "done",
                        "type": "multiple",
                        "text": said("What have you done?"),
                        "options": [
                            {"id": "asked", "text": said("Asked a child")},
                            {"id": "wrote", "text": said("Wrote it down")},
                        ],
                    }
                ],
            ),
        ),
        form("leader-before", "leader", "before-start", ("results", abilities)),
        form("leader-after", "leader", "completion", ("results", abilities), compares_with="leader-before"),
    ]


def publish_round(
    session: Session,
    course: Course,
    municipalities: list[Municipality],
    *,
    asked: list[FormFile] | None = None,
    sectors: tuple[str, ...] = ("school", "daycare"),
    seed: int = 1,
) -> FeedbackRound:
    """Publish the forms of a course, and tables as a release would write them."""
    asked = asked or forms()
    for each in asked:
        publish_form(session, course=course, form=each, source=VersionSource.FILE, by=None)
    round_ = open_round(session, course)
    assert round_ is not None
    batch = FeedbackBatch(round_id=round_.id, released_at=clock.now())
    session.add(batch)
    session.flush()
    keys = {each.row.id: each.row.key for each in asked_forms(session, course.id)}
    found = comparisons(asked_forms(session, course.id), round_)
    compared = {(keys[later], question): keys[earlier] for (later, question), earlier in found.items()}
    chance = random.Random(seed)
    parts = [(TableKind.ALL, "", 212)]
    parts += [(TableKind.MUNICIPALITY, str(each.id), 40 + place) for place, each in enumerate(municipalities)]
    parts += [(TableKind.SECTOR, code, 25 + 5 * place) for place, code in enumerate(sectors)]
    for kind, key, n in parts:
        content = stored(_figures(chance, asked, n, compared, is_sector=kind == TableKind.SECTOR))
        session.add(PublishedTable(round_id=round_.id, kind=kind, key=key, batch_id=batch.id, content=content))
    ids = [None, *(each.id for each in municipalities)]
    rates = [
        Rate(each.id, str(audience), municipality_id, chance.randint(4, 9), False)
        for each in asked
        for audience in each.audience
        for municipality_id in ids
    ]
    session.add(
        PublishedTable(round_id=round_.id, kind=TableKind.RATES, key="", batch_id=batch.id, content=stored_rates(rates))
    )
    session.flush()
    return round_


def add_text(
    session: Session,
    round_: FeedbackRound,
    form: FeedbackForm,
    text: str,
    *,
    question: str = "better",
    **changed: object,
) -> FeedbackText:
    """Add a text that is out."""
    values = {"sector": "school", "may_quote": True, "is_out": True, "state": "new", "audience": "staff"} | changed
    added = FeedbackText(
        id=uuid.uuid4().hex, round_id=round_.id, form_id=form.id, question=question, text=text, **values
    )
    session.add(added)
    session.flush()
    return added


def _figures(
    chance: random.Random, asked: list[FormFile], n: int, compared: dict[tuple[str, str], str], *, is_sector: bool
) -> list[Figure]:
    figures = []
    befores = {(earlier, question) for (_later, question), earlier in compared.items()}
    for each in asked:
        for audience in each.audience:
            for question in each.questions():
                if question.is_text or (each.id, question.id) in befores:
                    continue
                for item in question.items():
                    about = "why-we-ask" if each.moment == "after-module" else ""
                    place = (each.id, str(audience), about, question.id, item)
                    if (each.id, question.id) in compared:
                        figures.append(Figure(*place, n, change=change(chance, n)))
                    elif not is_sector and question.values():
                        figures.append(_spread(chance, place, question, n))
    return figures


def change(chance: random.Random, n: int) -> Change:
    before, by, width = chance.uniform(2.2, 3.1), chance.uniform(0.5, 1.2), 1.4 / n**0.5
    return Change(n, _around(before, width), _around(before + by, width), _around(by, width), _around(0.9, width))


def _spread(chance: random.Random, place: tuple[str, ...], question: object, n: int) -> Figure:
    values = [str(value) for value in question.values()]  # type: ignore[attr-defined]
    picked = [max(chance.choice(values), chance.choice(values), key=values.index) for _answer in range(n)]
    counts = {value: picked.count(value) for value in values}
    if not question.has_mean:  # type: ignore[attr-defined]
        shares = {value: _around(count / n, 0.06) for value, count in counts.items()}
        return Figure(*place, n, counts=counts, shares=shares)
    mean = sum(int(value) * count for value, count in counts.items()) / n
    high = sum(count for value, count in counts.items() if len(values) == 11 and int(value) >= 9)
    low = sum(count for value, count in counts.items() if len(values) == 11 and int(value) <= 6)
    score = _around((high - low) * 100 / n, 6.0) if len(values) == 11 else None
    return Figure(*place, n, counts=counts, mean=_around(mean, 0.2), score=score)


def _around(value: float, width: float) -> Estimate:
    return Estimate(value, value - width, value + width)
