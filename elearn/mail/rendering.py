"""Turning a queued letter into a message: plain text and HTML, in the recipient's language."""

from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template, select_autoescape

from elearn.core import i18n
from elearn.core.installation import Installation
from elearn.mail.mailboxes import NoMailbox, mailbox
from elearn.mail.models import Letter
from elearn.mail.transport import AddressRefused

PACKAGE = Path(__file__).parent.parent


def render(installation: Installation, letter: Letter) -> EmailMessage:
    """Render a letter. Its Message-ID is the same at every attempt, so that a mail server can drop a double.

    Raises `AddressRefused` when no letter can be addressed to the recipient.
    """
    settings = installation.settings
    values = dict(letter.context, public_url=settings.public_url)
    if letter.token_purpose and letter.token_nonce:
        values["token"] = installation.tokens.reveal(letter.token_purpose, letter.token_nonce)
    feature, name = letter.kind.split("/")
    with i18n.speaking(letter.language):
        subject = _template(f"{feature}/{name}/subject.txt").render(values)
        values["subject"] = subject.strip()
        text = _template(f"{feature}/{name}/body.txt").render(values)
        html = _template(f"{feature}/{name}/body.html").render(values, language=letter.language)
    message = EmailMessage()
    message["From"] = settings.mail_from
    try:
        message["To"] = mailbox(letter.recipient)
    except NoMailbox as error:
        raise AddressRefused(str(error)) from error
    if letter.reply_to:
        message["Reply-To"] = mailbox(letter.reply_to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(letter.queued_at)
    message["Message-ID"] = f"<letter-{letter.id}@{urlsplit(settings.public_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    message["Content-Language"] = letter.language  # at the end: setting the content drops all Content- headers
    return message


@cache
def _environment() -> Environment:
    features = {folder.parent.parent.name: FileSystemLoader(folder) for folder in PACKAGE.glob("*/templates/emails")}
    environment = Environment(
        loader=PrefixLoader(features),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(i18n.gettext, i18n.fitting_form, newstyle=True)  # type: ignore[attr-defined]  # from the extension
    environment.filters["day"] = i18n.format_day
    environment.filters["minutes"] = i18n.format_minutes
    return environment


def _template(name: str) -> Template:
    return _environment().get_template(name)
