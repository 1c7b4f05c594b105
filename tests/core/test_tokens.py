"""Secrets in links, and signed statements."""

import pytest

from elearn.core.tokens import Tokens, hash_of, random_token


def test_a_token_is_found_by_its_hash_and_made_again_from_its_nonce(tokens: Tokens) -> None:
    minted = tokens.mint("sign-in")

    assert hash_of(tokens.reveal("sign-in", minted.nonce)) == minted.token_hash


def test_a_token_has_at_least_128_bits(tokens: Tokens) -> None:
    made = {tokens.reveal("sign-in", tokens.mint("sign-in").nonce) for _ in range(1000)}

    assert len(made) == 1000
    assert min(map(len, made)) == 32, "192 bits in base64"
    assert len(random_token()) == 32


def test_each_purpose_and_each_installation_has_its_own(tokens: Tokens) -> None:
    nonce = tokens.mint("sign-in").nonce
    others = [tokens.reveal("invitation", nonce), Tokens("another key").reveal("sign-in", nonce)]

    assert tokens.reveal("sign-in", nonce) not in others


def test_a_statement_is_read_for_its_purpose_alone(tokens: Tokens) -> None:
    signed = tokens.signer("ticket").sign([1, None, "a"])

    assert tokens.signer("ticket").read(signed) == [1, None, "a"]
    assert tokens.signer("other").read(signed) is None
    assert Tokens("another key").signer("ticket").read(signed) is None


@pytest.mark.parametrize("forged", [None, "", ".", "a.b", "a" * 10_000, "é.ø", "\x00", "eyJhIjoxfQ."])
def test_what_was_not_signed_here_says_nothing(tokens: Tokens, forged: str | None) -> None:
    assert tokens.signer("ticket").read(forged) is None


def test_a_statement_that_was_altered_says_nothing(tokens: Tokens) -> None:
    signed = tokens.signer("ticket").sign({"seat": 1})

    for place in range(len(signed)):
        altered = signed[:place] + ("A" if signed[place] != "A" else "B") + signed[place + 1 :]
        # the last letter of base64 may carry bits that mean nothing
        assert tokens.signer("ticket").read(altered) in (None, {"seat": 1} if place == len(signed) - 1 else None)


OLD, NEW = "the key of last year, long enough", "the key of this year, long enough"


def test_what_an_old_key_made_is_read_and_nothing_new_is_made_with_it() -> None:
    before, now, after = Tokens(OLD), Tokens(NEW, [OLD]), Tokens(NEW)
    signed, sealed, minted = before.signer("ticket").sign(1), before.seal("app", "text"), before.mint("sign-in")

    assert now.signer("ticket").read(signed) == 1
    assert now.unseal("app", sealed) == "text"
    assert hash_of(now.reveal("sign-in", minted.nonce)) == minted.token_hash
    assert before.fingerprint("erased", "a@b") in now.fingerprints("erased", "a@b")
    assert now.lasting("webhook", "7") == [*after.lasting("webhook", "7"), *before.lasting("webhook", "7")]

    assert after.signer("ticket").read(now.signer("ticket").sign(1)) == 1
    assert after.unseal("app", now.seal("app", "text")) == "text"
    assert hash_of(after.reveal("sign-in", (new := now.mint("sign-in")).nonce)) == new.token_hash
    assert after.fingerprint("erased", "a@b") == now.fingerprint("erased", "a@b")
    assert after.signer("ticket").read(signed) is after.unseal("app", sealed) is None


def test_what_is_sealed_moves_to_the_new_key_once() -> None:
    now, sealed = Tokens(NEW, [OLD]), Tokens(OLD).seal("app", "text")

    moved = now.seal_anew("app", sealed)

    assert moved
    assert Tokens(NEW).unseal("app", moved) == "text"
    assert now.seal_anew("app", moved) is None
    assert Tokens(NEW).seal_anew("app", sealed) is None
