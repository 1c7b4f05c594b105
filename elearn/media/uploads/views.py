"""The server's side of tus 1.0 (docs/uploads.md), for owners.

A sender may be slow: no transaction is open while bytes come, and they never take all threads of a web worker.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore

from flask import Blueprint, Response, abort, jsonify, request, url_for
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from elearn.accounts.signing import current_person
from elearn.core import clock
from elearn.core.errors import DomainError
from elearn.media.models import FilmUpload
from elearn.media.uploads import refusals, tus
from elearn.media.uploads.errors import LineCut, NoPlaceFree, NoRoom, TooManyBytes, WrongOffset
from elearn.media.uploads.folder import ALGORITHMS, BLOCK_BYTES, FULL, open_uploads
from elearn.media.uploads.queries import upload_of
from elearn.media.uploads.services import (
    ABANDONED_AFTER,
    NewUpload,
    begin_upload,
    drop_upload,
    note_arrival,
)
from elearn.organisations.access import house_scope, owner
from elearn.web.bodies import takes_stream
from elearn.web.lines import notice_dead_lines
from elearn.web.session import current_session, installation, release

bp = Blueprint("uploads", __name__, url_prefix="/owner/films/uploads")
GB = 10**9
TRY_AGAIN_S = 30


@bp.after_request
def _speak_tus(response: Response) -> Response:
    response.headers["Tus-Resumable"] = tus.VERSION
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("", methods=["OPTIONS"], provide_automatic_options=False)
@owner
def options() -> Response:
    """Say what this server can do."""
    headers = {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": ",".join(tus.EXTENSIONS),
        "Tus-Max-Size": str(_largest_bytes()),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return Response(status=204, headers=headers)


@bp.post("")
@owner
def begin() -> Response:
    """Make ready for a film's file; the answer's Location is where its bytes go."""
    _check_version()
    settings = installation().settings
    try:
        told = tus.metadata(request.headers.get("Upload-Metadata"))
        size_bytes = tus.whole_number(request.headers.get("Upload-Length"))
        upload = begin_upload(
            current_session(),
            house_scope(),
            new=NewUpload(told.get("film", ""), told.get("language", ""), told.get("filename", ""), size_bytes),
            manifests=settings.manifests,
            folder=open_uploads(settings),
            largest_bytes=_largest_bytes(),
        )
    except DomainError as refused:
        return _refusal(refused)
    where = url_for("uploads.send", upload_id=upload.id)
    return Response(status=201, headers={"Location": where} | _expiry(upload.touched_at))


@bp.route("/<upload_id>", methods=["HEAD"], provide_automatic_options=False)
@owner
def arrived(upload_id: str) -> Response:
    """Say how much has arrived."""
    upload = upload_of(current_session(), house_scope(), upload_id)
    _check_version()
    there = open_uploads(installation().settings).arrived(upload.id)
    headers = {"Upload-Offset": str(there), "Upload-Length": str(upload.size_bytes)}
    return Response(headers=headers | _expiry(upload.touched_at))


@bp.patch("/<upload_id>")
@owner
@takes_stream(tus.PIECE)
def send(upload_id: str) -> Response:
    """Take bytes behind those that are there; answered when they are on the disk."""
    upload = upload_of(current_session(), house_scope(), upload_id)
    _check_version()
    if request.mimetype != tus.PIECE:
        abort(415)
    release()
    notice_dead_lines()
    try:
        with _place():
            there = _take(upload)
    except DomainError as refused:
        return _refusal(refused)
    return Response(status=204, headers={"Upload-Offset": str(there)} | _expiry(clock.now()))


@bp.delete("/<upload_id>")
@owner
def drop(upload_id: str) -> Response:
    """Give an upload up."""
    upload = upload_of(current_session(), house_scope(), upload_id)
    _check_version()
    try:
        drop_upload(current_session(), upload=upload, by=current_person())
    except DomainError as refused:
        return _refusal(refused)
    return Response(status=204)


def _take(upload: FilmUpload) -> int:
    """Write the request's body behind what is there, and note how much that comes to, however the line ends."""
    here = installation()
    folder = open_uploads(here.settings)
    at = tus.whole_number(request.headers.get("Upload-Offset"))
    checksum = tus.checksum(request.headers.get("Upload-Checksum"))
    if at + (request.content_length or 0) > upload.size_bytes:
        raise TooManyBytes
    try:
        return folder.append(upload.id, at=at, size=upload.size_bytes, blocks=_body(), checksum=checksum)
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom from error
        raise
    finally:
        with here.database.transaction() as session:
            note_arrival(session, upload.id, arrived=folder.arrived(upload.id))


def _body() -> Iterator[bytes]:
    """Yield the request's body as it comes. Raises `LineCut`."""
    length, come = request.content_length, 0
    try:
        while block := request.stream.read(BLOCK_BYTES):
            come += len(block)
            yield block
    except (ClientDisconnected, OSError):
        raise LineCut from None
    if length is not None and come < length:
        raise LineCut


@contextmanager
def _place() -> Iterator[None]:
    """Take one of the places for senders: half of a worker's threads stay for everybody else. Raises `NoPlaceFree`."""
    places = _places(max(1, installation().settings.web_threads // 2))
    if not places.acquire(blocking=False):
        raise NoPlaceFree
    try:
        yield
    finally:
        places.release()


@cache
def _places(count: int) -> BoundedSemaphore:
    return BoundedSemaphore(count)


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        abort(Response(status=412, headers={"Tus-Version": tus.VERSION}))


def _largest_bytes() -> int:
    return installation().settings.largest_film_gb * GB


def _expiry(touched_at: datetime) -> dict[str, str]:
    return {"Upload-Expires": http_date(touched_at + ABANDONED_AFTER)}


def _refusal(error: DomainError) -> Response:
    """Return a refusal as a tus client takes it, with its sentence for people."""
    status, sentence = refusals.told(error, installation().settings)
    response = jsonify(error=sentence, code=type(error).__name__)
    response.status_code = status
    if isinstance(error, WrongOffset):
        response.headers["Upload-Offset"] = str(error.arrived)
    if status == 503:
        response.headers["Retry-After"] = str(TRY_AGAIN_S)
    return response
