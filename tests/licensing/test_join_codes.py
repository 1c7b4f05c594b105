"""Codes that can be typed from a poster, and the mail domains that show where somebody works."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elearn.licensing.errors import NotADomain, PublicDomain
from elearn.licensing.join_codes import ALPHABET, LENGTH, check_domain, is_at, new_code, tidy_code, written_code


def test_a_code_is_hard_to_guess_and_easy_to_read() -> None:
    assert LENGTH * math.log2(len(ALPHABET)) >= 40
    assert not set(ALPHABET) & set("ILOUAEY0123456789")
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {tidy_code(code) for code in codes} == codes


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH), st.data())
def test_a_code_is_read_however_it_is_typed(code: str, data: st.DataObject) -> None:
    typed = written_code(code)
    at = data.draw(st.integers(0, len(typed)))
    typed = typed[:at] + data.draw(st.sampled_from([" ", "-", "–", ""])) + typed[at:]

    assert tidy_code(data.draw(st.sampled_from([typed, typed.lower(), f" {typed} "]))) == code


@given(st.text(max_size=20))
def test_what_is_no_code_is_none(typed: str) -> None:
    code = tidy_code(typed)

    assert code is None or (len(code) == LENGTH and set(code) <= set(ALPHABET))


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("favrskov.dk", "favrskov.dk"),
        (" @Favrskov.DK ", "favrskov.dk"),
        ("skole.favrskov.dk", "skole.favrskov.dk"),
        ("oslo.kommune.no", "oslo.kommune.no"),
    ],
)
def test_a_domain_is_stored_in_one_spelling(written: str, stored: str) -> None:
    assert check_domain(written) == stored


def test_a_domain_with_letters_of_ours_is_stored_as_mail_servers_write_it() -> None:
    assert check_domain("Ærø.dk") == check_domain("ærø.dk")
    assert check_domain("ærø.dk").startswith("xn--")


@pytest.mark.parametrize(
    "written", ["", "favrskov", "dk", "a b.dk", "mette@favrskov.dk", "..dk", "-a.dk", "x" * 300 + ".dk"]
)
def test_what_is_no_domain_is_refused_by_what_was_written(written: str) -> None:
    with pytest.raises(NotADomain) as refused:
        check_domain(written)
    assert refused.value.args == (written,)


@pytest.mark.parametrize(
    "written",
    [
        "gmail.com",
        "hotmail.dk",
        "live.dk",
        "Outlook.com",
        "yahoo.co.uk",
        "yahoo.com.br",
        "online.no",
        "icloud.com",
        "mail.dk",
        "runbox.no",
        "mailinator.com",
        "mail.tele.dk",
    ],
)
def test_a_provider_that_takes_anybody_is_refused(written: str) -> None:
    with pytest.raises(PublicDomain) as refused:
        check_domain(written)
    assert refused.value.args == (written.lower(),)


@pytest.mark.parametrize("written", ["mail.oslo.no", "web.favrskov.dk", "mail.co.favrskov.dk", "mitgmail.dk"])
def test_a_municipalitys_own_domain_may_begin_like_a_providers(written: str) -> None:
    assert check_domain(written) == written


@given(st.text(max_size=40))
def test_no_text_breaks_the_check(written: str) -> None:
    try:
        domain = check_domain(written)
    except (NotADomain, PublicDomain):
        return
    assert is_at(f"mette@{domain}", [domain])


def test_only_the_domain_itself_counts() -> None:
    assert is_at("Mette@FAVRSKOV.dk", ["favrskov.dk"])
    assert is_at("mette@ærø.dk", [check_domain("ærø.dk")])
    for address in (
        "mette@skole.favrskov.dk",
        "mette@evil-favrskov.dk",
        "mette@favrskov.dk.evil.test",
        "favrskov.dk@x.dk",
    ):
        assert not is_at(address, ["favrskov.dk"])


def test_an_address_lies_at_what_follows_its_last_at_sign() -> None:
    assert is_at('"mette@home"@favrskov.dk', ["favrskov.dk"])
    assert not is_at('"mette@favrskov.dk"@evil.test', ["favrskov.dk"])


def test_an_address_at_what_can_be_no_domain_lies_nowhere() -> None:
    assert not is_at("mette@" + "æ" * 70 + ".dk", ["favrskov.dk"])
