"""The settings: read once from the environment, checked, and told in plain words when one is wrong.

docs/settings.md describes each; a test keeps the two together.
"""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from elearn.config.checks import LOOPBACK, SettingError, is_loopback
from elearn.config.films import cdn, media_accel, s3
from elearn.config.running import running

__all__ = ["LOOPBACK", "SettingError", "Settings", "keep_settings"]

KEPT_SETTINGS = "settings.env"
KEY_FILE = "secret.key"
SUB_PROCESSORS = Path(__file__).parent.parent / "personal_data" / "data" / "sub_processors.yaml"
STAND_IN_KEY = "sk_test_stand_in"
STRIPE_KEY = re.compile(r"[sr]k_(live|test)_\w+")
STRIPE_SECRET = re.compile(r"whsec_[\w+/=]+")


@dataclass(frozen=True)
class Settings:
    """Everything an installation decides."""

    name: str
    data: Path
    database_url: str
    secret_key: str
    old_secret_keys: tuple[str, ...]
    """Keys before this one: what they signed is still read."""
    public_url: str
    demo: bool
    media_accel: str
    """The prefix under which nginx sends films by itself; '' when the product does."""
    listen_host: str
    listen_port: int
    web_workers: int
    web_threads: int
    mail_url: str
    mail_from: str
    courses: Path
    manifests: Path
    trusted_proxies: int
    leave_url: str
    keep_invitations_days: int
    keep_progress_months: int
    keep_quotes_months: int
    keep_feedback_months: int
    keep_sign_ins_days: int
    keep_letters_days: int
    keep_trail_months: int
    keep_jobs_days: int
    largest_film_gb: int
    sub_processors: Path
    stripe_key: str
    """'' when cards are not taken."""
    stripe_webhook_secrets: tuple[str, ...]
    stripe_url: str
    """A peer on this machine instead of Stripe; '' for Stripe itself."""
    s3_bucket: str
    """'' when films lie on this machine."""
    s3_endpoint: str
    """'' for Amazon's own."""
    s3_region: str
    s3_key_id: str
    """'' when the machine itself is let in."""
    s3_secret: str
    cdn_url: str
    """CloudFront before the bucket; '' when segments come from the bucket itself."""
    cdn_key_id: str
    cdn_key: str
    """The private key that cookies for the CDN are signed with, as PEM."""
    cdn_cookie_domain: str
    """'' when the product and the CDN have one host."""
    backups: Path
    backup_key: Path | None
    """None when backups are not encrypted."""
    keep_backups: int
    """0 when somebody else makes backups."""
    postgresql_tools: Path | None
    """None when pg_dump is looked for where systems put it."""
    metrics_token: str
    """'' when nobody is told figures."""
    alerts_to: str
    """'' when nobody is told of trouble by mail."""
    log: str
    """The shape of the log's lines: plain or json."""

    @property
    def has_cdn(self) -> bool:
        """Whether segments come from a CDN."""
        return bool(self.cdn_url)

    @property
    def films_source(self) -> str:
        """Where segments come from, as pages let it in; '' when it is the product itself.

        A supplier's address is that of all its customers' buckets, so ours is named with it.
        """
        if self.cdn_url or not self.has_s3:
            return self.cdn_url
        return f"{self.s3_endpoint}/{self.s3_bucket}/" if self.s3_endpoint else self.s3_origin

    @property
    def has_s3(self) -> bool:
        """Whether films lie in a bucket instead of on this machine."""
        return bool(self.s3_bucket)

    @property
    def s3_origin(self) -> str:
        """Where browsers get segments from a bucket: the origin of signed addresses."""
        return self.s3_endpoint or f"https://{self.s3_bucket}.s3.{self.s3_region}.amazonaws.com"

    @property
    def takes_cards(self) -> bool:
        """Whether orders can be paid by card."""
        return bool(self.stripe_key)

    @property
    def stripe_is_live(self) -> bool:
        """Whether the key moves real money; what Stripe tells of the other mode is refused."""
        return "_live_" in self.stripe_key[:8]

    @property
    def has_stripe_stand_in(self) -> bool:
        """Whether the demo's own stand-in plays Stripe."""
        return self.stripe_key == STAND_IN_KEY

    @property
    def stripe_stand_in_port(self) -> int:
        """The port on which the demo's stand-in listens."""
        return urlsplit(self.stripe_url).port or 0

    @property
    def media(self) -> Path:
        """The folder of packaged films."""
        return self.data / "media"

    @property
    def uploads(self) -> Path:
        """The folder of films on their way from browsers; all machines share it."""
        return self.data / "uploads"

    @property
    def mail_folder(self) -> Path:
        """The folder that letters are written to when no mail server is named."""
        return self.data / "mail"

    @property
    def secure(self) -> bool:
        """Whether people reach the product over https: cookies are then locked to it."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the `ELEARN_*` variables. Raises `SettingError` with the cure."""
        env = os.environ if env is None else env
        data = Path(env.get("ELEARN_DATA", "data")).absolute()
        env = {**_kept_settings(data), **env}
        demo = _boolean(env, "ELEARN_DEMO")
        port = _number(env, "ELEARN_PORT", 8000, 1, 65535)
        public_url = _public_url(env, f"http://localhost:{port}")
        settings = cls(
            name=env.get("ELEARN_NAME", "Kursushuset"),
            data=data,
            database_url=_database_url(env, data),
            secret_key=_secret_key(env, data),
            old_secret_keys=_old_secret_keys(env),
            public_url=public_url,
            demo=demo,
            media_accel=media_accel(env),
            listen_host=env.get("ELEARN_HOST", "127.0.0.1"),
            listen_port=port,
            web_workers=_number(env, "ELEARN_WEB_WORKERS", 2, 1, 64),
            web_threads=_number(env, "ELEARN_WEB_THREADS", 4, 1, 256),
            mail_url=_mail_url(env),
            mail_from=env.get("ELEARN_MAIL_FROM", "kursus@localhost"),
            courses=Path(env.get("ELEARN_COURSES", "courses")).absolute(),
            manifests=Path(env.get("ELEARN_MANIFESTS", "media_manifest")).absolute(),
            trusted_proxies=_number(env, "ELEARN_TRUSTED_PROXIES", 0, 0, 5),
            leave_url=_leave_url(env),
            keep_invitations_days=_number(env, "ELEARN_KEEP_INVITATIONS_DAYS", 60, 1, 3650),
            keep_progress_months=_number(env, "ELEARN_KEEP_PROGRESS_MONTHS", 24, 1, 120),
            keep_quotes_months=_number(env, "ELEARN_KEEP_QUOTES_MONTHS", 12, 1, 120),
            keep_feedback_months=_number(env, "ELEARN_KEEP_FEEDBACK_MONTHS", 12, 1, 120),
            keep_sign_ins_days=_number(env, "ELEARN_KEEP_SIGN_INS_DAYS", 30, 1, 3650),
            keep_letters_days=_number(env, "ELEARN_KEEP_LETTERS_DAYS", 30, 1, 3650),
            keep_trail_months=_number(env, "ELEARN_KEEP_TRAIL_MONTHS", 12, 6, 120),
            keep_jobs_days=_number(env, "ELEARN_KEEP_JOBS_DAYS", 7, 1, 365),
            largest_film_gb=_number(env, "ELEARN_LARGEST_FILM_GB", 20, 1, 1000),
            sub_processors=Path(env.get("ELEARN_SUB_PROCESSORS", SUB_PROCESSORS)).absolute(),
            **_stripe(_with_stand_in(env, data, port) if demo else env),
            **s3(env),
            **cdn(env, public_url),
            backups=Path(env.get("ELEARN_BACKUPS", data / "backups")).absolute(),
            backup_key=_path(env, "ELEARN_BACKUP_KEY"),
            keep_backups=_number(env, "ELEARN_KEEP_BACKUPS", 14, 0, 1000),
            postgresql_tools=_path(env, "ELEARN_POSTGRESQL_TOOLS"),
            **running(env),
        )
        if demo:
            _check_demo(settings)
        return settings


