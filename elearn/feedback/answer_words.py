"""What was answered, in the form's own words: for whoever may read answers by name."""

from typing import Any

from elearn.feedback.form_files import FormFile
from elearn.feedback.questions import Matrix, MultipleChoice, QuestionFile, Scale, SingleChoice
from elearn.feedback.words import Choice, say


def answered(form: FormFile, answers: dict[str, Any], language: str) -> list[tuple[str, list[str]]]:
    """Return the questions that were answered, each with its answer in lines, in the form's order."""
    return [
        (str(say(question.text, language)), _lines(question, answers[question.id], language))
        for question in form.questions()
        if question.id in answers
    ]


def _lines(question: QuestionFile, answer: Any, language: str) -> list[str]:
    match question:
        case Scale():
            return [str(say(question.labels[answer - 1], language))]
        case SingleChoice():
            return [_choice(question.options, answer, language)]
        case MultipleChoice():
            return [_choice(question.options, each, language) for each in answer]
        case Matrix():
            points = {row: say(question.labels[point - 1], language) for row, point in answer.items()}
            return [f"{_choice(question.rows, row, language)} {point}" for row, point in points.items()]
        case _:
            return [str(answer)]


def _choice(choices: list[Choice], key: str, language: str) -> str:
    return next(str(say(each.text, language)) for each in choices if each.id == key)
