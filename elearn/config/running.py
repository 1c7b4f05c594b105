"""The settings of whoever looks after an installation."""

import re
from collections.abc import Mapping
from typing import Any

from elearn.config.checks import SettingError

ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")


def running(env: Mapping[str, str]) -> dict[str, Any]:
    """Read who is told how the installation is, and in which shape."""
    token = env.get("ELEARN_METRICS_TOKEN", "")
    if token and len(token) < 32:
        raise SettingError(
            "ELEARN_METRICS_TOKEN is too short. Write at least 32 random characters (openssl rand -hex 32)."
        )
    alerts_to = env.get("ELEARN_ALERTS_TO", "")
    if alerts_to and not ADDRESS.fullmatch(alerts_to):
        raise SettingError(f"ELEARN_ALERTS_TO is '{alerts_to}'. Write one address, such as drift@example.dk.")
    log = env.get("ELEARN_LOG", "plain")
    if log not in ("plain", "json"):
        raise SettingError(f"ELEARN_LOG is '{log}'. Write plain or json.")
    return {"metrics_token": token, "alerts_to": alerts_to, "log": log}
