"""The pages, files and report of an evaluation: what is published stands there, and nothing else."""

import csv
import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import delete, select, update

from elearn.catalogue.models import Module
from elearn.core import i18n
from elearn.core.audit import AuditEvent
from elearn.evaluation import export, summary
from elearn.evaluation.blocks import chapters
from elearn.evaluation.figures import COMPLETED, Figure, Rate, figures_of, rates_of, stored, stored_rates
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.evaluation.queries import published_results
from elearn.feedback.models import FeedbackBatch, FeedbackForm, ReleasedAnswer, VersionSource
from elearn.feedback.services.publishing import publish_form, retire_form, start_round
from tests.client import queries
from tests.evaluation.made_up import add_text, form, publish_round, scale

CANARY = 7_654_321


def pdf_text(response) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages)


def test_the_owner_reads_the_levels_in_their_order(owner, round_):
    page = owner.page(f"/owner/evaluation/{round_.id}")

    assert [heading.text for heading in page.select(".ev-s h2")] == [
        "Who has answered",
        "1. What they thought of it",
        "2. What they learned",
        "3. What they do now",
        "4. What came of it",
    ]
    assert "There is no comparison group" in page.text
    rows = page.select_one("table:has(caption#x-2-1)").select("tbody tr")
    assert [row.th.text for row in rows[:1]] == ["All"]
    assert rows[-1].select_one(".ev-no").text == "not shown"
    assert "Dental health" in rows[-1].th.text, "what is withheld stands last, whether small or empty"
    changes = [float(row.b.text) for row in rows[1:-1]]
    assert changes == sorted(changes, reverse=True)
    assert "Leaders’ view beside staff’s own" in page.text


def test_every_number_of_a_chart_stands_in_its_row(owner, round_, session):
    table = session.get_one(PublishedTable, (round_.id, TableKind.ALL, ""))
    change = next(each["change"] for each in table.content["figures"] if each["change"])
    row = owner.page(f"/owner/evaluation/{round_.id}").select_one("table:has(caption#c-2-1-1) tbody tr")
    told = row.text
    for value in (change["before"]["value"], change["after"]["value"], change["change"]["value"]):
        assert f"{value:.1f}" in told
    effect = change["effect"]
    size = f"effect size (d) +{effect['value']:.1f} ({effect['low']:.1f} to {effect['high']:.1f})"
    assert size in told
    assert size in " ".join(pdf_text(owner.get(f"/owner/evaluation/{round_.id}/report.pdf")).split())
    assert row.svg["aria-hidden"] == "true"


def test_a_municipality_stands_beside_all(owner, round_, world, other):
    page = owner.page(f"/owner/evaluation/{round_.id}/municipalities/{other.id}")
    rows = page.select_one("table:has(caption#c-2-1-1)").select("tbody tr")
    assert [row.select_one("th span").text for row in rows] == ["Randers Kommune", "All"] * 2
    assert "Sector" not in [cell.text for cell in page.select("thead th")], "crossings are not published"
    assert owner.get(f"/owner/evaluation/{round_.id}/municipalities/{world.theirs.municipality.id}").status_code == 404


@pytest.mark.parametrize("who", ["leader", "buyer"])
def test_a_municipality_sees_its_own_figures_and_no_others(who, browser, round_, world, other, session):
    mine, others = (
        session.get_one(PublishedTable, (round_.id, TableKind.MUNICIPALITY, str(each.id)))
        for each in (world.ours.municipality, other)
    )
    others.content = {"figures": [each | {"n": CANARY} for each in others.content["figures"]]}
    sectors = update(PublishedTable).where(PublishedTable.kind == TableKind.SECTOR)
    session.execute(sectors.values(content={"figures": [each | {"n": CANARY} for each in mine.content["figures"]]}))
    session.commit()
    client = browser().signed_in_as(getattr(world.ours, who))
    base = f"/municipalities/{world.ours.municipality.id}" + ("/department" if who == "leader" else "")
    assert f"{base}/evaluation/{round_.id}" in str(client.page(f"{base}/evaluation"))

    page = client.page(f"{base}/evaluation/{round_.id}")

    assert page.select_one("table:has(caption#c-2-1-1) tbody th span").text == "Favrskov Kommune"
    told = [page.text, client.get(f"{base}/evaluation/{round_.id}/figures.csv").text]
    told.append(pdf_text(client.get(f"{base}/evaluation/{round_.id}/report.pdf")))
    for text in told:
        assert str(CANARY) not in text.replace(",", "")
        assert "Randers" not in text