def keep_settings(data: Path, values: Mapping[str, str]) -> None:
    """Keep settings in the data folder; the environment still goes before them."""
    kept = {**_kept_settings(data), **values}
    part = data / f"{KEPT_SETTINGS}.part"
    part.write_text("".join(f"{name}={value}\n" for name, value in sorted(kept.items())), encoding="utf-8")
    part.replace(data / KEPT_SETTINGS)


def _kept_settings(data: Path) -> dict[str, str]:
    kept = data / KEPT_SETTINGS
    if not kept.exists():
        return {}
    lines = kept.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _boolean(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "0")
    if value not in ("0", "1"):
        raise SettingError(f"{name} is '{value}'. Write 1 for yes or 0 for no.")
    return value == "1"


def _number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = env.get(name, str(default))
    if not value.isdigit() or not least <= int(value) <= most:
        raise SettingError(f"{name} is '{value}'. Write a whole number from {least} to {most}.")
    return int(value)


def _path(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name)
    return Path(value).absolute() if value else None


def _database_url(env: Mapping[str, str], data: Path) -> str:
    url = env.get("ELEARN_DATABASE", f"sqlite:///{data / 'elearn.sqlite'}")
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingError(
            "ELEARN_DATABASE is not understood. Write sqlite:////path/file or postgresql://user@host/name."
        )
    return url


