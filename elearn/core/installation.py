"""What a process of this installation holds: settings, database, tokens. Web, jobs and commands share it."""

from elearn.config import Settings
from elearn.core.db import Database
from elearn.core.tokens import Tokens


class Installation:
    """One installation; making it touches nothing outside the process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.tokens = Tokens(settings.secret_key, settings.old_secret_keys)