def test_without_a_licence_of_the_course_there_is_no_evaluation(browser, round_, world):
    client = browser().signed_in_as(world.theirs.buyer)
    base = f"/municipalities/{world.theirs.municipality.id}/evaluation"
    assert "The evaluation will stand here" in client.page(base).text
    for path in ("", "/report.pdf", "/figures.csv", "/figures.xlsx"):
        assert client.get(f"{base}/{round_.id}{path}").status_code == 404


def test_what_was_released_but_not_published_is_nowhere(owner, round_, session):
    form = session.scalars(select(FeedbackForm).where(FeedbackForm.key == "after")).one()
    batch = session.scalars(select(FeedbackBatch)).first()
    for place in range(30):
        answer = {"form_id": form.id, "form_version_id": form.current_version_id, "batch_id": batch.id}
        session.add(
            ReleasedAnswer(
                id=f"a{place}",
                round_id=round_.id,
                audience="staff",
                about="",
                question="recommend",
                item="",
                number=10,
                **answer,
            )
        )
    session.execute(delete(PublishedTable).where(PublishedTable.kind != TableKind.RATES))
    session.commit()

    page = owner.page(f"/owner/evaluation/{round_.id}")

    assert page.select(".ev-hist") == []
    assert page.select(".ev-sh") == [], "said once for a form, not for each of its answers"
    assert "not shown" in page.text
    assert "There are not enough answers yet" in page.text
    rows = owner.get(f"/owner/evaluation/{round_.id}/figures.csv").text.splitlines()
    assert all("tenths" in row for row in rows[1:])


def test_before_the_first_release_the_page_says_when_it_comes(owner, round_, session):
    session.execute(delete(PublishedTable))
    session.commit()
    page = owner.page(f"/owner/evaluation/{round_.id}")
    assert "The next release is on 30 November 2026" in page.text
    assert page.select(".ev-s table") == []


