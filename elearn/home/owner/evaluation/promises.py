"""What test municipalities promised and have given, and reminding those who have not answered."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.evaluation import queries
from elearn.evaluation.duties import duties
from elearn.feedback.services.asking import remind_now
from elearn.home.owner.evaluation.pages import evaluation_page, find
from elearn.home.owner.pages import bp
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.get("/evaluation/<int:round_id>/promises")
@owner
def promises(round_id: int) -> str:
    """Show each test municipality's promise, what it has given, and the days left."""
    round_, course = find(round_id)
    session, scope = current_session(), house_scope()
    published = queries.published_results(session, scope, round_id)
    return evaluation_page("promises.html", round_, course, duties=duties(session, scope, round_id, published))


@bp.post("/evaluation/<int:round_id>/municipalities/<int:municipality_id>/remind")
@owner
def remind_municipality(round_id: int, municipality_id: int) -> AnyResponse:
    """Remind those of a municipality who have a form to answer. Nobody is told how many they are."""
    round_, _course = find(round_id)
    session = current_session()
    municipality = queries.customer_of_round(session, house_scope(), round_id, municipality_id)
    remind_now(session, round_=round_, municipality=municipality, by_id=current_person().id)
    flash(
        _(
            "Emails are on their way to those in %(name)s who have not answered and may be reminded. "
            "Nobody is told who they are.",
            name=municipality.official_name,
        )
    )
    return redirect(url_for("owner.promises", round_id=round_id), 303)
