"""The base of every form, and fields that several features share."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import FieldList, FormField, PasswordField, ValidationError

from elearn.core.i18n import catalogue, gettext, language, lazy_gettext

MESSAGE_REQUIRED = lazy_gettext("Fill in this field.")


class _Catalogue:
    """Gives WTForms' own messages our languages: it ships neither Danish nor Nynorsk.

    WTForms fills in the values itself, by names of its own.
    """

    def gettext(self, message: str) -> str:
        return gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(catalogue(language()).ngettext(singular, plural, n))


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """A form that speaks our languages and strips what people type."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF is untyped
        """Settings of WTForms."""

        def get_translations(self, _form: Any) -> _Catalogue:
            """Use the product's catalogue."""
            return _Catalogue()

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Strip every text that is typed in but passwords, which are taken exactly."""
            if issubclass(unbound_field.field_class, (PasswordField, FieldList, FormField)):  # fields strip their own
                return unbound_field.bind(form=form, **options)
            filters = [*unbound_field.kwargs.get("filters", ()), _strip]
            return unbound_field.bind(form=form, filters=filters, **options)


class ButtonForm(Form):
    """A form that is only a button: it carries the CSRF token."""


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def no_control_characters(_form: Any, field: Any) -> None:
    """Refuse line breaks and other control characters in a one-line text: they could forge headers."""
    if any(ord(character) < 32 or ord(character) == 127 for character in field.data or ""):
        raise ValidationError(gettext("Write this on one line."))
