"""People, their addresses, one-time sign-in links and sessions."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.core.db import Base


def first_name(name: str) -> str:
    """Return the name that somebody is greeted by, '' when there is none."""
    return next(iter(name.split()), "")


class Person(Base):
    """One account per person in the installation; what was watched stays with the person."""

    __tablename__ = "people"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    """Never given again: it outlives a deleted person in the history of seats and in the trail."""
    name: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]
    leave_page_explained_at: Mapped[datetime | None]
    """When the person read how 'leave this page' works and what it does not do."""
    password_hash: Mapped[str | None]
    """argon2id; None for the many who sign in by mailed link alone."""
    nudges_declined_at: Mapped[datetime | None]
    """When the person asked not to be reminded of a course they stopped in."""

    addresses: Mapped[list["EmailAddress"]] = relationship(back_populates="person", order_by="EmailAddress.id")

    @property
    def email(self) -> "EmailAddress":
        """Where letters go: the first confirmed address, else the first."""
        confirmed = [address for address in self.addresses if address.confirmed_at]
        return (confirmed or self.addresses)[0]

    @property
    def address(self) -> str:
        """The address letters go to."""
        return self.email.address

    @property
    def first_name(self) -> str:
        """How the person is greeted."""
        return first_name(self.name) or self.address


class EmailAddress(Base):
    """An e-mail address of a person; unique in the installation once normalised."""

    __tablename__ = "email_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    address: Mapped[str]
    """As it was written, stripped."""
    normalised: Mapped[str] = mapped_column(unique=True)
    """Stripped, NFKC, case-folded: what two spellings of one address share."""
    confirmed_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="addresses")


class SignInLink(Base):
    """A link mailed to somebody who wants to sign in: works once, for a short time."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    email_address_id: Mapped[int] = mapped_column(ForeignKey("email_addresses.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    next_path: Mapped[str | None]
    """Where the person wanted to go, a path of this product."""


class SignIn(Base, UserMixin):  # type: ignore[misc]  # Flask-Login is untyped
    """A signed-in browser. Flask-Login's user: signing out ends the row, so a copied cookie is worth nothing."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        Index(
            "ix_sign_ins_open",
            "person_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("expires_at > created_at", name="expires_later"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]
    """When a passkey or a code was shown in this browser."""

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class Passkey(Base):
    """A passkey (WebAuthn) by which an operator shows that it is them."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    """base64url, as browsers send it."""
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    name: Mapped[str]
    """The person's own word for the device."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class TotpSecret(Base):
    """The secret of a person's authenticator app."""

    __tablename__ = "totp_secrets"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str]
    """Encrypted under the product's key: the database alone makes no codes."""
    confirmed_at: Mapped[datetime | None]
    """When the first code was typed; before that it does not count."""
    last_step: Mapped[int]
    """The latest 30 s step whose code was taken: no code works twice."""
