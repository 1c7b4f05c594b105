"""Every refusal that a buyer can meet has a sentence, in four languages, beside a field that exists."""

import inspect
from datetime import date

import pytest

from elearn.billing import errors
from elearn.billing.forms import OrderForm, QuoteForm
from elearn.billing.refusals import SENTENCES, refusal
from elearn.core.errors import DomainError
from elearn.core.i18n import LANGUAGES, speaking

DAY = date(2026, 12, 31)
MADE = {
    errors.TooFewSeats: errors.TooFewSeats(10),
    errors.CodeTooEarly: errors.CodeTooEarly(DAY),
    errors.CodeExpired: errors.CodeExpired(DAY),
    errors.CodeForOtherCountry: errors.CodeForOtherCountry("NO"),
    errors.CodeForOtherSize: errors.CodeForOtherSize(100, 100),
    errors.PlaceTaken: errors.PlaceTaken("Region Midtjylland"),
    errors.ReferenceHasOtherFormat: errors.ReferenceHasOtherFormat("AAA999"),
    errors.UnknownMunicipality: errors.UnknownMunicipality(["Horsens Kommune"]),
}
OF_PRICING = {errors.NotForSale, errors.OnRequest, errors.TooFewSeats, errors.UnknownTerm, errors.QuoteEnded}


def codes() -> set[type[DomainError]]:
    found = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.CodeRefused)}
    return found - {errors.CodeRefused}


def test_every_refusal_of_codes_and_pricing_has_a_sentence() -> None:
    assert codes() | OF_PRICING <= SENTENCES.keys()


@pytest.mark.parametrize("kind", SENTENCES, ids=lambda kind: kind.__name__)
def test_it_is_said_in_every_language_beside_a_field(app, kind: type[DomainError]) -> None:
    refused = MADE.get(kind) or kind()
    said = set()
    for language in LANGUAGES:
        with speaking(language):
            told = refusal(refused)
        assert told.sentence.endswith((".", "?"))
        assert "%(" not in told.sentence
        said.add(told.sentence)
    assert len(said) >= 3, "bokmål and nynorsk may share a sentence"
    with app.test_request_context():
        form = OrderForm(formdata=None, meta={"csrf": False})
        assert told.field == "quote" or told.field in form
        assert told.field not in QuoteForm(formdata=None, meta={"csrf": False}) or told.field in form


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (100, 100, "The code holds for exactly 100 seats."),
        (None, 50, "The code holds for at most 50 seats."),
        (10, None, "The code holds from 10 seats on."),
        (10, 50, "The code holds for 10 to 50 seats."),
    ],
)
def test_a_size_is_said_as_it_is_meant(least, most, said) -> None:
    assert refusal(errors.CodeForOtherSize(least, most)).sentence == said


def test_the_pattern_is_told_by_an_example() -> None:
    assert refusal(errors.ReferenceHasOtherFormat("B999999")).sentence == "Write the reference like B123456."
