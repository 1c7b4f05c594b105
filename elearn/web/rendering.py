"""What every template can use, and the language each request speaks."""

from functools import lru_cache

from flask import Flask, current_app, request
from flask import session as cookie
from jinja2 import StrictUndefined

from elearn.core import i18n
from elearn.web import access
from elearn.web.client_strings import site_strings
from elearn.web.security import front_end
from elearn.web.session import installation

COLOUR_SCHEMES = ("auto", "light", "dark")
LONGEST_LANGUAGES = 500


def init_app(app: Flask) -> None:
    """Speak the right language and give templates their functions."""
    app.before_request(speak)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(i18n.gettext, i18n.fitting_form, newstyle=True)  # type: ignore[attr-defined]  # from the extension
    app.jinja_env.filters.update(
        day=i18n.format_day,
        clock=i18n.format_time,
        timecode=i18n.format_timecode,
        minutes=i18n.format_minutes,
        number=i18n.format_number,
        decimal=i18n.format_decimal,
        percent=i18n.format_percent,
        quoted=i18n.quoted,
    )
    app.jinja_env.globals.update(
        asset=asset,
        language=i18n.language,
        languages=i18n.LANGUAGES,
        house_name=_house_name,
        is_demo=_is_demo,
        here=_here,
        site_strings=site_strings,
        colour_scheme=_colour_scheme,
    )


def speak() -> None:
    """Speak the language chosen in this browser, else the best of those it asks for."""
    if request.endpoint and access.rule_of(current_app, request.endpoint) == "ticket":
        return  # neither segments nor progress reports say anything to a person
    chosen = cookie.get("language")
    i18n.set_language(chosen if chosen in i18n.LANGUAGES else _asked_for())


def _asked_for() -> str:
    """Return the best of our languages for this browser; what no browser sends is neither parsed nor remembered."""
    header = request.headers.get("Accept-Language", "")
    return _negotiated(header) if len(header) <= LONGEST_LANGUAGES else i18n.DEFAULT


@lru_cache(maxsize=256)
def _negotiated(_header: str) -> str:
    return i18n.negotiate(list(request.accept_languages.values()))


def asset(name: str) -> str:
    """Return the address of a built file by its entry name, such as 'site.css'."""
    return f"/static/build/{front_end()['files'][name]}"


def _house_name() -> str:
    return installation().settings.name


def _is_demo() -> bool:
    return installation().settings.demo


def _here() -> str:
    return request.full_path.rstrip("?")


def _colour_scheme() -> str:
    chosen = request.cookies.get("color_scheme", "auto")
    return chosen if chosen in COLOUR_SCHEMES else "auto"