def test_the_files_say_what_the_page_says_and_fetching_them_is_noted(owner, round_, session):
    text = owner.get(f"/owner/evaluation/{round_.id}/figures.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    head, first = rows[0], next(row for row in rows if "difference" in row)
    change = next(
        each["change"]
        for each in session.get_one(PublishedTable, (round_.id, TableKind.ALL, "")).content["figures"]
        if each["change"]
    )
    assert first[head.index("Value")] == str(round(change["change"]["value"], 4)).replace(".", ",")
    sheet = load_workbook(io.BytesIO(owner.get(f"/owner/evaluation/{round_.id}/figures.xlsx").data)).active
    assert isinstance(next(row for row in sheet.values if "difference" in row)[head.index("Value")], float)
    fetched = select(AuditEvent.data).where(AuditEvent.kind == "evaluation.file.fetched").order_by(AuditEvent.id)
    kept = session.scalars(fetched).all()
    assert [each["file"] for each in kept] == ["figures.csv", "figures.xlsx"]


@pytest.mark.parametrize("language", ["da", "nb", "nn", "en"])
def test_no_two_columns_of_the_files_are_called_the_same(language):
    with i18n.speaking(language):
        assert len(set(export.header())) == len(export.header())


def test_the_files_and_the_report_call_modules_and_the_house_by_name(owner, session, round_, world):
    table = session.get_one(PublishedTable, (round_.id, TableKind.ALL, ""))
    asks = form("module", "staff", "after-module", ("reaction", [scale("use", "Can you use it?")]))
    publish_form(session, course=round_.course, form=asks, source=VersionSource.BROWSER, by=None)
    module = session.scalars(select(Module).where(Module.course_id == round_.course_id).order_by(Module.id)).first()
    place = ("module", "staff", module.key, "use", "")
    table.content = stored([*figures_of(table.content), Figure(*place, 7, counts={"1": 2, "2": 5})])
    session.commit()
    title = owner.page(f"/owner/evaluation/{round_.id}").select_one(".ev-more summary span").contents[0].strip()

    text = owner.get(f"/owner/evaluation/{round_.id}/figures.csv").data.decode("utf-8-sig")
    told = next(row for row in csv.reader(io.StringIO(text), delimiter=";") if "Can you use it?" in row)
    cover = PdfReader(io.BytesIO(owner.get(f"/owner/evaluation/{round_.id}/report.pdf").data)).pages[0].extract_text()

    assert told[3] == title != module.key
    assert world.ours.house.name in cover, "there may be several houses in one installation"


def test_the_files_say_how_many_have_completed_the_course(owner, round_, session):
    table = session.get_one(PublishedTable, (round_.id, TableKind.RATES, ""))
    completed = Rate(COMPLETED, "staff", None, 6, is_nearly_all=False)
    table.content = stored_rates([*rates_of(table.content), completed])
    session.commit()

    text = owner.get(f"/owner/evaluation/{round_.id}/figures.csv").data.decode("utf-8-sig")

    told = [
        row for row in csv.reader(io.StringIO(text), delimiter=";") if "have completed the course, in tenths" in row
    ]
    assert told == [["All", "", "Staff", "", "", "", "have completed the course, in tenths", "", "", "0,6", "", ""]]


@pytest.mark.parametrize("language", ["da", "nb", "nn", "en"])
def test_the_report_is_tagged_and_speaks_each_language(language, owner, round_):
    owner.press("/language", language=language, next="/")
    response = owner.get(f"/owner/evaluation/{round_.id}/report.pdf")
    pdf = PdfReader(io.BytesIO(response.data))
    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_data().decode()
    assert pdf.trailer["/Root"]["/Lang"] == language
    with i18n.speaking(language):
        told = " ".join(pdf_text(response).split())
        assert i18n.gettext("In short") in told
        assert summary.not_shown()[:40] in told


def test_the_summary_says_what_the_figures_show(round_, session, world):
    read = published_results(session, world.ours.house_scope, round_.id)
    assert summary.in_short(read) == [
        "Staff rate themselves higher after the course on all 2 questions. The difference is largest for “I notice”: "
        "from 2.3 to 3.4 on a scale from 1 to 5.",
        "Leaders rate their department higher afterwards on all 2 questions. The difference is largest for “I talk”: "
        "from 2.8 to 3.9 on a scale from 1 to 5.",
        "“What have you done?” 78% answer “Wrote it down”.",
        "31% answer 9 or 10 when asked whether they would recommend the course to a colleague.",
    ]


def test_the_summary_says_so_where_ratings_fell(round_, session, world):
    read = published_results(session, world.ours.house_scope, round_.id)
    fell = {place: replace(figure, change=turned(figure.change)) for place, figure in read.everybody.items()}
    assert summary.in_short(replace(read, everybody=fell))[:2] == [
        "Staff rate themselves lower after the course on 2 of 2 questions.",
        "Leaders rate their department lower afterwards on 2 of 2 questions.",
    ]


def turned(change):
    """Return a change with before and after the other way about."""
    if change is None:
        return None
    difference = change.change
    opposite = replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)
    return replace(change, before=change.after, after=change.before, change=opposite)


@pytest.mark.parametrize("compares_with", ["after", "before"])
def test_a_third_form_and_a_new_version_hide_nothing_that_is_published(owner, session, world, other, compares_with):
    """Whichever form the third is compared with, the oldest comparison is the one that is published."""
    course, notice = session.merge(world.ours.course), [scale("notice", "I notice")]
    asked = [
        form("before", "staff", "before-start", ("learning", notice)),
        form("after", "staff", "completion", ("learning", notice), compares_with="before"),
        form("later", "staff", "later", ("learning", notice), compares_with=compares_with),
        form("leader-before", "leader", "before-start", ("results", notice)),
        form("leader-after", "leader", "completion", ("results", notice), compares_with="leader-before"),
    ]
    round_ = publish_round(session, course, [session.merge(world.ours.municipality), other], asked=asked)
    instead = form("before", "staff", "before-start", ("learning", [scale("talk", "I talk")]))
    publish_form(session, course=course, form=instead, source=VersionSource.BROWSER, by=None)
    session.commit()

    page = owner.page(f"/owner/evaluation/{round_.id}")

    assert "Staff rate themselves higher after the course" in page.text
    assert len(page.select("tr:has(.ch-mv)")) == 4, "of staff and of leaders, and once more beside each other"
    assert [len(table.select("tbody tr b")) for table in page.select(".ev-sh")] == [5], "what was answered later"
    told = [cell.find_parent("tr").th.text for cell in page.select(".ev-no")]
    assert all("Dental health" in each for each in told), "sectors that have no figure, and nothing else"


