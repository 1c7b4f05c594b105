"""The buyer's pages of rules and of who is due, and the learner's own."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from elearn.accounts.models import Person
from elearn.licensing.models import Licence
from elearn.organisations.models import Department, Membership
from elearn.training import queries, services
from elearn.training.models import RuleKind, TrainingRule
from elearn.training.queries import DueState, Wanted, due_people
from tests.client import PageClient, check_page
from tests.training.conftest import Training
from tests.world import World


@pytest.fixture
def buyer(browser: Callable[[], PageClient], training: Training, world: World) -> PageClient:
    assert training, "its clock has gone on before somebody signs in"
    return browser().signed_in_as(world.ours.buyer)


def path(training: Training, rest: str = "") -> str:
    return f"/municipalities/{training.side.municipality.id}/training{rest}"


def text(page) -> str:
    return " ".join(page.get_text(" ").split())


def test_a_rule_is_told_before_it_begins(buyer: PageClient, training: Training) -> None:
    address = path(training, f"/new-hires/{training.side.course.id}")
    assert "No rules yet" in text(buyer.page(path(training)))
    assert "What the rule will do" not in text(buyer.page(address))

    told = text(buyer.page(f"{address}?department=all&within_days=14&includes_present=y"))
    assert "Everyone who joins you is to finish “Hard talks” within 14 days." in told
    assert "It asks 1 person here who has not completed it" in told
    assert queries.rules(training.session, training.scope) == [], "looking makes nothing"

    response = buyer.press(address, department="all", within_days="14", includes_present="y")
    assert response.status_code == 303
    training.hour()
    listed = text(buyer.page(path(training)))
    assert "Everyone who joins you is to finish “Hard talks” within 14 days." in listed
    assert "Since 23 November. Due: 1, late: 0, done: 0." in listed
    assert "Learner-ours" in text(buyer.page(path(training, "/due")))


def test_a_queue_is_promised_only_where_there_is_one(buyer: PageClient, training: Training) -> None:
    address = path(training, f"/new-hires/{training.side.course.id}?department=all&within_days=14")
    assert "or stands in line when none is free." in text(buyer.page(address))

    training.session.execute(update(Licence).values(has_waiting_line=False))
    training.session.commit()

    told = text(buyer.page(address))
    assert "stands in line" not in told
    assert "The queue is switched off: when none is free, they get one as soon as there is." in told


def test_a_refresher_names_its_modules(buyer: PageClient, training: Training) -> None:
    address = path(training, f"/refreshers/{training.side.course.id}")
    key = training.course.modules[0].key

    refused = buyer.get(f"{address}?department=all&within_days=30&after_months=12")
    assert refused.status_code == 422
    assert "Choose at least one module." in text(check_page(address, refused))
    told = text(buyer.page(f"{address}?department=all&within_days=30&after_months=12&modules={key}"))
    assert "Everyone who has completed “Hard talks” has a refresher every 12 months." in told

    assert buyer.press(address, department="all", within_days="30", after_months="12", modules=key).status_code == 303
    [row] = queries.rules(training.session, training.scope)
    assert (row.rule.kind, row.rule.modules, row.rule.after_months) == (RuleKind.REFRESHER, [key], 12)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"department": "all", "within_days": "soon"}, "Write a whole number"),
        ({"department": "all", "within_days": "3"}, "Write a number of days from 7 to 365."),
        ({"department": "999", "within_days": "14"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(
    buyer: PageClient, training: Training, fields: dict[str, str], said: str
) -> None:
    response = buyer.press(path(training, f"/new-hires/{training.side.course.id}"), **fields)

    assert response.status_code == 422
    assert said in response.text
    assert queries.rules(training.session, training.scope) == []


def test_the_same_rule_is_refused_in_words(buyer: PageClient, training: Training) -> None:
    training.rule()
    response = buyer.press(path(training, f"/new-hires/{training.side.course.id}"), department="all", within_days="30")

    assert response.status_code == 422
    assert "Such a rule runs already" in response.text


def test_a_course_without_licence_offers_no_rule(buyer: PageClient, training: Training, world: World) -> None:
    buyer.page(path(training, f"/new-hires/{world.theirs.course.id}"), status=404)


def test_ending_says_what_happens_first(buyer: PageClient, training: Training) -> None:
    rule = training.rule()
    training.joins("Lise")
    training.hour()
    address = path(training, f"/rules/{rule.id}/end")

    assert "1 person has a day and is not done" in text(buyer.page(address))
    assert buyer.press(address, days="take-back").status_code == 303
    assert "Due: 0, late: 0, done: 0." in text(buyer.page(path(training)))


def test_who_is_due_can_be_searched_and_filtered(buyer: PageClient, training: Training) -> None:
    schools, dental = training.department("Schools"), training.department("Dental")
    rule = training.rule()
    training.joins("Lise", schools)
    training.completes(training.joins("Mads", dental))
    training.hour()
    due = path(training, "/due")

    def shown(query: str) -> set[str]:
        page = text(buyer.page(f"{due}?{query}"))
        return {name for name in ("Lise", "Mads") if name in page}

    assert shown("") == {"Lise", "Mads"}
    assert shown("q=lise@work") == {"Lise"}
    assert shown(f"department={dental.id}") == {"Mads"}
    assert shown("state=done") == {"Mads"}
    assert shown("state=due") == {"Lise"}
    assert shown(f"rule={rule.id}&state=late") == set()
    training.clock.advance(days=20)
    buyer.signed_in_as(training.side.buyer)
    assert shown("state=late") == {"Lise"}


def test_the_list_can_be_fetched_and_a_name_is_no_formula(buyer: PageClient, training: Training) -> None:
    training.rule()
    training.joins("Lise")
    training.session.merge(training.joins("Mads")).name = "=cmd|'/c calc'!A1"
    training.hour()
    file = buyer.get(path(training, "/due.csv?state=due"))

    lines = file.get_data(as_text=True).splitlines()
    assert len(lines) == 3
    assert any(line.split(";")[0].strip('"') == "Lise" and "2026-12-07" in line for line in lines)
    assert not any(line.lstrip('"').startswith("=") for line in lines)
    assert buyer.get(path(training, "/due.xlsx")).data[:2] == b"PK"


def test_nothing_of_what_is_watched_stands_there(buyer: PageClient, training: Training) -> None:
    training.rule()
    training.completes(training.seated("Lise"))
    training.hour()
    row = queries.due_people(training.session, training.scope, Wanted()).rows[0]

    assert set(vars(row)) == {"due", "person", "rule", "departments", "done_at", "state", "holds_seat"}
    assert "23 November" in text(buyer.page(path(training, "/due")))


def test_a_learner_sees_the_day_and_the_short_list(browser: Callable[[], PageClient], training: Training) -> None:
    key = training.course.modules[0].key
    training.rule(within_days=20)
    lise = training.seated("Lise")
    training.hour()
    client = browser().signed_in_as(lise)
    page = text(client.page("/learn"))
    assert "By 13 December" in page
    said = "Favrskov Kommune asks for this. Your employer sees the day, and whether you are done."
    assert said in page
    assert said in text(client.page("/learn/my-data"))

    training.completes(lise)
    assert "By 13 December" not in text(client.page("/learn"))
    training.rule(RuleKind.REFRESHER, after_months=1, modules=[key])
    training.clock.advance(days=40)
    training.hour()
    client = browser().signed_in_as(training.session.get_one(Person, lise.id))
    link = client.page("/learn").find("a", string="See the short list")
    assert link
    address = link["href"]
    assert "The button is your own word" in text(client.page(address))
    assert client.press(f"{address}/modules/{key}").status_code == 303
    assert "You are through the refresher since" in text(client.page(address))
    assert "See the short list" not in text(client.page("/learn"))


def test_buyers_of_others_and_learners_find_nothing(
    browser: Callable[[], PageClient], training: Training, world: World
) -> None:
    rule = training.rule()
    for person in (world.theirs.buyer, world.ours.learner, world.ours.leader, world.ours.owner):
        client = browser().signed_in_as(person)
        for rest in ("", "/due", f"/new-hires/{world.ours.course.id}", f"/rules/{rule.id}/end"):
            assert client.get(path(training, rest)).status_code == 404


@pytest.mark.parametrize("is_below", [True, False])
def test_a_department_is_removed_without_who_got_through_by_a_rule_that_ended_there(
    training: Training, buyer: PageClient, is_below: bool
) -> None:
    schools = training.department("Schools") if is_below else None
    old, new = training.department("Old", schools), training.department("New", schools)
    rule, session, old_id = training.rule(department_id=old.id), training.session, old.id
    mads = training.joins("Mads", old)
    training.completes(mads)
    training.hour()
    services.end_rule(session, scope=training.scope, rule_id=rule.id, takes_days_back=False)
    membership = session.scalars(select(Membership).where(Membership.person_id == mads.id)).one()
    membership.departments = [new]
    session.commit()
    address = f"/municipalities/{training.municipality.id}/departments/{old.id}"
    assert "Nobody and nothing belongs to it." in text(buyer.page(address))

    buyer.press(f"{address}/remove")

    session.expire_all()
    assert session.get(Department, old_id) is None
    assert session.get_one(TrainingRule, rule.id).department_id == (schools.id if schools else None)
    assert [row.person.name for row in due_people(session, training.scope, Wanted(state=DueState.DONE)).rows] == [
        "Mads"
    ]
