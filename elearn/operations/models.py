"""What the installation's operator was told, so that nothing is told twice."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from elearn.core.db import Base


class OpenTrouble(Base):
    """A trouble that was there when alerts were last looked after."""

    __tablename__ = "open_troubles"

    trouble: Mapped[str] = mapped_column(primary_key=True)
    """A word of `state.Trouble`."""
    since: Mapped[datetime]
    """When it was first seen."""
    told_at: Mapped[datetime | None]
    """None while it may still pass by itself."""
