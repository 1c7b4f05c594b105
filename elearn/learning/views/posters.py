"""Still pictures of films, for whoever may see a page that shows them."""

from flask import Response, abort
from flask_login import current_user

from elearn.catalogue.queries import courses_showing
from elearn.learning.views import bp
from elearn.licensing.queries import live_seat
from elearn.media.models import Video
from elearn.media.stores.storage import open_store
from elearn.organisations.access import person_scope
from elearn.organisations.queries import owned_house
from elearn.web import access
from elearn.web.session import current_session, installation

KEPT_S = 3600


@bp.get("/learn/posters/<int:video_id>.jpg")
@access.anyone
def poster(video_id: int) -> Response:
    """Send a film's poster to anyone where the film is open, else to seats and to the owner of its house."""
    video = current_session().get(Video, video_id)
    if video is None or not _may_see(video):
        abort(404)
    picture = open_store(installation().settings).read(video.package, video.manifest["poster"])
    if picture is None:
        abort(404)
    response = Response(picture, mimetype="image/jpeg")
    response.cache_control.private = True
    response.cache_control.max_age = KEPT_S
    return response


def _may_see(video: Video) -> bool:
    session = current_session()
    courses = courses_showing(session, video.id)
    if any(courses.values()):
        return True
    if not current_user.is_authenticated:
        return False
    if any(live_seat(session, person_scope(), course_id) for course_id in courses):
        return True
    house = owned_house(session, person_scope())
    return house is not None and house.id == video.course_house_id
