from sqlalchemy import select

from elearn.organisations.models import Municipality


def test_a_search_finds_nordic_letters_in_either_case(session):
    found = session.scalars(select(Municipality.name).where(Municipality.name.ilike("ÆRØ%")))
    assert list(found) == ["Ærø Kommune"]
