"""Help lines, and what to do when worried about a child."""

from datetime import date, timedelta

import pytest

from elearn.core import i18n
from elearn.learning import help_lines, jobs
from elearn.organisations.models import Municipality


def speak(client, language: str) -> None:
    with client.session_transaction() as cookies:
        cookies["language"] = language


@pytest.mark.parametrize("country", ["DK", "NO"])
@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_every_country_has_its_numbers_in_every_language(country, language):
    found = help_lines.of_country(country, language)
    assert found.emergency == "112"
    assert [line.label for line in found.lines] == ["116 111"]
    assert found.lines[0].href == "tel:116111"
    assert found.lines[0].text


def test_numbers_that_nobody_has_confirmed_for_90_days_are_named():
    confirmed = date(2026, 11, 22)
    assert help_lines.unconfirmed(confirmed + timedelta(days=90)) == []
    assert "DK 116 111" in help_lines.unconfirmed(confirmed + timedelta(days=91))


def test_help_stands_at_the_foot_of_every_learners_page(learner, world, session):
    module = world.ours.outline(session).modules[0].id
    for path in ("/learn", f"/learn/{world.ours.course.id}", f"/learn/modules/{module}", "/learn/notes"):
        foot = learner.page(path).select_one("aside.help")
        assert [link["href"] for link in foot.select("a")] == [
            "tel:116111",
            "/learn/worried#report",
            "/learn/worried#leader",
        ]
        assert "Favrskov Kommune" in foot.text


def test_the_municipalitys_own_route_is_shown_when_it_is_known(learner, world, session):
    municipality = session.get_one(Municipality, world.ours.municipality.id)
    municipality.reporting_phone = "89 64 10 10"
    session.commit()
    assert learner.page("/learn").select_one('aside.help a[href="tel:89641010"]') is not None
    municipality.reporting_url = "https://municipality.example/report"
    session.commit()
    assert learner.page("/learn").select_one('aside.help a[href="https://municipality.example/report"]') is not None
    worried = learner.page("/learn/worried")
    assert worried.select_one('main a[href="https://municipality.example/report"]') is not None
    assert worried.select_one('main a[href="tel:89641010"]') is not None


def test_the_duty_of_both_countries_is_told_and_nothing_can_be_reported_here(anonymous):
    speak(anonymous, "en")
    page = anonymous.page("/learn/worried")
    text = " ".join(page.text.split())
    assert "You cannot report here." in text
    for law in ("barnets lov § 133", "§ 135", "barnevernsloven § 13-2", "straffeloven § 196"):
        assert law in text
    assert not page.select("main form")
    assert page.title.text.startswith("What to do")


def test_ones_own_country_comes_first(anonymous, learner):
    def countries(client):
        return [
            section["id"] for section in client.page("/learn/worried").select("section[id]") if len(section["id"]) == 2
        ]

    assert countries(learner) == ["dk", "no"]
    speak(anonymous, "nn")
    assert countries(anonymous) == ["no", "dk"]


def test_the_nightly_look_names_numbers_until_somebody_confirms_them(session, installation, clock, caplog):
    jobs.check_help_lines(installation, session)
    assert caplog.messages == []
    clock.advance(days=100)
    jobs.check_help_lines(installation, session)
    assert "help line DK 116 111: nobody has confirmed it for 90 days" in caplog.text
