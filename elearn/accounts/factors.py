"""The second factor: adding, showing and removing passkeys and authenticator apps."""

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts import passkeys, queries, totp
from elearn.accounts.emails import Change, tell_of_change
from elearn.accounts.errors import CodeNotValid, FactorExists, PasskeyNotValid
from elearn.accounts.models import Passkey, Person, TotpSecret
from elearn.accounts.services import end_every_sign_in
from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.core.errors import NotFound
from elearn.core.limits import Limit
from elearn.core.scope import PersonScope
from elearn.core.tokens import Tokens

SEAL = "totp"
TRIES = Limit("second_factor", attempts=5, window_s=900)
"""Counted per person and first door, so that whoever has stolen a password cannot keep its owner from signing in by
mail. Five tries in a quarter of an hour, three codes in a million right: one hit in two years of trying day and night,
and only for who has opened the first door."""

APP_ADDED = audit.kind("accounts.app.added", "person_id")
APP_REMOVED = audit.kind("accounts.app.removed", "person_id")
PASSKEY_ADDED = audit.kind("accounts.passkey.added", "person_id", "passkey_id")
PASSKEY_REMOVED = audit.kind("accounts.passkey.removed", "person_id", "passkey_id")
SHOWN = audit.kind("accounts.second_factor.shown", "person_id", "factor")
REFUSED = audit.kind("accounts.second_factor.refused", "person_id", "factor")
RESET = audit.kind("accounts.second_factor.reset", "person_id")


def begin_app(session: Session, tokens: Tokens, person: Person) -> None:
    """Make a secret for a person's authenticator app; its first code makes it count. Raises `FactorExists`."""
    new = insert(session, TotpSecret).values(
        person_id=person.id, secret=tokens.seal(SEAL, totp.new_secret()), last_step=0
    )
    begun = new.on_conflict_do_update(
        index_elements=["person_id"], set_={"secret": new.excluded.secret}, where=TotpSecret.confirmed_at.is_(None)
    )
    waits = session.scalars(begun.returning(TotpSecret), execution_options={"populate_existing": True}).one_or_none()
    if waits is None:
        raise FactorExists


def app_address(session: Session, tokens: Tokens, person: Person, *, issuer: str) -> str | None:
    """Return the otpauth:// address of an app that waits for its first code; None when none waits."""
    kept = queries.app_secret(session, PersonScope(person.id))
    if kept is None or kept.confirmed_at is not None:
        return None
    secret = tokens.unseal(SEAL, kept.secret)
    return secret and totp.address_of(secret, account=person.address, issuer=issuer)


def add_app(session: Session, tokens: Tokens, person: Person, *, code: str, house: str) -> None:
    """Make the waiting app count, by its first code. Raises `CodeNotValid`."""
    _use_code(session, tokens, person.id, code, first=True)
    audit.record(session, APP_ADDED, actor_id=person.id, person_id=person.id)
    tell_of_change(session, person, Change.APP_ADDED, house=house)


def show_code(session: Session, tokens: Tokens, person: Person, *, code: str) -> None:
    """Take a code of the person's app; no code works twice, not even at the same time. Raises `CodeNotValid`."""
    _use_code(session, tokens, person.id, code, first=False)
    audit.record(session, SHOWN, actor_id=person.id, person_id=person.id, factor="app")


def remove_app(session: Session, person: Person, *, house: str) -> None:
    """Take the person's app away; doing it again changes nothing."""
    removed = session.scalars(
        delete(TotpSecret).where(TotpSecret.person_id == person.id).returning(TotpSecret.confirmed_at)
    ).all()
    if removed and removed[0] is not None:
        audit.record(session, APP_REMOVED, actor_id=person.id, person_id=person.id)
        tell_of_change(session, person, Change.APP_REMOVED, house=house)


