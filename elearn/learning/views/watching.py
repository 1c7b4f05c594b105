"""What the player calls: tickets and reports. Its answers are JSON; the contract is in docs/rules/watching.md."""

from flask import Response, jsonify, request
from sqlalchemy.exc import IntegrityError

from elearn.catalogue.queries import lesson_of_any_version, open_module
from elearn.core import i18n
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.learning import services
from elearn.learning.errors import BadReport, NoLiveSeat
from elearn.learning.reports import read_report, read_ticket_request
from elearn.learning.services import Admission, Played
from elearn.learning.views import bp
from elearn.media.admitting import admitted, folder_of
from elearn.media.models import Video
from elearn.media.queries import tracks
from elearn.media.tickets import TicketSigner
from elearn.organisations.access import house_scope, owner, person_scope
from elearn.web import access
from elearn.web.security import csrf
from elearn.web.session import current_session, installation


@bp.post("/learn/lessons/<int:lesson_id>/ticket")
@access.signed_in
def ticket(lesson_id: int) -> Response:
    """Admit a learner to a film for ten minutes more."""
    wanted = read_ticket_request(request.get_data())
    admission = services.admit(
        current_session(),
        person_scope(),
        lesson_id=lesson_id,
        language=wanted.language or i18n.language(),
        previous=_signer().read(wanted.claims),
    )
    return _admitted(admission)


@bp.post("/courses/<slug>/modules/<int:module_id>/lessons/<int:lesson_id>/ticket")
@access.anyone
def open_ticket(slug: str, module_id: int, lesson_id: int) -> Response:
    """Admit anyone to a film of an open module; nothing is recorded."""
    wanted = read_ticket_request(request.get_data())
    _course, module = open_module(current_session(), slug, module_id)
    lesson = next((lesson for lesson in module.lessons if lesson.id == lesson_id), None)
    if lesson is None:
        raise NotFound("no such lesson")
    return _admitted(services.admit_without_seat(lesson, wanted.language or i18n.language()))


@bp.post("/owner/preview/lessons/<int:lesson_id>/ticket")
@owner
def preview_ticket(lesson_id: int) -> Response:
    """Admit an owner to a film of their own house, also of an earlier version; nothing is recorded."""
    wanted = read_ticket_request(request.get_data())
    lesson = lesson_of_any_version(current_session(), house_scope(), lesson_id)
    return _admitted(services.admit_without_seat(lesson, wanted.language or i18n.language()))


@bp.post("/learn/lessons/<int:lesson_id>/watched")
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF is untyped
@access.ticket
def watched(lesson_id: int) -> Response:
    """Store what was played. The signed claims say who, what and since when, and are the proof against forgery."""
    report = read_report(request.get_data())
    claims = _signer().read(report.claims)
    if claims is None or claims.lesson_id != lesson_id or claims.person_id is None or claims.seat_id is None:
        return _refusal(403, "not_our_claims", "the claims were not signed for this film")
    report.check_within(claims.length_s)
    played = Played(
        ticket=claims,
        played_ranges=report.ranges,
        position_s=min(report.position, float(claims.length_s)),
        ended=report.ended,
        sequence=report.seq,
    )
    try:
        outcome = services.record_at_once(installation().database, played)
        if outcome is None:
            outcome = services.record_watched(current_session(), played)
    except IntegrityError as error:
        raise NoLiveSeat from error  # the account was deleted while the film was open
    return jsonify(
        id=report.id,
        progress=outcome.progress,
        refused=outcome.refused,
        renew=outcome.renew,
        completed={"module": outcome.module_completed, "course": outcome.course_completed},
    )


@bp.app_errorhandler(BadReport)
def bad_report(error: BadReport) -> Response:
    """Say what is wrong with a report; the player drops it."""
    return _refusal(400, "bad_report", str(error))


@bp.app_errorhandler(NoLiveSeat)
def no_live_seat(_error: NoLiveSeat) -> Response:
    """Say that the seat is gone, and what stays."""
    return _refusal(
        403,
        "seat_ended",
        _("Your seat in this course has ended. What you have seen, your notes and your certificate stay yours."),
    )


def _admitted(admission: Admission) -> Response:
    """Answer with the claims and where the film is, and set the ticket cookie on the film's own path."""
    folder = folder_of(admission.ticket)
    video = current_session().get_one(Video, admission.film.video_id)
    pictures = video.manifest.get("thumbnails")  # films published before there were any have none
    return admitted(
        installation(),
        admission.ticket,
        cookie_path=f"/media/{video.id}/",
        tracks=[
            {"lang": track.language, "label": track.label, "src": f"{folder}/{track.file}", "kind": "captions"}
            for track in tracks(video)
        ],
        thumbnails=f"{folder}/{pictures}" if pictures else None,
        progress=admission.progress,
    )


def _signer() -> TicketSigner:
    return TicketSigner(installation().tokens)


def _refusal(status: int, code: str, reason: str) -> Response:
    response = jsonify(error=reason, code=code)
    response.status_code = status
    return response
