"""People and sign-in: what changes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from elearn.accounts import addresses
from elearn.accounts.errors import LinkNotValid, SignInEnded
from elearn.accounts.models import EmailAddress, Person, SignIn, SignInLink
from elearn.core import audit, clock
from elearn.core.limits import Limit, count_attempt
from elearn.core.tokens import Tokens, hash_of, random_token
from elearn.jobs.queue import enqueue
from elearn.mail.services import queue

LINK_LIFE = timedelta(minutes=30)
ADDRESSES_AT_ONCE = 500
LINK_PURPOSE = "sign-in"
SIGN_IN_LIFE = timedelta(days=30)

LINKS_PER_ADDRESS = Limit("sign_in.address", attempts=5, window_s=900)
LINKS_PER_SENDER = Limit("sign_in.sender", attempts=200, window_s=900)
"""A hall full of people, or a town hall, shares one network address."""

SIGNED_IN = audit.kind("accounts.signed_in", "person_id", "door")
SIGNED_OUT = audit.kind("accounts.signed_out", "person_id")
ADDRESS_MENDED = audit.kind("accounts.address.mended", "person_id")
ADDRESS_CONFIRMED = audit.kind("accounts.address.confirmed", "person_id")
NAME_CHANGED = audit.kind("accounts.name.changed", "person_id")


@dataclass(frozen=True)
class OpenedSignIn:
    """A fresh sign-in and the secret its browser keeps."""

    sign_in: SignIn
    token: str


@dataclass(frozen=True)
class NewPerson:
    """Somebody as a list names them."""

    address: str
    name: str
    language: str


@dataclass(frozen=True)
class Addressee:
    """Whose an address is."""

    person_id: int
    name: str
    email_address_id: int


def find_or_add_person(session: Session, *, address: str, name: str, language: str) -> tuple[Person, EmailAddress]:
    """Return the person an address belongs to, or add one with the address unconfirmed.

    A known person's name and language stay as they are. Raises `NotAnAddress`.
    """
    address = addresses.check(address)
    known = session.scalar(
        select(EmailAddress)
        .where(EmailAddress.normalised == addresses.normalise(address))
        .options(selectinload(EmailAddress.person))
    )
    if known is not None:
        return known.person, known
    person = Person(name=name.strip(), language=language, created_at=clock.now())
    email = EmailAddress(address=address, normalised=addresses.normalise(address), person=person)
    session.add_all([person, email])
    session.flush()  # callers need the ids
    return person, email


def find_or_add_person_surely(
    session: Session, *, address: str, name: str, language: str
) -> tuple[Person, EmailAddress]:
    """Do what `find_or_add_person` does, also while somebody else adds the same address. Raises `NotAnAddress`."""
    try:
        with session.begin_nested():
            return find_or_add_person(session, address=address, name=name, language=language)
    except IntegrityError:
        return find_or_add_person(session, address=address, name=name, language=language)


def find_or_add_people(session: Session, wanted: Sequence[NewPerson]) -> dict[str, Addressee]:
    """Return whose each address is, by normalised address; whoever is unknown is added.

    Known people's names and languages stay as they are. Raises `NotAnAddress`, and `IntegrityError` when somebody
    adds one of them in the same moment: then try again.
    """
    by_address = {addresses.normalise(addresses.check(new.address)): new for new in wanted}
    found = _known_addressees(session, list(by_address))
    unknown = [(normalised, new) for normalised, new in by_address.items() if normalised not in found]
    if not unknown:
        return found
    now = clock.now()
    person_ids = session.scalars(
        insert(Person).returning(Person.id, sort_by_parameter_order=True),
        [{"name": new.name.strip(), "language": new.language, "created_at": now} for _normalised, new in unknown],
    ).all()
    email_ids = session.scalars(
        insert(EmailAddress).returning(EmailAddress.id, sort_by_parameter_order=True),
        [
            {"person_id": person_id, "address": new.address.strip(), "normalised": normalised}
            for person_id, (normalised, new) in zip(person_ids, unknown, strict=True)
        ],
    ).all()
    added = zip(unknown, person_ids, email_ids, strict=True)
    return found | {
        normalised: Addressee(person_id, new.name.strip(), email_id) for (normalised, new), person_id, email_id in added
    }


def _known_addressees(session: Session, normalised: list[str]) -> dict[str, Addressee]:
    found: dict[str, Addressee] = {}
    for start in range(0, len(normalised), ADDRESSES_AT_ONCE):
        rows = session.execute(
            select(EmailAddress.normalised, EmailAddress.person_id, Person.name, EmailAddress.id)
            .join(Person, Person.id == EmailAddress.person_id)
            .where(EmailAddress.normalised.in_(normalised[start : start + ADDRESSES_AT_ONCE]))
        )
        found |= {address: Addressee(person_id, name, email_id) for address, person_id, name, email_id in rows}
    return found


def mend_address(
    session: Session, email: EmailAddress, *, address: str, may_stay_theirs: bool, by_id: int | None
) -> EmailAddress:
    """Return the address row for a corrected spelling.

    With `may_stay_theirs` an address that nobody has confirmed, of a person who has no other, is mended in place: the
    caller has seen to it that the person is nothing to anybody else, for whoever has the new address becomes them.
    Otherwise the new address is its own person's. Raises `NotAnAddress`.
    """
    address = addresses.check(address)
    normalised = addresses.normalise(address)
    known = session.scalar(select(EmailAddress).where(EmailAddress.normalised == normalised))
    if known is not None:
        return known
    if may_stay_theirs and email.confirmed_at is None and len(email.person.addresses) == 1:
        try:
            with session.begin_nested():
                email.address, email.normalised = address, normalised
                _use_up_links(session, email.person_id)  # they were mailed to the address before
                audit.record(session, ADDRESS_MENDED, actor_id=by_id, person_id=email.person_id)
        except IntegrityError:  # in the same moment it became somebody else's
            return session.scalars(select(EmailAddress).where(EmailAddress.normalised == normalised)).one()
        return email
    person = email.person
    return find_or_add_person_surely(session, address=address, name=person.name, language=person.language)[1]


def ask_for_link(session: Session, *, address: str, sender: str, next_path: str | None) -> None:
    """Have a sign-in link mailed, if somebody is known by this address.

    Known or not, the same rows are written and the same time is spent: a job looks the address up.
    Raises `NotAnAddress`, `TooManyAttempts`.
    """
    address = addresses.check(address)
    count_attempt(session, LINKS_PER_SENDER, sender)
    count_attempt(session, LINKS_PER_ADDRESS, addresses.normalise(address))
    enqueue(session, "accounts.send_link", address=address, next_path=next_path)


def send_link(session: Session, tokens: Tokens, *, address: str, next_path: str | None, house: str) -> bool:
    """Make a link for whoever has this address and queue its letter. Returns False when nobody has."""
    email = session.scalar(
        select(EmailAddress)
        .where(EmailAddress.normalised == addresses.normalise(address))
        .options(selectinload(EmailAddress.person))
    )
    if email is None:
        return False
    minted = tokens.mint(LINK_PURPOSE)
    session.add(
        SignInLink(
            person_id=email.person_id,
            email_address_id=email.id,
            token_hash=minted.token_hash,
            created_at=clock.now(),
            expires_at=clock.now() + LINK_LIFE,
            next_path=next_path,
        )
    )
    queue(
        session,
        "accounts/sign_in",
        to=email.address,
        language=email.person.language,
        context={
            "name": email.person.first_name,
            "minutes": int(LINK_LIFE.total_seconds() // 60),
            "house": house,
        },
        token_purpose=LINK_PURPOSE,
        token=minted,
    )
    return True


def is_link_valid(session: Session, token: str) -> bool:
    """Say whether a link would still sign somebody in; nothing is used up."""
    usable = select(SignInLink.id).where(
        SignInLink.token_hash == hash_of(token), SignInLink.used_at.is_(None), SignInLink.expires_at > clock.now()
    )
    return session.scalar(usable) is not None


def was_link_ours(session: Session, token: str) -> bool:
    """Say whether a link was ever mailed, used up and too old ones included."""
    return session.scalar(select(SignInLink.id).where(SignInLink.token_hash == hash_of(token))) is not None


def use_link(session: Session, token: str) -> tuple[Person, str | None]:
    """Use a link up and return whose it was and where they wanted to go.

    Of two presses at once one wins. Confirms the address. Raises `LinkNotValid`.
    """
    link_id = session.scalar(
        update(SignInLink)
        .where(SignInLink.token_hash == hash_of(token), SignInLink.used_at.is_(None))
        .where(SignInLink.expires_at > clock.now())
        .values(used_at=clock.now())
        .returning(SignInLink.id)
    )
    if link_id is None:
        raise LinkNotValid
    link = session.get_one(SignInLink, link_id)
    confirm_address(session, session.get_one(EmailAddress, link.email_address_id))
    return session.get_one(Person, link.person_id), link.next_path


def confirm_address(session: Session, email: EmailAddress) -> None:
    """Note that the person has shown to receive letters at this address."""
    if email.confirmed_at is None:
        email.confirmed_at = clock.now()
        audit.record(session, ADDRESS_CONFIRMED, actor_id=email.person_id, person_id=email.person_id)


def open_sign_in(session: Session, *, person: Person, door: str) -> OpenedSignIn:
    """Sign a browser in. The returned token is new at every sign-in; only its hash is stored."""
    token = random_token()
    sign_in = SignIn(
        person=person,
        token_hash=hash_of(token),
        created_at=clock.now(),
        expires_at=clock.now() + SIGN_IN_LIFE,
    )
    session.add(sign_in)
    audit.record(session, SIGNED_IN, actor_id=person.id, person_id=person.id, door=door)
    session.flush()  # Flask-Login wants the row's id
    return OpenedSignIn(sign_in, token)


def end_sign_in(session: Session, sign_in_id: int) -> None:
    """Sign a browser out: its cookie is worth nothing from now on."""
    ended = session.scalar(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(SignIn.person_id)
    )
    if ended is not None:
        audit.record(session, SIGNED_OUT, actor_id=ended, person_id=ended)


def end_every_sign_in(session: Session, *, person_id: int) -> int:
    """Sign a person out in every browser; links that were mailed and not used no longer sign in either.

    Returns how many browsers were signed in.
    """
    ended = _end_sign_ins(session, person_id, but=None)
    audit.record(session, SIGNED_OUT, actor_id=person_id, person_id=person_id)
    return ended


def end_other_sign_ins(session: Session, *, person_id: int, but: int) -> int:
    """Sign a person out everywhere but in the browser of the sign-in `but`, and use up the links mailed to them.

    Returns how many browsers were signed out.
    """
    ended = _end_sign_ins(session, person_id, but=but)
    if ended:
        audit.record(session, SIGNED_OUT, actor_id=person_id, person_id=person_id)
    return ended


def end_all_sign_ins(session: Session) -> int:
    """Sign everybody out, and use up all mailed links; return how many browsers were signed out.

    For a backup that was put back: whoever was signed out since it was made would be signed in again.
    """
    session.execute(update(SignInLink).where(SignInLink.used_at.is_(None)).values(used_at=clock.now()))
    ended = update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=clock.now()).returning(SignIn.id)
    return len(session.scalars(ended).all())


def _end_sign_ins(session: Session, person_id: int, *, but: int | None) -> int:
    """Links go first: whoever is using one now is waited for, and the browser it signs in is ended with the rest."""
    _use_up_links(session, person_id)
    open_ones = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if but is not None:
        open_ones = open_ones.where(SignIn.id != but)
    return len(session.scalars(open_ones.values(ended_at=clock.now()).returning(SignIn.id)).all())


def _use_up_links(session: Session, person_id: int) -> None:
    session.execute(
        update(SignInLink)
        .where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None))
        .values(used_at=clock.now())
    )


def renew_sign_in(session: Session, sign_in: SignIn, *, second_factor_at: datetime | None) -> str:
    """Give a browser a new token; copies of the old one are worth nothing from now on.

    Raises `SignInEnded` when the browser was signed out, or renewed, since the request began.
    """
    token = random_token()
    renewed = session.scalar(
        update(SignIn)
        .where(SignIn.id == sign_in.id, SignIn.token_hash == sign_in.token_hash, SignIn.ended_at.is_(None))
        .values(token_hash=hash_of(token), second_factor_at=second_factor_at)
        .returning(SignIn.id)
    )
    if renewed is None:
        raise SignInEnded
    return token


def find_sign_in(session: Session, token: str) -> SignIn | None:
    """Return the open sign-in of a browser's token."""
    return session.scalar(
        select(SignIn).where(
            SignIn.token_hash == hash_of(token), SignIn.ended_at.is_(None), SignIn.expires_at > clock.now()
        )
    )


def choose_language(session: Session, *, person_id: int, language: str) -> None:
    """Remember the language a person reads and gets letters in."""
    session.execute(update(Person).where(Person.id == person_id).values(language=language))


def choose_nudges(session: Session, *, person_id: int, wanted: bool) -> None:
    """Remember whether a person wants to be reminded of a course they have stopped in."""
    declined_at = None if wanted else clock.now()
    session.execute(update(Person).where(Person.id == person_id).values(nudges_declined_at=declined_at))


def explain_leave_page(session: Session, *, person_id: int) -> None:
    """Note that the person has read how 'leave this page' works; once is enough."""
    session.execute(
        update(Person)
        .where(Person.id == person_id, Person.leave_page_explained_at.is_(None))
        .values(leave_page_explained_at=clock.now())
    )
