"""What made-up people answer: seeded, with a change from before to after whose true size is known exactly."""

import random
from collections.abc import Mapping
from typing import Any

from elearn.feedback.form_files import FormFile
from elearn.feedback.questions import (
    Matrix,
    MultipleChoice,
    Number,
    QuestionFile,
    Rating,
    Recommendation,
    Scale,
    SingleChoice,
)

BEFORE = (12, 28, 34, 20, 6)
"""How often each point of a scale is chosen before the course, of a hundred."""
GAINS = (
    {-1: 5, 0: 33, 1: 45, 2: 17},
    {-1: 6, 0: 44, 1: 40, 2: 10},
    {-1: 8, 0: 52, 1: 33, 2: 7},
)
"""How often people go up by so many points, of a hundred; the questions of a form take turns."""
OTHERWISE = (4, 8, 22, 40, 26)
RECOMMENDED = (1, 0, 1, 1, 2, 6, 7, 14, 26, 22, 20)
WRITES = 0.3
MAY_BE_QUOTED = 0.6
TEXTS = (
    "Jeg har fået et sprog til samtalen. Det har jeg manglet.",
    "Eksemplerne lignede min egen hverdag.",
    "Jeg tænker mere over, hvordan jeg begynder en samtale.",
    "Det var godt at kunne holde pause og vende tilbage.",
    "Vi har talt om filmene på et personalemøde.",
    "Jeg ville gerne have haft flere eksempler fra dagplejen.",
    "Nu ved jeg, hvem jeg kan ringe til i kommunen.",
    "Det kneb med tiden. Et kvarter ad gangen gik bedst.",
    "Jeg er blevet mindre bange for at sige noget forkert.",
    "Samarbejdet med skolen er blevet lettere.",
    "Jeg savner en opfølgning sammen med mine kolleger.",
    "Filmene er rolige og lette at forstå.",
    "Underteksterne hjalp mig meget.",
    "Jeg lægger mere mærke til de stille børn.",
    "Vi har lavet en fast aftale om at tale sammen hver fredag.",
    "Godt, at der var noget til os, der ikke er lærere.",
)


def true_change(form: FormFile, question: str) -> float:
    """Return the change that a compared scale of a form has among all people there could be."""
    points = range(1, len(BEFORE) + 1)
    gains = _gains(form, question)
    return sum(
        share * often * (_raised(point, gain) - point)
        for point, share in zip(points, BEFORE, strict=True)
        for gain, often in gains.items()
    ) / (sum(BEFORE) * sum(gains.values()))


def answers(form: FormFile, chance: random.Random, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return one person's clean answers; those to questions in `before` have changed since."""
    given: dict[str, Any] = {}
    for question in form.questions():
        if not form.is_shown(question, given):
            continue
        earlier = before.get(question.id)
        if isinstance(question, Scale) and isinstance(earlier, int):
            gains = _gains(form, question.id)
            given[question.id] = _raised(earlier, chance.choices(list(gains), list(gains.values()))[0])
        elif (answer := _answer(question, chance, is_before=form.moment == "before-start")) is not None:
            given[question.id] = answer
    return given


def _gains(form: FormFile, question: str) -> dict[int, int]:
    place = [each.id for each in form.questions()].index(question)
    return GAINS[place % len(GAINS)]


def _raised(point: int, gain: int) -> int:
    return min(max(point + gain, 1), len(BEFORE))


def _answer(question: QuestionFile, chance: random.Random, *, is_before: bool) -> Any:
    match question:
        case Scale() | Rating():
            return _point(chance, len(question.values()), is_before=is_before)
        case Matrix():
            return {row: _point(chance, len(question.labels), is_before=is_before) for row in question.items()}
        case Recommendation():
            return chance.choices(question.values(), RECOMMENDED)[0]
        case Number():
            return min(question.most, question.least + int(chance.expovariate(0.4)))
        case SingleChoice():
            return chance.choice(question.values())
        case MultipleChoice():
            most = min(question.at_most or 3, len(question.options))
            chosen = chance.sample(question.items(), chance.randint(1, most))
            return [option for option in question.items() if option in chosen]
        case _:
            return chance.choice(TEXTS) if chance.random() < WRITES else None


def _point(chance: random.Random, points: int, *, is_before: bool) -> int:
    weights = BEFORE if is_before else OTHERWISE
    return chance.choices(range(1, points + 1), weights if points == len(weights) else None)[0]
