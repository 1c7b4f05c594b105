"""Filling seats from a list: handing it in, looking at what would happen, correcting, confirming."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core import clock
from elearn.core.i18n import LANGUAGES, ngettext
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.core.scope import MunicipalityScope
from elearn.home.buyer import list_preview, list_words
from elearn.home.buyer.choices import sector_choices
from elearn.home.buyer.pages import bp, course_title, licence_row, municipality, render_licence
from elearn.home.lists import page_number
from elearn.home.seat_drawing import seat_cells
from elearn.licensing import handed_in, seat_lists, services
from elearn.licensing.errors import LicenceEnded, NobodyToInvite, NotEnoughSeats
from elearn.licensing.forms import SeatListForm
from elearn.licensing.lists.plan import Fate
from elearn.licensing.lists.words import Field
from elearn.licensing.models import SeatList, SeatListState
from elearn.licensing.services import from_list
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.queries import departments
from elearn.organisations.sectors import SECTORS
from elearn.web.bodies import takes_up_to
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session

MOST_BYTES = 5_000_000


@bp.route("/licences/<int:licence_id>/list", methods=["GET", "POST"])
@buyer
@takes_up_to(
    MOST_BYTES,
    _l(
        "A list may be at most 5 MB; 10,000 people take about half of one. Delete pictures and other sheets, "
        "or save the sheet as CSV. Nothing was changed."
    ),
)
def new_list(municipality_id: int, licence_id: int) -> str | AnyResponse | Response:
    """Take a list of people as it is: nothing happens before it has been looked at."""
    row = licence_row(licence_id)
    today = clock.today(municipality().country)
    form = SeatListForm(
        first=today,
        last=max(today, row.licence.ends_on),
        language="da" if municipality().country == "DK" else "nb",
        holds_until=services.holds_until(row.licence),
    )
    if not row.licence.has_ended and form.validate_on_submit():
        handed_in = from_list.hand_in_list(
            current_session(),
            licence=row.licence,
            content=request.form["rows"].encode() if form.rows.data else form.file.data.read(),
            file_name=_file_name(form.file.data),
            language=form.language.data,
            message=form.message.data,
            holds=form.holds_until.data,
            by_id=current_person().id,
        )
        return redirect(url_for("buyer.seat_list", list_id=handed_in.id), 303)
    page = render_licence("buyer/new-list.html", row, "buyer.new_list", form=form, cells=seat_cells(row.counts))
    return make_response(page, 422) if form.errors else page


@bp.get("/lists/<int:list_id>")
@buyer
def seat_list(municipality_id: int, list_id: int) -> str:
    """Show how far a list is; once read, row by row what would happen."""
    session, scope = current_session(), municipality_scope()
    found = handed_in.seat_list(session, scope, list_id)
    if found.state == SeatListState.READY:
        return _preview(session, scope, found)
    refused = found.problem if found.state == SeatListState.REFUSED else None
    return render_template(
        "buyer/list-state.html",
        list=found,
        refused=list_words.refusal(refused["what"], refused["row"]) if refused else None,
        title=course_title(found.licence),
    )


@bp.post("/lists/<int:list_id>")
@buyer
def change_list(municipality_id: int, list_id: int) -> AnyResponse:
    """Save corrections, skip rows, or invite; what was corrected is looked at once more before anybody is invited."""
    session, scope = current_session(), municipality_scope()
    found = handed_in.seat_list(session, scope, list_id)
    if found.state == SeatListState.READY:
        do = request.form.get("do")
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
    return redirect(url_for("buyer.seat_list", list_id=list_id), 303)


def _invite(session: Session, scope: MunicipalityScope, list_id: int) -> None:
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


def _save_corrections(session: Session, scope: MunicipalityScope, found: SeatList) -> bool:
    """Save what was written and ticked; return whether anything was."""
    shown = list_preview.fixes(handed_in.plan_of(session, found))
    corrections = list_preview.corrections_in(request.form, shown)
    skipped = list_preview.skipped_in(request.form)
    if corrections:
        from_list.correct_list(session, scope=scope, list_id=found.id, corrections=corrections)
    if skipped:
        from_list.skip_rows(session, scope=scope, list_id=found.id, rows=skipped)
    return bool(corrections or skipped)


def _preview(session: Session, scope: MunicipalityScope, found: SeatList) -> str:
    plan = handed_in.plan_of(session, found)
    fixes = list_preview.fixes(plan)
    new, columns = plan.of(Fate.INVITED), _columns(found)
    counts = seat_lists.licence(session, scope, found.licence_id).counts
    shows_all = request.args.get("all") == "1"
    first = (page_number() - 1) * list_preview.ROWS_A_PAGE if shows_all else 0
    most = list_preview.ROWS_A_PAGE if shows_all else list_preview.FIRST_ROWS
    return render_template(
        "buyer/list-preview.html",
        list=found,
        title=course_title(found.licence),
        form=ButtonForm(),
        fixes=fixes[: list_preview.MOST_FIXES],
        more_fixes=max(0, len(fixes) - list_preview.MOST_FIXES),
        new=new,
        shown=new[first : first + most],
        shows_all=shows_all,
        page=page_number(),
        last_page=-(-len(new) // list_preview.ROWS_A_PAGE),
        wrong=plan.of(Fate.WRONG),
        seated=plan.of(Fate.SEATED),
        skipped=plan.of(Fate.SKIPPED),
        counts=counts,
        cells=seat_cells(counts, given=min(len(new), counts.free)),
        short=_short(len(new), counts.free) if len(new) > counts.free else "",
        consequences=list_preview.consequences(plan),
        columns=columns,
        headings=", ".join(f"“{heading}”" for heading, _meaning in columns if heading),
        department_names={department.id: department.name for department in departments(session, scope)},
        choices={
            "sector": sector_choices(),
            "role": list_preview.roles(),
            "language": list(LANGUAGES.items()),
        },
        sectors=SECTORS,
        role_name=list_words.role_name,
        language_name=LANGUAGES,
        rows=len(plan.rows),
    )


def _columns(found: SeatList) -> list[tuple[str, str]]:
    """Return heading and meaning of each column that was read."""
    return [(heading, list_words.field_name(Field(field))) for field, heading in found.columns["fields"]]


def _file_name(file: FileStorage | None) -> str:
    """Return a file's name as it may be shown; it never becomes a path."""
    return "".join(letter for letter in (file.filename or "") if letter.isprintable()) if file else ""
