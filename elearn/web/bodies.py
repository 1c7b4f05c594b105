"""How much one request may bring: 1 MB, and more only where a view says so.

A body that a view reads itself, block by block, may be of any size: it is never in memory as a whole.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

ANY_SIZE = 2**62
"""What the view itself holds against its own limit; None would bring the application's back."""
View = TypeVar("View", bound=Callable[..., Any])


def takes_up_to(most_bytes: int, too_large: str) -> Callable[[View], View]:
    """Let a view take a larger request; stands below the access rule. `too_large` is the cure, on the 413 page."""

    def decorate(view: View) -> View:
        view.most_bytes, view.too_large = most_bytes, too_large  # type: ignore[attr-defined]  # functions take attributes
        return view

    return decorate


def takes_stream(mimetype: str) -> Callable[[View], View]:
    """Let a view read a body of this type as it comes, whatever its size; stands below the access rule."""

    def decorate(view: View) -> View:
        view.streamed_mimetype = mimetype  # type: ignore[attr-defined]  # functions take attributes
        return view

    return decorate


def init_app(app: Flask) -> None:
    """Let requests be as large as their view says; before anything reads the form."""
    app.before_request(allow)


def allow() -> None:
    """Set the limit of this request."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.mimetype == getattr(view, "streamed_mimetype", ""):
        request.max_content_length = ANY_SIZE
        return
    most_bytes: int | None = getattr(view, "most_bytes", None)
    if most_bytes is not None:
        request.max_content_length = request.max_form_memory_size = most_bytes
        g.too_large = str(getattr(view, "too_large", ""))
