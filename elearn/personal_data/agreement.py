"""The data processing agreement as a PDF/UA: a written text in each language, filled in from settings.

The texts are `data/agreement.<language>.md`: a title, a lead, headings, paragraphs and lists, nothing else.
"""

from pathlib import Path
from typing import Any

from babel import Locale

from elearn.config import Settings
from elearn.core import i18n
from elearn.core.paper import Section, document, items, text
from elearn.organisations.models import CourseHouse
from elearn.organisations.numbers import written_number
from elearn.personal_data.sub_processors import SubProcessor, read

FOLDER = Path(__file__).parent / "data"


def render(settings: Settings, house: CourseHouse, language: str) -> bytes:
    """Return the agreement of a course house in one of our languages."""
    written = (FOLDER / f"agreement.{language}.md").read_text(encoding="utf-8")
    suppliers = read(settings.sub_processors).sub_processors
    filled = written.format(
        house=house.name,
        identity=written_number(house) or house.name,
        email=house.email,
        invitation_days=settings.keep_invitations_days,
        progress_months=settings.keep_progress_months,
        sign_in_days=settings.keep_sign_ins_days,
        feedback_months=settings.keep_feedback_months,
        letter_days=settings.keep_letters_days,
        trail_months=settings.keep_trail_months,
        sub_processors="\n".join(f"- {_line(supplier, language)}" for supplier in suppliers),
    )
    top, *parts = filled.split("\n## ")
    title, _gap, lead = top.partition("\n")
    heading = title.removeprefix("# ").strip()
    with i18n.speaking(language):
        return document(
            language=language,
            house=house.name,
            title=heading,
            lead=lead.strip(),
            foot=f"{heading}, {house.name}",
            sections=[_section(part) for part in parts],
        )


def country_name(code: str, language: str) -> str:
    """Return a country's name in a language."""
    return str(Locale.parse(language).territories.get(code, code))


def _line(supplier: SubProcessor, language: str) -> str:
    name, what, data = (texts[language] for texts in (supplier.name, supplier.what, supplier.data))  # type: ignore[index]  # one of our four
    return f"{name} ({country_name(supplier.country, language)}). {what} {data}"


def _section(part: str) -> Section:
    heading, *lines = part.strip().split("\n")
    blocks: list[dict[str, Any]] = []
    for line in lines:
        if line.startswith("- "):
            if not blocks or blocks[-1]["kind"] != "list":
                blocks.append(items([]))
            blocks[-1]["items"].append(line.removeprefix("- "))
        elif line.strip():
            blocks.append(text(line.strip()))
    return Section(heading.strip(), blocks)
