"""Handing in a list, looking at what would happen, correcting, confirming: the same for buyers and owners."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.catalogue.queries import titles
from elearn.core import clock
from elearn.core.i18n import LANGUAGES, language, ngettext, quoted
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.core.scope import MunicipalityScope, OperatorScope
from elearn.home.lists import page_number
from elearn.home.people_lists import preview, words
from elearn.home.seat_drawing import seat_cells
from elearn.licensing import handed_in, seat_lists, services
from elearn.licensing.errors import LicenceEnded, NoAddressColumn, NobodyToInvite, NotEnoughSeats
from elearn.licensing.forms import SeatListForm
from elearn.licensing.lists.plan import Fate
from elearn.licensing.lists.words import Field
from elearn.licensing.models import Licence, SeatList, SeatListState
from elearn.licensing.services import from_list
from elearn.organisations.queries import departments
from elearn.organisations.sectors import SECTORS
from elearn.web.bodies import takes_up_to
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session

MOST_BYTES = 5_000_000

takes_a_list = takes_up_to(
    MOST_BYTES,
    _l(
        "A list may be at most 5 MB; 10,000 people take about half of one. Delete pictures and other sheets, "
        "or save the sheet as CSV. Nothing was changed."
    ),
)
"""Lets a view take a list as large as lists may be; stands below the access rule."""


@dataclass(frozen=True)
class Desk:
    """Who manages seats, and whose pages they do it on."""

    scope: OperatorScope
    pages: str
    """The blueprint, which has the pages `licence`, `new_list`, `seat_list` and `change_list`."""
    list_id: str = "list_id"
    """What the addresses of those pages call a list."""

    @property
    def layout(self) -> str:
        """The template that these pages extend."""
        return f"{self.pages}/layout.html"

    def of_licence(self, page: str, licence_id: int) -> str:
        """Return the address of a page of a licence."""
        return url_for(f"{self.pages}.{page}", licence_id=licence_id)

    def of_list(self, list_id: int, page: str = "seat_list", **more: Any) -> str:
        """Return the address of a list's page."""
        ids: dict[str, Any] = {self.list_id: list_id}
        return url_for(f"{self.pages}.{page}", **ids, **more)


def hand_in(desk: Desk, licence: Licence) -> SeatListForm | AnyResponse:
    """Take a list of people as it is, and lead to its page; or return the form, to be filled in or corrected."""
    country = licence.municipality.country
    today = clock.today(country)
    form = SeatListForm(
        first=today,
        last=max(today, licence.ends_on),
        language="da" if country == "DK" else "nb",
        holds_until=services.holds_until(licence),
    )
    if licence.has_ended or not form.validate_on_submit():
        return form
    taken = from_list.hand_in_list(
        current_session(),
        licence=licence,
        content=request.form["rows"].encode() if form.rows.data else form.file.data.read(),
        file_name=_file_name(form.file.data),
        language=form.language.data,
        message=form.message.data,
        holds=form.holds_until.data,
        by_id=current_person().id,
    )
    return redirect(desk.of_list(taken.id), 303)


def show(desk: Desk, list_id: int) -> str:
    """Show how far a list is; once read, row by row what would happen. Raises `NotFound`."""
    found = handed_in.seat_list(current_session(), desk.scope, list_id)
    if found.state == SeatListState.READY:
        return _preview(current_session(), desk, found)
    refused = found.problem if found.state == SeatListState.REFUSED else None
    return render_template(
        "lists/state.html",
        desk=desk,
        list=found,
        refused=words.refusal(refused["what"], refused["row"]) if refused else None,
        title=_title(found.licence),
    )


def change(desk: Desk, list_id: int) -> AnyResponse:
    """Save corrections, skip rows, or invite; what was corrected is looked at once more before anybody is invited.

    Raises `NotFound`.
    """
    session, scope = current_session(), desk.scope
    found = handed_in.seat_list(session, scope, list_id)
    if found.state == SeatListState.READY:
        do = request.form.get("do")
        if do == "columns":
            _read_anew(session, scope, list_id)
            return redirect(desk.of_list(list_id), 303)
        has_changed = _save_corrections(session, scope, found)
        if do == "skip":
            from_list.skip_rows(session, scope=scope, list_id=list_id)
        elif do == "unskip":
            from_list.take_in_skipped(session, scope=scope, list_id=list_id)
        elif do == "invite" and has_changed:
            flash(_("Your corrections are saved. Look once more, then invite."))
        elif do == "invite":
            _invite(session, scope, list_id)
        elif has_changed:
            flash(_("Your corrections are saved."))
    return redirect(desk.of_list(list_id), 303)


