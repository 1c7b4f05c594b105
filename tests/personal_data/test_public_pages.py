"""What anybody may read about data, in four languages, filled from settings and one file."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from elearn.core import i18n
from elearn.core.content_files import FileProblems
from elearn.organisations.models import CourseHouse
from elearn.personal_data import agreement, sub_processors
from tests.conftest import settings_in

HEADINGS = 17
LANGUAGES = list(i18n.LANGUAGES)


@pytest.fixture
def house() -> CourseHouse:
    return CourseHouse(
        slug="h", name="Kursushuset Ærø", country="DK", email="info@kursus.example", org_number="10150817"
    )


def read(drawn: bytes) -> tuple[PdfReader, str]:
    pdf = PdfReader(BytesIO(drawn))
    return pdf, " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_agreement_is_filled_and_whole_in_every_language(settings, house, language):
    pdf, text = read(agreement.render(settings, house, language))
    assert pdf.trailer["/Root"]["/Lang"] == language
    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_data().decode()
    assert not re.search(r"[{}]", text), "nothing is left to fill in"
    for filled in ("Kursushuset Ærø", "10 15 08 17", "info@kursus.example", " 24 ", " 60 ", " 12 "):
        assert filled in text.replace("\u00a0", " "), filled
    assert all(
        supplier.name[language] in text for supplier in sub_processors.read(settings.sub_processors).sub_processors
    )


def test_the_agreements_have_one_structure():
    def shape(language):
        written = (agreement.FOLDER / f"agreement.{language}.md").read_text()
        return (
            len(re.findall(r"^## ", written, re.MULTILINE)),
            len(re.findall(r"^- ", written, re.MULTILINE)),
            sorted(re.findall(r"{\w+}", written)),
        )

    assert shape("da")[0] == HEADINGS - 1
    assert [shape(language) for language in LANGUAGES] == [shape("da")] * 4


def test_the_agreement_names_the_figures_of_the_settings(house, tmp_path):
    settings = settings_in(tmp_path, ELEARN_KEEP_PROGRESS_MONTHS="17", ELEARN_KEEP_LETTERS_DAYS="19")
    text = read(agreement.render(settings, house, "en"))[1]
    assert "what was watched: 17 months" in text
    assert "copies of emails: 19 days" in text


def test_the_agreement_is_downloaded_by_anybody_for_either_house(anonymous, world):
    page = anonymous.page("/data-processing-agreement")
    links = [link["href"] for link in page.find_all("a", href=re.compile("agreement.pdf"))]
    assert len(links) == 2
    for link, house in zip(links, (world.ours.house, world.theirs.house), strict=True):
        response = anonymous.get(link)
        assert response.mimetype == "application/pdf"
        assert house.email in read(response.data)[1]
    assert anonymous.get("/data-processing-agreement.pdf?house=nowhere").status_code == 404


def test_drawing_the_agreement_is_limited(anonymous, world, monkeypatch):
    monkeypatch.setattr(agreement, "render", lambda *_: b"%PDF")
    answers = [anonymous.get("/data-processing-agreement.pdf").status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]


def test_suppliers_come_from_the_file_with_their_country(anonymous, settings):
    page = anonymous.page("/sub-processors")
    for supplier in sub_processors.read(settings.sub_processors).sub_processors:
        assert supplier.name["da"] in page.text
        assert supplier.what["da"] in page.text
    assert "Danmark" in page.text


@pytest.mark.parametrize("country", ["US", "GB", "dk"])
def test_a_country_outside_the_eea_is_refused(settings, tmp_path, country):
    file = tmp_path / "suppliers.yaml"
    file.write_text(settings.sub_processors.read_text().replace("country: DK", f"country: {country}"))
    with pytest.raises(FileProblems):
        sub_processors.read(file)


def test_the_privacy_page_names_the_figures_of_the_settings(anonymous, app, installation, tmp_path):
    installation.settings = settings_in(
        tmp_path / "x",
        ELEARN_KEEP_PROGRESS_MONTHS="17",
        ELEARN_KEEP_INVITATIONS_DAYS="18",
        ELEARN_KEEP_LETTERS_DAYS="19",
        ELEARN_KEEP_TRAIL_MONTHS="16",
        ELEARN_KEEP_SIGN_INS_DAYS="15",
    )
    text = anonymous.get("/privacy", headers={"Accept-Language": "en"}).text
    for said in ("17 months", "18 days", "19 days", "16 months", "15 days"):
        assert said in text


def test_my_data_says_how_long_progress_is_kept(learner):
    assert "24 months after the last day you held a seat" in learner.page("/learn/my-data").text


def test_every_page_leads_to_them(anonymous):
    foot = anonymous.page("/sign-in").footer
    links = {link["href"] for link in foot.find_all("a")}
    assert {
        "/accessibility",
        "/privacy",
        "/sub-processors",
        "/data-processing-agreement",
        "/help-lines",
    } <= links


def test_the_help_lines_of_both_countries_are_public(anonymous):
    page = anonymous.page("/help-lines")
    assert "116 111" in page.text
    assert {"tel:112", "tel:116111"} <= {link["href"] for link in page.find_all("a")}
    assert page.header.find("a", attrs={"data-exit": True}), "somebody who looks for help may have to leave at once"
