"""The settings of whoever looks after an installation."""

from collections.abc import Mapping
from typing import Any

from elearn.config.checks import SettingError


def running(env: Mapping[str, str]) -> dict[str, Any]:
    """Read what monitoring needs."""
    token = env.get("ELEARN_METRICS_TOKEN", "")
    if token and len(token) < 32:
        raise SettingError(
            "ELEARN_METRICS_TOKEN is too short. Write at least 32 random characters (openssl rand -hex 32)."
        )
    return {"metrics_token": token}
