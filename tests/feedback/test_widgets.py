"""Every type of question can be shown, read and refused in words."""

from pathlib import Path
from typing import get_args

import pytest

from elearn.feedback.errors import Fault
from elearn.feedback.forms import WIDGETS
from elearn.feedback.questions import QuestionFile

TYPES = get_args(get_args(QuestionFile)[0])
PARTS = Path(__file__).parents[2] / "elearn/feedback/templates/feedback/questions.html"


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_of_question_has_a_widget_and_its_macro(kind) -> None:
    assert kind in WIDGETS, f"{kind.__name__}: say in elearn/feedback/forms.py how it is shown"
    assert f'part == "{WIDGETS[kind].part}"' in PARTS.read_text()


def test_no_widget_is_left_over() -> None:
    assert set(WIDGETS) == set(TYPES)
    assert len(Fault) == 7, "a new fault needs its sentence in forms._message"
