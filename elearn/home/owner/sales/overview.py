"""What was sold, in sums, and the books for the accountant."""

from io import BytesIO

from flask import Response, send_file
from werkzeug.wrappers import Response as AnyResponse

from elearn.billing import bookkeeping, overview_queries
from elearn.billing.selling_forms import BooksForm
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.home.owner.pages import bp, house, titles
from elearn.home.owner.sales.pages import refused, sales_page
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.get("/sales")
@owner
def sales() -> str:
    """Show what was sold by course, municipality and campaign."""
    return _page(BooksForm(formdata=None, **_this_year()))


@bp.post("/sales/books")
@owner
def books() -> AnyResponse | Response:
    """Hand over the books of some days, account by account."""
    form = BooksForm()
    if form.validate_on_submit() and form.last.data < form.first.data:
        form.last.errors = [_("The last day lies before the first. Choose a later one.")]
    if form.errors:
        return refused(_page(form))
    first, last = form.first.data, form.last.data
    posted = bookkeeping.postings(current_session(), house_scope(), first, last)
    name = f"{_('books')}-{first.isoformat()}-{last.isoformat()}.csv"
    response = send_file(
        BytesIO(bookkeeping.as_csv(posted)), "text/csv", as_attachment=True, download_name=name, etag=False
    )
    response.headers["Cache-Control"] = "no-store"
    return response


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