def add_passkey(session: Session, person: Person, new: passkeys.NewPasskey, *, name: str, house: str) -> Passkey:
    """Add a passkey that the browser has just made. Raises `FactorExists` when somebody has it already."""
    passkey = Passkey(
        person_id=person.id,
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        name=name,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(passkey)
    except IntegrityError as error:
        raise FactorExists from error
    audit.record(session, PASSKEY_ADDED, actor_id=person.id, person_id=person.id, passkey_id=passkey.id)
    tell_of_change(session, person, Change.PASSKEY_ADDED, house=house)
    return passkey


def show_passkey(session: Session, person: Person, site: passkeys.Site, *, challenge: str, answer: str) -> None:
    """Take the browser's answer with one of the person's passkeys. Raises `PasskeyNotValid`."""
    known = queries.passkeys(session, PersonScope(person.id))
    passkey, sign_count = passkeys.check_shown(site, known, challenge=challenge, answer=answer)
    counted = session.scalar(
        update(Passkey)
        .where(Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count)
        .values(sign_count=sign_count, last_used_at=clock.now())
        .returning(Passkey.id)
    )
    if counted is None:  # another request has used it in the same moment
        raise PasskeyNotValid
    audit.record(session, SHOWN, actor_id=person.id, person_id=person.id, factor="passkey")


def remove_passkey(session: Session, person: Person, *, passkey_id: int, house: str) -> None:
    """Take one of the person's passkeys away. Raises `NotFound`."""
    removed = session.scalar(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person.id).returning(Passkey.id)
    )
    if removed is None:
        raise NotFound
    audit.record(session, PASSKEY_REMOVED, actor_id=person.id, person_id=person.id, passkey_id=passkey_id)
    tell_of_change(session, person, Change.PASSKEY_REMOVED, house=house)


def reset(session: Session, person: Person, *, house: str) -> int:
    """Take every second factor of a person away and sign them out everywhere, for whoever has lost them all.

    The mailed link then signs in, and an owner adds a new factor first. Returns how many there were.
    """
    scope = PersonScope(person.id)
    had = len(queries.passkeys(session, scope)) + queries.has_app(session, scope)
    session.execute(delete(Passkey).where(Passkey.person_id == person.id))
    session.execute(delete(TotpSecret).where(TotpSecret.person_id == person.id))
    audit.record(session, RESET, actor_id=None, person_id=person.id)
    end_every_sign_in(session, person_id=person.id)
    tell_of_change(session, person, Change.RESET, house=house)
    return had


def seal_anew(session: Session, tokens: Tokens) -> None:
    """Seal apps' secrets that lie under an old key under today's, so that nobody's app hangs on the old one."""
    for kept in session.scalars(select(TotpSecret)):
        sealed = tokens.seal_anew(SEAL, kept.secret)
        if sealed is not None:
            same = (TotpSecret.person_id == kept.person_id, TotpSecret.secret == kept.secret)
            session.execute(update(TotpSecret).where(*same).values(secret=sealed))


def note_refusal(session: Session, person: Person, *, factor: str) -> None:
    """Keep in the trail that a second factor was tried and was wrong."""
    audit.record(session, REFUSED, actor_id=person.id, person_id=person.id, factor=factor)


def _use_code(session: Session, tokens: Tokens, person_id: int, code: str, *, first: bool) -> None:
    kept = queries.app_secret(session, PersonScope(person_id))
    secret = tokens.unseal(SEAL, kept.secret) if kept else None
    step = totp.step_shown(secret, code, clock.now()) if secret else None
    if kept is None or step is None:
        raise CodeNotValid
    waiting = TotpSecret.confirmed_at.is_(None) if first else TotpSecret.confirmed_at.is_not(None)
    taken = session.scalar(
        update(TotpSecret)
        .where(TotpSecret.person_id == person_id, TotpSecret.secret == kept.secret)
        .where(TotpSecret.last_step < step, waiting)
        .values(last_step=step, confirmed_at=clock.now() if first else TotpSecret.confirmed_at)
        .returning(TotpSecret.person_id)
    )
    if taken is None:
        raise CodeNotValid
