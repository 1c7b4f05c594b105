"""The reminder's other three texts; the one before a new hire's day stands whole in tests/mail."""

import pytest

from elearn.mail.models import Letter
from elearn.mail.rendering import render
from tests.conftest import NOW


def text_of(installation, **changed: object) -> str:
    context = {"name": "Mette", "municipality": "Favrskov Kommune", "house": "Kursushuset", "day": "7 December"}
    context |= {"is_late": False, "is_refresher": False, "path": "/learn"} | changed
    letter = Letter(
        id=1, kind="training/reminder", recipient="m@x.example", language="en", context=context, queued_at=NOW
    )
    message = render(installation, letter)
    html = message.get_body(("html",)).get_content()
    text = message.get_body(("plain",)).get_content()
    sentence = text.splitlines()[2]
    assert sentence in html.replace("&#39;", "'"), "both parts say the same"
    return f"{message['Subject']}\n{text}"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"is_late": True}, "Favrskov Kommune asked you to finish a video course by 7 December. You can still do it;"),
        ({"is_refresher": True}, "Favrskov Kommune asks you to go through some modules again by 7 December."),
        (
            {"is_late": True, "is_refresher": True},
            "Favrskov Kommune asked you to go through some modules again by 7 December. You can still do it;",
        ),
    ],
)
def test_each_says_what_and_by_when(installation, changed: dict[str, object], said: str) -> None:
    assert said in text_of(installation, **changed)


def test_the_last_one_says_that_it_is_the_last(installation) -> None:
    assert "This is the last reminder about this." in text_of(installation, is_late=True)
    assert "You get at most one more reminder about this." in text_of(installation)