def _read_anew(session: Session, scope: OperatorScope, list_id: int) -> None:
    """Read the columns as they were chosen; say why not."""
    places = preview.columns_in(request.form)
    if places is None:
        flash(_("Two columns were said to be the same. Choose each meaning once. Nothing was changed."), "note")
        return
    try:
        if not from_list.read_anew(session, scope=scope, list_id=list_id, places=places, by_id=current_person().id):
            flash(_("The file is not kept any longer. Choose it again."), "note")
    except NoAddressColumn:
        flash(_("Say which column holds the email addresses. Nothing was changed."), "note")


def _invite(session: Session, scope: OperatorScope, list_id: int) -> None:
    try:
        from_list.confirm_list(session, scope=scope, list_id=list_id, by_id=current_person().id)
    except NobodyToInvite:
        flash(_("There is nobody to invite. Nothing was changed."), "note")
    except LicenceEnded:
        flash(_("The licence has ended. Nothing was sent."), "note")
    except NotEnoughSeats as short:
        flash(_short(short.wanted, short.free), "note")


def _short(wanted: int, free: int) -> str:
    """Return how many seats lack, and what to do."""
    return ngettext(
        "%(num)d seat is missing: %(wanted)s people are new, and %(free)s seats are free. Nobody was invited. "
        "Take seats back, ask for more, or skip rows.",
        "%(num)d seats are missing: %(wanted)s people are new, and %(free)s seats are free. Nobody was invited. "
        "Take seats back, ask for more, or skip rows.",
        wanted - free,
        wanted=wanted,
        free=free,
    )


def _save_corrections(session: Session, scope: OperatorScope, found: SeatList) -> bool:
    """Save what was written and ticked; return whether anything was."""
    shown = preview.fixes(handed_in.plan_of(session, found))
    corrections = preview.corrections_in(request.form, shown)
    skipped = preview.skipped_in(request.form)
    if corrections:
        from_list.correct_list(session, scope=scope, list_id=found.id, corrections=corrections)
    if skipped:
        from_list.skip_rows(session, scope=scope, list_id=found.id, rows=skipped)
    return bool(corrections or skipped)


def _preview(session: Session, desk: Desk, found: SeatList) -> str:
    plan = handed_in.plan_of(session, found)
    fixes = preview.fixes(plan)
    new, columns = plan.of(Fate.INVITED), _columns(found)
    counts = seat_lists.licence(session, desk.scope, found.licence_id).counts
    shows_all = request.args.get("all") == "1"
    first = (page_number() - 1) * preview.ROWS_A_PAGE if shows_all else 0
    most = preview.ROWS_A_PAGE if shows_all else preview.FIRST_ROWS
    return render_template(
        "lists/preview.html",
        desk=desk,
        list=found,
        title=_title(found.licence),
        form=ButtonForm(),
        fixes=fixes[: preview.MOST_FIXES],
        more_fixes=max(0, len(fixes) - preview.MOST_FIXES),
        new=new,
        shown=new[first : first + most],
        shows_all=shows_all,
        page=page_number(),
        last_page=-(-len(new) // preview.ROWS_A_PAGE),
        wrong=plan.of(Fate.WRONG),
        seated=plan.of(Fate.SEATED),
        skipped=plan.of(Fate.SKIPPED),
        counts=counts,
        cells=seat_cells(counts, given=min(len(new), counts.free)),
        short=_short(len(new), counts.free) if len(new) > counts.free else "",
        consequences=preview.consequences(plan),
        columns=columns,
        column_choices=preview.column_choices(found.columns),
        meanings=[(str(field), words.field_name(field)) for field in Field],
        headings=", ".join(quoted(heading) for heading, _meaning in columns if heading),
        department_names={department.id: department.name for department in departments(session, _there(found.licence))},
        choices={
            "sector": [(code, str(name)) for code, name in SECTORS.items()],
            "role": preview.roles(),
            "language": list(LANGUAGES.items()),
        },
        sectors=SECTORS,
        role_name=words.role_name,
        language_name=LANGUAGES,
        rows=len(plan.rows),
    )


def _columns(found: SeatList) -> list[tuple[str, str]]:
    """Return heading and meaning of each column that was read."""
    return [(heading, words.field_name(Field(field))) for field, heading in found.columns["fields"]]


def _title(licence: Licence) -> str:
    return titles(current_session(), _there(licence), {licence.course_id}, language())[licence.course_id]


def _there(licence: Licence) -> MunicipalityScope:
    """Return the scope of the municipality whose seats are filled, whoever fills them."""
    return MunicipalityScope(licence.municipality_id, current_person().id)


def _file_name(file: FileStorage | None) -> str:
    """Return a file's name as it may be shown; it never becomes a path."""
    return "".join(letter for letter in (file.filename or "") if letter.isprintable()) if file else ""
