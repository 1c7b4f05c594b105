"""Demo mode's own pages: sign in as one of its people, and read the mail that the product would send."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts import addresses, signing
from elearn.accounts.models import EmailAddress, Person
from elearn.config import LOOPBACK
from elearn.home.demo_people import PEOPLE
from elearn.web import access
from elearn.web.session import current_session, installation

MAILS_SHOWN = 50

bp = Blueprint("demo", __name__, url_prefix="/demo", template_folder="templates")


@dataclass(frozen=True)
class Mail:
    """A letter as a list shows it."""

    name: str
    to: str
    subject: str


@bp.before_request
def refuse_other_names() -> None:
    """Serve this machine under its own name alone: a site whose name is turned to 127.0.0.1 could read along."""
    if not {request.host, request.host.rpartition(":")[0]} & LOOPBACK:
        abort(404)


@bp.get("")
@access.demo
def people() -> str:
    """Show who there is to be, and the mail."""
    return render_template("demo/people.html", people=PEOPLE, mails=_mails())


@bp.post("/sign-in/<key>")
@access.demo
def sign_in(key: str) -> AnyResponse:
    """Become one of the demo's people."""
    address = next((person.address for person in PEOPLE if person.key == key), None)
    if address is None:
        abort(404)
    person = current_session().scalar(
        select(Person).join(EmailAddress).where(EmailAddress.normalised == addresses.normalise(address))
    )
    if person is None:
        abort(404)
    signing.sign_in(person, door="demo")
    return redirect(url_for("home.start"), 303)


@bp.get("/mail/<name>")
@access.demo
def mail(name: str) -> Response:
    """Show a letter as its reader would see it."""
    message = _read(_path(name))
    html = message.get_body(("html", "plain"))
    assert html is not None
    response = make_response(html.get_content())
    response.mimetype = "text/html"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


def _mails() -> list[Mail]:
    folder = installation().settings.mail_folder
    newest = sorted(folder.glob("*.eml"), reverse=True)[:MAILS_SHOWN] if folder.is_dir() else []
    return [
        Mail(path.stem, str(message["To"]), str(message["Subject"])) for path in newest for message in [_read(path)]
    ]


def _path(name: str) -> Path:
    folder = installation().settings.mail_folder
    found = next((path for path in folder.glob("*.eml") if path.stem == name), None)
    return found or abort(404)


def _read(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return BytesParser(EmailMessage, policy=policy.default).parse(file)
