"""Every page of the product: who opens it, and where it lies in a world that has something to show on each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path

from elearn.accounts.factors import begin_app
from elearn.accounts.services import ask_for_link
from elearn.core.scope import PersonScope
from elearn.learning.services import say_read
from tests.catalogue.course_folder import RealFilm
from tests.client import PageClient
from tests.conftest import TestClock
from tests.databases import Databases
from tests.rules.field import make_field, routes
from tests.rules.values import Values
from tests.walks.conftest import Site, serving, site_in
from tests.walks.pages import link_in
from tests.world import add_learner

VISITOR, LEARNER, NEWCOMER, OWNER, DEMO = "visitor", "learner", "newcomer", "owner", "demo"
BUYER, LEADER = "buyer", "leader"
ROLES = (VISITOR, LEARNER, NEWCOMER, OWNER, BUYER, LEADER, DEMO)

OPENED_BY: dict[str, tuple[str, ...]] = {
    "accounts.how_to_leave": (NEWCOMER,),
    "accounts.link_sent": (VISITOR,),
    "accounts.open_link": (VISITOR,),
    "accounts.second_step": (OWNER,),
    "accounts.sign_in": (VISITOR, DEMO),
    "accounts.sign_in_with_password": (VISITOR,),
    "accounts.signed_out": (VISITOR,),
    "api_pages.guide": (VISITOR,),
    "billing.ask_for_quote": (VISITOR,),
    "billing.campaign": (VISITOR,),
    "billing.card": (BUYER,),
    "billing.card_done": (BUYER,),
    "billing.card_left": (BUYER,),
    "billing.confirm": (VISITOR,),
    "billing.course": (VISITOR, LEARNER),
    "billing.order": (VISITOR, BUYER),
    "billing.order_page": (BUYER,),
    "billing.order_sent": (VISITOR,),
    "billing.quote": (VISITOR,),
    "buyer.add_colleague": (BUYER,),
    "buyer.colleagues": (BUYER,),
    "buyer.data": (BUYER,),
    "buyer.department": (BUYER,),
    "buyer.departments": (BUYER,),
    "buyer.evaluation": (BUYER,),
    "buyer.evaluation_method": (BUYER,),
    "buyer.evaluations": (BUYER,),
    "buyer.give_seat": (BUYER,),
    "buyer.hand_over": (BUYER,),
    "buyer.join_links": (BUYER,),
    "buyer.licence": (BUYER,),
    "buyer.licence_history": (BUYER,),
    "buyer.move_people": (BUYER,),
    "buyer.new_join_link": (BUYER,),
    "buyer.new_list": (BUYER,),
    "buyer.message": (BUYER,),
    "buyer.more_seats": (BUYER,),
    "buyer.order_renewal": (BUYER,),
    "buyer.orders": (BUYER,),
    "buyer.remind_people": (BUYER,),
    "buyer.renewal": (BUYER,),
    "buyer.seat": (BUYER,),
    "buyer.seat_list": (BUYER,),
    "buyer.settings": (BUYER,),
    "buyer.start": (BUYER,),
    "buyer.take_back_people": (BUYER,),
    "buyer.tokens": (BUYER,),
    "buyer.waiting_line": (BUYER,),
    "buyer.end_training_rule": (BUYER,),
    "buyer.new_joiner_rule": (BUYER,),
    "buyer.new_refresher_rule": (BUYER,),
    "buyer.training": (BUYER,),
    "buyer.training_due": (BUYER,),
    "demo.mail": (DEMO,),
    "demo.people": (DEMO,),
    "feedback.answer": (LEARNER,),
    "feedback.answer_about": (LEARNER,),
    "feedback.at_occasion": (VISITOR,),
    "feedback.no_reminders": (LEARNER,),
    "feedback.thanks": (LEARNER,),
    "feedback.thanks_guest": (VISITOR,),
    "feedback.type_code": (VISITOR,),
    "home.accessibility": (VISITOR, LEARNER),
    "home.help_lines": (VISITOR,),
    "home.privacy": (VISITOR, LEARNER),
    "home.start": (VISITOR, DEMO),
    "leader.evaluation": (LEADER,),
    "leader.evaluation_method": (LEADER,),
    "leader.evaluations": (LEADER,),
    "leader.start": (LEADER,),
    "learning.certificates": (LEARNER, NEWCOMER),
    "learning.check_certificate": (VISITOR,),
    "learning.course": (LEARNER, NEWCOMER),
    "learning.module": (LEARNER,),
    "learning.my_courses": (LEARNER, NEWCOMER),
    "learning.notes": (LEARNER, NEWCOMER),
    "learning.open_module": (VISITOR,),
    "learning.preview_course": (OWNER,),
    "learning.preview_module": (OWNER,),
    "learning.verify_certificate": (VISITOR, LEARNER),
    "learning.worried": (VISITOR, LEARNER),
    "licensing.declined": (VISITOR,),
    "licensing.invitation": (VISITOR,),
    "licensing.join_link": (VISITOR,),
    "licensing.join_sent": (VISITOR,),
    "licensing.joining": (VISITOR,),
    "licensing.type_code": (VISITOR,),
    "owner.add_customer": (OWNER,),
    "owner.agreed_order": (OWNER,),
    "owner.begin_course": (OWNER,),
    "owner.campaign": (OWNER,),
    "owner.campaigns": (OWNER,),
    "owner.cancel": (OWNER,),
    "owner.cards": (OWNER,),
    "owner.credit": (OWNER,),
    "owner.domains": (OWNER,),
    "owner.edit_campaign": (OWNER,),
    "owner.edit_course": (OWNER,),
    "owner.edit_facts": (OWNER,),
    "owner.edit_lesson": (OWNER,),
    "owner.edit_module": (OWNER,),
    "owner.edit_words": (OWNER,),
    "owner.invoices": (OWNER,),
    "owner.new_campaign": (OWNER,),
    "owner.new_code": (OWNER,),
    "owner.new_lesson": (OWNER,),
    "owner.new_module": (OWNER,),
    "owner.new_price": (OWNER,),
    "owner.order": (OWNER,),
    "owner.orders": (OWNER,),
    "owner.prices": (OWNER,),
    "owner.remove_course": (OWNER,),
    "owner.remove_language": (OWNER,),
    "owner.remove_lesson": (OWNER,),
    "owner.remove_module": (OWNER,),
    "owner.sales": (OWNER,),
    "owner.seller": (OWNER,),
    "owner.take_back_course": (OWNER,),
    "owner.translate_module": (OWNER,),
    "owner.vat": (OWNER,),
    "owner.course": (OWNER,),
    "owner.course_files": (OWNER,),
    "owner.courses": (OWNER,),
    "owner.departure": (OWNER,),
    "owner.departures_list": (OWNER,),
    "owner.close_evaluation": (OWNER,),
    "owner.evaluated_municipalities": (OWNER,),
    "owner.evaluated_municipality": (OWNER,),
    "owner.evaluation": (OWNER,),
    "owner.evaluation_method": (OWNER,),
    "owner.evaluation_text": (OWNER,),
    "owner.evaluation_texts": (OWNER,),
    "owner.evaluation_theme": (OWNER,),
    "owner.evaluations": (OWNER,),
    "owner.promises": (OWNER,),
    "owner.film": (OWNER,),
    "owner.film_captions": (OWNER,),
    "owner.film_captions_remove": (OWNER,),
    "owner.film_chapters": (OWNER,),
    "owner.film_described": (OWNER,),
    "owner.film_passages": (OWNER,),
    "owner.film_poster": (OWNER,),
    "owner.films": (OWNER,),
    "owner.new_film": (OWNER,),
    "owner.replace_film": (OWNER,),
    "owner.give_seat": (OWNER,),
    "owner.licence": (OWNER,),
    "owner.licence_history": (OWNER,),
    "owner.new_list": (OWNER,),
    "owner.seat_list": (OWNER,),
    "owner.licences": (OWNER,),
    "owner.municipalities": (OWNER,),
    "owner.municipality": (OWNER,),
    "owner.new_buyer": (OWNER,),
    "owner.new_licence": (OWNER,),
    "owner.occasion": (OWNER,),
    "owner.course_form": (OWNER,),
    "owner.course_forms": (OWNER,),
    "owner.drop_form_draft": (OWNER,),
    "owner.form_draft": (OWNER,),
    "owner.form_heading": (OWNER,),
    "owner.form_question": (OWNER,),
    "owner.form_section": (OWNER,),
    "owner.named_answers": (OWNER,),
    "owner.new_form": (OWNER,),
    "owner.new_form_question": (OWNER,),
    "owner.new_form_section": (OWNER,),
    "owner.remove_form_question": (OWNER,),
    "owner.remove_form_section": (OWNER,),
    "owner.occasions": (OWNER,),
    "owner.people": (OWNER,),
    "owner.seat": (OWNER,),
    "owner.start": (OWNER,),
    "owner.status": (OWNER,),
    "owner.terms": (OWNER,),
    "personal_data.account_deleted": (VISITOR,),
    "personal_data.data_processing_agreement": (VISITOR,),
    "personal_data.delete_account": (LEARNER, BUYER),
    "personal_data.my_data": (LEARNER, NEWCOMER),
    "personal_data.suppliers": (VISITOR,),
    "security.app": (BUYER,),
    "security.new_passkey": (OWNER,),
    "security.page": (LEARNER, OWNER, BUYER),
    "security.password": (LEARNER,),
    "training.refresher": (LEARNER,),
}
"""The roles that see each page differently. A route that answers GET stands here or in NO_PAGES."""

NO_PAGES = {
    "api.completions": "JSON",
    "api.departments": "JSON",
    "api.licences": "JSON",
    "api.seats": "JSON",
    "api_pages.openapi": "JSON",
    "billing.invoice_as_pdf": "a PDF",
    "billing.invoice_xml": "a file",
    "billing.price": "JSON",
    "billing.quote_as_pdf": "a PDF",
    "buyer.figures_csv": "a file",
    "buyer.figures_xlsx": "a file",
    "buyer.join_poster": "a PDF",
    "buyer.report": "a PDF",
    "leader.figures_csv": "a file",
    "leader.figures_xlsx": "a file",
    "leader.report": "a PDF",
    "owner.figures_csv": "a file",
    "owner.figures_xlsx": "a file",
    "owner.municipal_figures_xlsx": "a file",
    "owner.municipal_report": "a PDF",
    "owner.report": "a PDF",
    "accounts.leave": "leads away",
    "buyer.people_csv": "a file",
    "buyer.people_xlsx": "a file",
    "buyer.training_due_csv": "a file",
    "buyer.training_due_xlsx": "a file",
    "learning.certificate_pdf": "a PDF",
    "owner.departure_receipt": "a PDF",
    "owner.invoice_paper": "a PDF",
    "owner.invoice_xml": "a file",
    "owner.occasion_poster": "a PDF",
    "owner.film_captions_text": "a file",
    "owner.film_still": "a picture",
    "owner.film_thumbnails": "a file",
    "owner.form_draft_file": "a file",
    "owner.form_file": "a file",
    "personal_data.agreement_pdf": "a PDF",
    "learning.poster": "a picture",
    "media.check": "an answer for nginx",
    "operations.figures": "figures for machines",
    "operations.health": "an answer for machines",
    "operations.ready": "an answer for machines",
    "media.file": "pieces of films",
}


@dataclass(frozen=True)
class Stop:
    """A page, a person before it, and the status it answers with."""

    role: str
    endpoint: str

    def __str__(self) -> str:
        return f"{self.endpoint}-{self.role}"


STOPS = [Stop(role, endpoint) for endpoint, roles in OPENED_BY.items() for role in roles]


@dataclass
class Atlas:
    """Where everything lies."""

    site: Site
    demo_url: str
    values: Values

    def url(self, stop: Stop) -> str:
        """Return the address of a page."""
        rule = next(r for r, method in routes(self.site.app) if r.endpoint == stop.endpoint and method == "GET")
        missing = rule.arguments - set(self.values)
        assert not missing, f"{rule.rule}: give {sorted(missing)} a value in tests/rules/values.py"
        values = {name: self.values[name] for name in rule.arguments}
        if stop.endpoint == "accounts.open_link":
            values["token"] = self.values["sign_in_token"]
        with self.site.app.test_request_context():
            path = self.site.app.url_map.bind("localhost").build(stop.endpoint, values)
        return (self.demo_url if stop.role == DEMO else self.site.url) + path

    def letters(self) -> dict[str, str]:
        """Return the newest letter of each kind: subject and address in demo mode."""
        found = {}
        for path in sorted(self.site.installation.settings.mail_folder.glob("*.eml")):
            with path.open("rb") as file:
                found[str(BytesParser(policy=policy.default).parse(file)["Subject"])] = path.stem
        return {subject: f"{self.demo_url}/demo/mail/{name}" for subject, name in found.items()}

    def cookie(self, role: str) -> str | None:
        """Return the session cookie of a role, signed in as the button of a mailed link would."""
        side = self.site.world.ours
        person = {
            LEARNER: side.learner,
            NEWCOMER: side.invited,
            OWNER: side.owner,
            BUYER: side.buyer,
            LEADER: side.leader,
        }.get(role)
        if person is None:
            return None
        client = PageClient(self.site.app, use_cookies=True).signed_in_as(person)
        cookie = client.get_cookie("session")
        assert cookie
        return cookie.value


@contextmanager
def atlas_in(folder: Path, databases: Databases, film: RealFilm, clock: TestClock) -> Iterator[Atlas]:
    """Serve a site in which every page has something to show, and the same site in demo mode."""
    with site_in(folder, databases, film, clock) as site:
        values = _fill(site)
        settings = site.installation.settings
        with serving(settings.database_url, settings.data, ELEARN_DEMO="1") as (demo_url, demo):
            yield Atlas(site, demo_url, values)
            demo.extensions["elearn"].database.dispose()


def _fill(site: Site) -> Values:
    """Watch, write, complete and ask for a link, so that every page and letter has something to say."""
    with site.installation.database.writer() as session:
        values = make_field(site.app, session, site.world).ours
    theirs = site.world.theirs
    with site.installation.database.transaction() as session:
        finisher = add_learner(session, site.installation, session.merge(theirs.licence), "Finisher")
        for module in theirs.outline(session).modules:
            for lesson in module.lessons:
                say_read(session, PersonScope(finisher.id), lesson_id=lesson.id)
    site.run_jobs()
    with site.installation.database.transaction() as session:
        begin_app(session, site.installation.tokens, session.merge(site.world.ours.buyer))
        ask_for_link(session, address="leader@ours.example", sender="192.0.2.1", next_path=None)
    return values | {
        "sign_in_token": link_in(site.newest_letter()).rsplit("/", 1)[1],
        "name": max(site.installation.settings.mail_folder.glob("*.eml")).stem,
    }