def _secret_key(env: Mapping[str, str], data: Path) -> str:
    if key := env.get("ELEARN_SECRET_KEY"):
        if len(key) < 32:
            raise SettingError(
                "ELEARN_SECRET_KEY is too short. Write at least 32 random characters (openssl rand -hex 32)."
            )
        return key
    kept = data / KEY_FILE
    if not kept.exists():
        _keep_new_secret(kept)
    return kept.read_text().strip()


def _old_secret_keys(env: Mapping[str, str]) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in env.get("ELEARN_OLD_SECRET_KEYS", "").split(",") if key.strip())
    if any(len(key) < 32 for key in keys):
        raise SettingError(
            "ELEARN_OLD_SECRET_KEYS holds a key that is too short. Write the keys that ELEARN_SECRET_KEY held before, "
            "with commas between."
        )
    return keys


def _keep_new_secret(kept: Path) -> None:
    """Write a new key whole or not at all; of two processes starting at once one wins and both read the same."""
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = kept.with_suffix(f".{os.getpid()}")
    own.touch(mode=0o600)
    own.write_text(secrets.token_hex(32))
    with suppress(FileExistsError):
        os.link(own, kept)
    own.unlink()


def _public_url(env: Mapping[str, str], default: str) -> str:
    url = env.get("ELEARN_PUBLIC_URL", default).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise SettingError(f"ELEARN_PUBLIC_URL is '{url}'. Write it as https://kursus.example.dk, without a path.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SettingError(
            f"ELEARN_PUBLIC_URL is '{url}'. Outside this machine the product needs https: write https://…."
        )
    return url


def _mail_url(env: Mapping[str, str]) -> str:
    url = env.get("ELEARN_MAIL", "file:")
    if url != "file:" and urlsplit(url).scheme not in ("smtp", "smtps"):
        raise SettingError(f"ELEARN_MAIL is '{url}'. Write smtp://user:password@host:587, smtps://host or file:.")
    return url


def _leave_url(env: Mapping[str, str]) -> str:
    url = env.get("ELEARN_LEAVE_URL", "https://www.dmi.dk/")
    if urlsplit(url).scheme != "https":
        raise SettingError(
            f"ELEARN_LEAVE_URL is '{url}'. Write the https address of a neutral page, such as a weather service."
        )
    return url


def _stripe(env: Mapping[str, str]) -> dict[str, Any]:
    key, url = env.get("ELEARN_STRIPE_KEY", ""), env.get("ELEARN_STRIPE_URL", "").rstrip("/")
    known = tuple(env.get("ELEARN_STRIPE_WEBHOOK_SECRET", "").replace(",", " ").split())
    if key and not STRIPE_KEY.fullmatch(key):
        raise SettingError(
            "ELEARN_STRIPE_KEY is not a secret key. "
            "Write the one that begins with sk_live_, sk_test_, rk_live_ or rk_test_."
        )
    if bool(known) != bool(key) or not all(STRIPE_SECRET.fullmatch(each) for each in known):
        raise SettingError(
            "ELEARN_STRIPE_WEBHOOK_SECRET does not go with ELEARN_STRIPE_KEY. Write both or neither; the secret begins "
            "with whsec_, and while one follows another there are two with a comma between."
        )
    if url and (not is_loopback(url) or "_live_" in key):
        raise SettingError(
            "ELEARN_STRIPE_URL is for trying things out. Write http://127.0.0.1:8001 with a test key, or leave it out."
        )
    return {"stripe_key": key, "stripe_webhook_secrets": known, "stripe_url": url}


def _with_stand_in(env: Mapping[str, str], data: Path, port: int) -> Mapping[str, str]:
    """Let the demo's stand-in play Stripe, on the next port, where no key is set."""
    if env.get("ELEARN_STRIPE_KEY"):
        return env
    secret = hmac.new(_secret_key(env, data).encode(), b"stripe stand-in", hashlib.sha256).hexdigest()
    return {
        **env,
        "ELEARN_STRIPE_KEY": STAND_IN_KEY,
        "ELEARN_STRIPE_WEBHOOK_SECRET": f"whsec_{secret}",
        "ELEARN_STRIPE_URL": f"http://127.0.0.1:{port + 1}",
    }


def _check_demo(settings: Settings) -> None:
    if urlsplit(settings.public_url).hostname not in LOOPBACK or settings.listen_host not in LOOPBACK:
        raise SettingError(
            "Demo mode lets anyone sign in as anyone, so it serves this machine only. "
            "Remove ELEARN_DEMO, or leave ELEARN_PUBLIC_URL and ELEARN_HOST on localhost."
        )
    if settings.stripe_is_live:
        raise SettingError(
            "Demo mode takes no real money. Remove ELEARN_DEMO, or write a key that begins with sk_test_."
        )
