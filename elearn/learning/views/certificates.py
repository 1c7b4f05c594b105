"""The learner's certificates, and the public page where anyone checks a code."""

from io import BytesIO

from flask import make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from elearn.accounts.signing import current_person
from elearn.catalogue.content import Content
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.learning import certificates, queries
from elearn.learning.certificate_pdf import render
from elearn.learning.forms import CodeForm, NameForm
from elearn.learning.models import Certificate
from elearn.learning.views import bp
from elearn.organisations.access import person_scope
from elearn.web import access
from elearn.web.session import afterwards, current_session, installation

WRONG_CODES = Limit("certificates.wrong", attempts=20, window_s=900)


@bp.get("/learn/certificates", endpoint="certificates")
@access.signed_in
def my_certificates() -> str:
    """Show the person's certificates, and how to correct the name on them."""
    found = queries.certificates(current_session(), person_scope())
    return render_template(
        "learning/certificates.html",
        nav="certificates",
        certificates=[_shown(each) for each in found],
        form=NameForm(formdata=None, name=current_person().name, next=url_for("learning.certificates")),
        check_address=f"{installation().settings.public_url}{url_for('learning.check_certificate')}",
    )


@bp.get("/learn/certificates/<int:certificate_id>.pdf")
@access.signed_in
def certificate_pdf(certificate_id: int) -> Response:
    """Draw a certificate. Its file's name says nothing about the course."""
    found = queries.certificate(current_session(), person_scope(), certificate_id)
    drawn = render(found, public_url=installation().settings.public_url)
    name = f"{_('certificate')}.pdf"
    response = send_file(BytesIO(drawn), "application/pdf", as_attachment=True, download_name=name, etag=False)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/certificates")
@access.anyone
def check_certificate() -> str | Response:
    """Ask for the code on a certificate, and lead to what it proves."""
    if "code" not in request.args:
        return render_template("learning/certificates-check.html", form=CodeForm(formdata=None))
    form = CodeForm(formdata=request.args, meta={"csrf": False})  # it only reads; the answer may be linked to
    if form.validate():
        code = certificates.tidy_code(form.code.data)
        if code:
            return redirect(url_for("learning.verify_certificate", code=code), 303)
        form.code.errors = [_("This is no code of ours. Check it letter by letter: there are seven groups of four.")]
    return render_template("learning/certificates-check.html", form=form)


@bp.get("/certificates/<code>")
@access.anyone
def verify_certificate(code: str) -> Response:
    """Say whether a certificate is genuine, to whoever has been told its code."""
    sender = request.remote_addr or ""
    check_attempts(current_session(), WRONG_CODES, sender)
    tidy = certificates.tidy_code(code)
    if tidy and tidy != code:
        return redirect(url_for("learning.verify_certificate", code=tidy), 303)
    found = certificates.find(current_session(), tidy, language()) if tidy else None
    if found is None:
        afterwards(lambda session: count_attempt(session, WRONG_CODES, sender))
    page = render_template("learning/certificates-verify.html", found=found)
    response = make_response(page, 200 if found else 404)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _shown(certificate: Certificate) -> dict[str, object]:
    completion = certificate.completion
    content = Content(completion.course_version.content)
    return {
        "id": certificate.id,
        "code": certificate.code,
        "name": certificate.name,
        "title": content.title(language()),
        "content": content,
        "completed_on": clock.day_of(completion.completed_at, completion.course.course_house.country),
    }
