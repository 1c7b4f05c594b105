"""Certificates: issued once, reissued in a corrected name, drawn as PDF/UA, checked by anyone who has the code."""

import io
import re
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.catalogue.services import publish_course
from elearn.core import typesetting
from elearn.core.audit import AuditEvent
from elearn.core.limits import AttemptCount
from elearn.core.scope import PersonScope
from elearn.learning import certificate_pdf, certificates, completion, emails
from elearn.learning.models import Certificate, Completion
from elearn.mail.models import Letter
from elearn.mail.rendering import render as render_letter
from elearn.organisations.models import CourseHouse
from tests.client import PageClient
from tests.world import World

COMPLETED_AT = datetime(2026, 12, 4, 22, 30, tzinfo=UTC)


def complete(session: Session, person: Person, course: Course, at: datetime = COMPLETED_AT) -> Certificate:
    completion = Completion(
        person_id=person.id, course_id=course.id, course_version_id=course.current_version_id, completed_at=at
    )
    session.add(completion)
    session.flush()
    certificate = certificates.issue(session, completion)
    session.commit()
    return certificate


@pytest.fixture
def mette(session, world) -> Person:
    """Our learner, with a name to read on paper."""
    person = session.get_one(Person, world.ours.learner.id)
    person.name = "Mette Eksempel"
    session.commit()
    return person


@pytest.fixture
def certificate(session, world, mette) -> Certificate:
    """Mette's certificate of `hard-talks`."""
    return complete(session, mette, world.ours.course)


def publish_again(session: Session, world: World) -> None:
    files = world.ours.files
    house = session.get_one(CourseHouse, world.ours.house.id)
    publish_course(session, house=house, folder=files.folder, manifests=files.manifests, store=files.store, by=None)


@pytest.fixture
def visitor(anonymous) -> PageClient:
    """Somebody who has been told a code, reading English."""
    anonymous.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return anonymous


def drawn(certificate: Certificate) -> bytes:
    return certificate_pdf.render(certificate, public_url="https://kursus.example")


