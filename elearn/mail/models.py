"""The outbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from elearn.core.db import Base


class Letter(Base):
    """A letter to be sent, rendered when it leaves. It holds no secret: a link's token is derived at that moment."""

    __tablename__ = "letters"
    __table_args__ = (
        Index(
            "ix_letters_waiting", "id", sqlite_where=text("sent_at IS NULL"), postgresql_where=text("sent_at IS NULL")
        ),
        Index(
            "ix_letters_refused",
            "id",
            sqlite_where=text("refused IS NOT NULL"),
            postgresql_where=text("refused IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """Names the templates: 'accounts/sign_in' is accounts/templates/emails/sign_in."""
    recipient: Mapped[str]
    reply_to: Mapped[str | None]
    """Where an answer goes; None for the address that all letters come from."""
    language: Mapped[str]
    context: Mapped[dict[str, Any]]
    token_purpose: Mapped[str | None]
    token_nonce: Mapped[str | None]
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    refused: Mapped[str | None]
    """Why the address is refused for good, in the mail server's words if it said so; no further try is made."""

    @property
    def file_stem(self) -> str:
        """The name of its file, where letters are written to files: in order, they are in the order of queueing."""
        return f"{self.queued_at:%Y%m%dT%H%M%S}-{self.id:08}"
