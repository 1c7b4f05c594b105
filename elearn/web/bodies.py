"""How much one request may bring: 1 MB, and more only where a view says so."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

View = TypeVar("View", bound=Callable[..., Any])


def takes_up_to(most_bytes: int, too_large: str) -> Callable[[View], View]:
    """Let a view take a larger request; stands below the access rule. `too_large` is the cure, on the 413 page."""

    def decorate(view: View) -> View:
        view.most_bytes, view.too_large = most_bytes, too_large  # type: ignore[attr-defined]  # functions take attributes
        return view

    return decorate


def init_app(app: Flask) -> None:
    """Let requests be as large as their view says; before anything reads the form."""
    app.before_request(allow)


def allow() -> None:
    """Set the limit of this request."""
    view = current_app.view_functions.get(request.endpoint or "")
    most_bytes: int | None = getattr(view, "most_bytes", None)
    if most_bytes is not None:
        request.max_content_length = request.max_form_memory_size = most_bytes
        g.too_large = str(getattr(view, "too_large", ""))