def text_of(pdf: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_a_code_is_long_random_and_free_of_letters_that_look_alike():
    codes = {certificates.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)


def test_a_code_is_read_however_it_is_typed():
    code = certificates.new_code()
    assert certificates.tidy_code(code) == code
    assert certificates.tidy_code(f" {code.lower().replace('-', ' ')} ") == code
    assert certificates.tidy_code(code.replace("0", "o").replace("1", "l").replace("-", "–")) == code


def test_a_slip_of_the_pen_is_no_code():
    code = certificates.new_code()
    slips = [code[:i] + ("A" if code[i] != "A" else "B") + code[i + 1 :] for i in range(len(code)) if code[i] != "-"]
    assert sum(certificates.tidy_code(slip) is not None for slip in slips) <= 1  # a chance of 1 in 4,096 each
    assert certificates.tidy_code("") is None
    assert certificates.tidy_code(code[:-1]) is None
    assert certificates.tidy_code("\U0001f600" * 28) is None


def test_a_completion_has_one_certificate_however_often_it_is_issued(session, certificate):
    assert certificates.issue(session, certificate.completion) is certificate


def test_a_certificate_is_a_tagged_pdf_in_the_persons_language(certificate):
    certificate.completion.person.language = "da"
    reader = PdfReader(io.BytesIO(drawn(certificate)))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/StructTreeRoot"]
    assert catalogue["/Lang"] == "da"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title
    assert b"pdfuaid:part" in catalogue["/Metadata"].get_data()
    assert len(reader.pages) == 1


def test_a_certificate_says_who_what_when_and_how_it_is_checked(session, world, mette):
    mette.name = "Čálle Łukasz Ŋođđu"
    session.get_one(CourseHouse, world.ours.house.id).org_number = "11223346"
    certificate = complete(session, mette, world.ours.course)
    text = text_of(drawn(certificate))
    for said in (
        "Čálle Łukasz Ŋođđu",
        "has completed the video course Hard talks",
        "Why we ask 8 min",
        "At lytte 10 min",  # not translated: the source language stands in
        "2 modules, 18 min",
        "4 December 2026",
        "CVR 11 22 33 46",
        "(at least 90%)",
        "kursus.example/certificates",
        certificate.code,
    ):
        assert said in text, said
    assert world.ours.municipality.name not in text


def test_a_certificate_is_the_same_to_the_byte_every_time(certificate):
    assert drawn(certificate) == drawn(certificate)


def test_a_certificate_keeps_to_the_version_it_was_made_on(session, world, certificate):
    before = drawn(certificate)
    files = world.ours.files
    files.edit("en.yaml", "Hard talks", "Harder talks")
    publish_again(session, world)
    assert drawn(certificate) == before


def test_a_certificate_is_drawn_without_the_front_end_build(certificate, monkeypatch, tmp_path):
    monkeypatch.setattr(typesetting, "FONTS", tmp_path / "not-built")
    typesetting._own_fonts.cache_clear()
    try:
        assert "Mette Eksempel" in text_of(drawn(certificate))
    finally:
        typesetting._own_fonts.cache_clear()


@pytest.mark.parametrize(
    "name",
    ['#import "x" $ * _ [a] @b <c> \\', "李 Eksempel", "محمد", "Mette \U0001f600", "A" * 100, "A b " * 24 + "c"],
)
def test_any_name_makes_a_certificate(certificate, name):
    certificate.name = name
    pdf = drawn(certificate)
    assert pdf.startswith(b"%PDF")
    if name.isascii():
        assert name.replace(" ", "") in text_of(pdf).replace(" ", "")


def test_a_corrected_name_replaces_the_certificate_and_the_old_one_says_so(session, visitor, mette, certificate):
    (new,) = certificates.correct_name(session, PersonScope(mette.id), "Lise Rettet")
    session.commit()
    assert (new.name, certificate.name) == ("Lise Rettet", "Mette Eksempel")
    replaced = visitor.page(f"/certificates/{certificate.code}")
    assert "has been replaced" in replaced.text
    assert "Mette" not in replaced.text
    assert "Lise" not in replaced.text
    assert "Lise Rettet" in visitor.page(f"/certificates/{new.code}").text
    kinds = session.scalars(select(AuditEvent.kind).order_by(AuditEvent.id)).all()
    assert kinds[-3:] == ["accounts.name.changed", "learning.certificate.issued", "learning.certificate.replaced"]


def test_correcting_to_the_same_name_changes_nothing(session, mette, certificate):
    assert certificates.correct_name(session, PersonScope(mette.id), "Mette Eksempel") == []
    assert certificate.replaced_at is None


def test_a_certificate_that_another_has_replaced_meanwhile_is_not_replaced_again(session, certificate):
    assert certificates.reissue(session, certificate)
    assert certificates.reissue(session, certificate) is None
    assert len(session.scalars(select(Certificate).where(Certificate.replaced_at.is_(None))).all()) == 1


def test_anyone_with_the_code_sees_name_course_and_day_and_nothing_else(world, visitor, certificate):
    page = visitor.page(f"/certificates/{certificate.code}")
    for said in ("genuine", "Mette Eksempel", "Hard talks", "4 December 2026", world.ours.house.name):
        assert said in page.text, said
    assert world.ours.municipality.name not in page.text
    assert world.ours.learner.address not in page.text
    assert "Hard talks" not in page.title.text


def test_the_checking_page_is_kept_out_of_search_engines_and_referrers(visitor, certificate):
    response = visitor.get(f"/certificates/{certificate.code}")
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex' in response.text


def test_a_typed_code_leads_to_its_certificate(visitor, certificate):
    code = certificate.code
    typed = visitor.get("/certificates", query_string={"code": code.lower().replace("-", " ")})
    assert typed.location == f"/certificates/{code}"
    assert visitor.get(f"/certificates/{code.lower()}").location == f"/certificates/{code}"


def test_a_mistyped_code_is_told_from_an_unknown_one(visitor, world):
    assert visitor.page("/certificates").find("input", {"name": "code"})
    mistyped = visitor.page("/certificates?code=hello")
    assert "seven groups of four" in mistyped.text
    assert mistyped.find("input", {"name": "code"})["value"] == "hello"
    unknown = visitor.page(f"/certificates/{certificates.new_code()}", status=404)
    assert "We do not know this code" in unknown.text


def test_guessing_codes_is_slowed_down_also_for_right_ones(session, visitor, certificate):
    for _ in range(20):
        assert visitor.get(f"/certificates/{certificates.new_code()}").status_code == 404
    refused = visitor.get(f"/certificates/{certificate.code}")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 900
    assert session.scalars(select(AttemptCount.attempts)).one() == 20


def test_the_list_shows_own_certificates_only(session, world, learner, visitor, certificate):
    others = complete(session, world.theirs.learner, world.theirs.course)
    page = learner.page("/learn/certificates")
    assert certificate.code in page.text
    assert others.code not in page.text
    assert "Hard talks" not in page.title.text
    assert learner.get(f"/learn/certificates/{others.id}.pdf").status_code == 404
    assert learner.get("/learn/certificates/999999.pdf").status_code == 404
    assert visitor.get(f"/learn/certificates/{certificate.id}.pdf").status_code == 303


def test_without_a_certificate_the_list_says_what_will_stand_here(learner):
    assert "You have no certificates yet" in learner.page("/learn/certificates").text


def test_a_downloaded_certificate_has_a_neutral_name_and_is_not_kept(learner, certificate):
    response = learner.get(f"/learn/certificates/{certificate.id}.pdf")
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == "attachment; filename=certificate.pdf"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.data.startswith(b"%PDF")


def test_a_learner_corrects_the_name_from_the_list(learner, certificate):
    saved = learner.press("/learn/my-data/name", name=" Mette  Ægir ", next="/learn/certificates")
    assert saved.location == "/learn/certificates"
    page = learner.page("/learn/certificates")
    assert "Mette Ægir" in page.text
    assert "1 certificate has been made anew" in page.text


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\u202eb", "12", "me@x.example", "http://x", "x" * 101])
def test_what_is_no_name_is_refused_and_kept_for_correction(session, learner, certificate, name):
    page = learner.press("/learn/my-data/name", name=name)
    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.text
    assert session.scalars(select(Certificate.name)).all() == ["Mette Eksempel"]


@pytest.mark.parametrize("language", ["da", "nb", "nn", "en"])
def test_the_letter_never_names_the_course(session, installation, certificate, language):
    certificate.completion.person.language = language
    emails.completed(session, certificate.completion)
    letter = session.scalars(select(Letter).order_by(Letter.id.desc()).limit(1)).one()
    message = render_letter(installation, letter)
    words = message["Subject"] + "".join(part.get_content() for part in message.iter_parts())
    assert letter.language == language
    assert words.count("http://localhost/learn/certificates") == 2
    assert "Svære samtaler" not in words
    assert "Hard talks" not in words


def test_a_completion_late_in_the_evening_counts_on_its_local_day(session, world, mette, visitor):
    certificate = complete(session, mette, world.ours.course, datetime(2026, 12, 4, 23, 30, tzinfo=UTC))
    assert "5 December 2026" in visitor.page(f"/certificates/{certificate.code}").text


def test_completing_a_course_issues_the_certificate_and_writes_one_letter(session, world):
    course = world.ours.outline(session)
    for module in course.modules:
        for lesson in module.lessons * 2:
            completion.complete_lesson(
                session, person_id=world.ours.learner.id, course=course, lesson=lesson, how="read"
            )
    issued = session.scalars(select(Certificate)).one()
    assert issued.completion.person_id == world.ours.learner.id
    assert session.scalars(select(Letter).where(Letter.kind == "learning/completed")).one().recipient == (
        world.ours.learner.address
    )
