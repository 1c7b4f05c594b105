"""Forms speak our words: WTForms ships neither Danish nor Nynorsk messages."""

import inspect
from importlib import import_module

import pytest
from wtforms import Field
from wtforms.validators import InputRequired, Length, NumberRange

from elearn.app import Elearn
from elearn.web.forms import Form
from tests.rules.test_source import modules

pytestmark = pytest.mark.looks

FORMS = [
    form
    for name in modules("forms.py")
    for _, form in inspect.getmembers(import_module(name), inspect.isclass)
    if issubclass(form, Form) and form.__module__ == name
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_refusal_has_words_of_ours(app: Elearn, form: type[Form]) -> None:
    with app.test_request_context():
        fields: list[Field] = list(form(formdata=None, meta={"csrf": False}))
    mute = [
        f"{field.name}: {type(validator).__name__}"
        for field in fields
        for validator in field.validators
        if isinstance(validator, InputRequired | Length | NumberRange) and not validator.message
    ]

    assert not mute, f"give these a message: {mute}"


def test_a_message_of_wtforms_own_is_filled_in_by_wtforms(app: Elearn) -> None:
    from wtforms import StringField

    class Short(Form):
        word = StringField(validators=[Length(max=3)])

    with app.test_request_context(method="POST", data={"word": "too long"}):
        form = Short(meta={"csrf": False})
        assert not form.validate()
        assert form.word.errors == ["Field cannot be longer than 3 characters."]
