"""Whether this process can serve: what it needs from outside is there."""

import os

from sqlalchemy.exc import SQLAlchemyError

from elearn.core import schema_version
from elearn.core.installation import Installation


def lacking(installation: Installation) -> list[str]:
    """Return the names of what is not there, never the reason: that is in the log of whoever is missed."""
    settings = installation.settings
    found = _lacking_in_database(installation)
    if not settings.has_s3 and not os.access(settings.data, os.W_OK):
        found.append("films")
    return found


def _lacking_in_database(installation: Installation) -> list[str]:
    try:
        return [] if schema_version.is_current(installation.database) else ["migration"]
    except SQLAlchemyError:
        return ["database"]
