"""What was sold, in sums, and the books for the accountant."""

from flask import Response

from elearn.billing import overview_queries
from elearn.billing.selling_forms import BooksForm
from elearn.core import clock
from elearn.home.owner.pages import bp, house, titles
from elearn.home.owner.sales.pages import sales_page
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.get("/sales")
@owner
def sales() -> str | Response:
    """Show what was sold by course, municipality and campaign."""
    return _page(BooksForm(formdata=None, **_this_year()))


def _page(form: BooksForm) -> str:
    session, scope = current_session(), house_scope()
    return sales_page(
        "overview.html",
        by_course=overview_queries.sales_by_course(session, scope),
        by_municipality=overview_queries.sales_by_municipality(session, scope),
        by_campaign=overview_queries.sales_by_campaign(session, scope),
        titles=titles(session, scope),
        form=form,
    )


def _this_year() -> dict[str, object]:
    today = clock.today(house().country)
    return {"first": today.replace(month=1, day=1), "last": today}