def test_new_versions_take_nothing_from_a_page_and_change_nothing_in_a_closed_round(owner, session, round_, clock):
    path = f"/owner/evaluation/{round_.id}"

    def ask(words: str) -> None:
        only = form("after", "staff", "completion", ("learning", [scale("talk", words)]), compares_with="before")
        publish_form(session, course=round_.course, form=only, source=VersionSource.BROWSER, by=None)

    def shown() -> list[str]:
        page = owner.page(path)
        return [owner.get(f"{path}/figures.csv").text, *(each.text for each in page.select(".ev-sum, .ev-s"))]

    ask("I talk")
    session.commit()
    assert "Would you recommend it?" in shown()[0], "no longer asked, but answered"
    assert owner.page(path).select(".ev-hist")

    round_.closed_at = clock.time
    session.flush()
    start_round(session, course=round_.course, by=None)
    session.commit()
    before = shown()
    clock.advance(minutes=1)
    ask("Other words")
    clock.advance(minutes=1)
    for row in session.scalars(select(FeedbackForm)):
        retire_form(session, form=row, by=None)
    session.commit()

    assert shown() == before


def test_options_that_seven_have_answered_are_shown_with_their_counts(round_, session, world):
    read = published_results(session, world.ours.house_scope, round_.id)
    places = [("practice", "staff", "", "done", option) for option in ("asked", "wrote")]
    seven = {place: Figure(*place, 7, counts={"0": 5, "1": 2}) for place in places}
    for read_, own in ((replace(read, own=seven), "Town"), (replace(read, everybody=seven), "")):
        (block,) = next(each for each in chapters(read_, own=own) if each.level == "behaviour").parts[0].blocks
        assert [(row.share, row.interval, row.count) for row in block.rows] == [(2 / 7, None, 2)] * 2
    (block,) = (
        next(each for each in chapters(replace(read, everybody=seven, own={}), own="Town") if each.level == "behaviour")
        .parts[0]
        .blocks
    )
    assert [row.total for row in block.rows] == [2 / 7] * 2


def test_modules_stand_in_the_courses_order(round_, session, world):
    read = published_results(session, world.ours.house_scope, round_.id)
    asks = form("module", "staff", "after-module", ("reaction", [scale("use", "Can you use it?")]))
    figures = {("module", "staff", key, "use", ""): next(iter(read.everybody.values())) for key in ("a", "b")}
    read = replace(read, forms=[asks], modules=["b", "a"], everybody=figures, sectors={})
    (reaction,) = chapters(read, modules={"a": "The second", "b": "The first"})
    assert [part.module for part in reaction.parts] == ["The first", "The second"]


def test_a_page_costs_the_same_whatever_is_published(owner, session, database, world, round_):
    paths = [f"/owner/evaluation/{round_.id}", "/owner/evaluation"]
    few = [queries(database, owner, path) for path in paths]
    publish_more = PublishedTable.__table__.insert()
    table = session.get_one(PublishedTable, (round_.id, TableKind.MUNICIPALITY, str(world.ours.municipality.id)))
    more = [{"kind": TableKind.MUNICIPALITY, "key": str(place)} for place in range(9000, 9040)]
    more += [{"kind": TableKind.SECTOR, "key": code} for code in ("ppr", "police", "nav", "dental")]
    shared = {"round_id": round_.id, "batch_id": table.batch_id, "content": table.content}
    session.execute(publish_more, [shared | each for each in more])
    session.commit()
    assert [queries(database, owner, path) for path in paths] == few


def test_only_approved_texts_that_may_be_quoted_stand_on_the_page(owner, browser, round_, session, world):
    form = session.scalars(select(FeedbackForm).where(FeedbackForm.key == "after")).one()
    add_text(session, round_, form, "Fine words", state="approved")
    for text, changed in {
        "Not read yet": {},
        "Hidden words": {"state": "hidden"},
        "No consent": {"state": "approved", "may_quote": False},
        "Still waiting": {"state": "approved", "is_out": False},
    }.items():
        add_text(session, round_, form, text, **changed)
    session.commit()
    buyer = browser().signed_in_as(world.ours.buyer)
    for told in (
        owner.page(f"/owner/evaluation/{round_.id}").text,
        buyer.page(f"/municipalities/{world.ours.municipality.id}/evaluation/{round_.id}").text,
        " ".join(pdf_text(owner.get(f"/owner/evaluation/{round_.id}/report.pdf")).split()),
    ):
        assert "Fine words" in told
        assert "never by municipality" in told, "on a municipality's page and report, too, they may be anybody's"
        for text in ("Not read yet", "Hidden words", "No consent", "Still waiting"):
            assert text not in told
