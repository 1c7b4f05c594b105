"""Settings: each is described, each error says what to write, and demo mode stays on this machine."""

import re
from pathlib import Path

import pytest

from elearn import config
from elearn.app import create_app
from elearn.config import SettingError, Settings, keep_settings
from tests.conftest import settings_in

CONFIG = Path(config.__file__).parent
ROOT = CONFIG.parent.parent
NAME = re.compile(r"\bELEARN_[A-Z_]+\b")
OF_TESTS = {"ELEARN_TEST_DATABASE"}


def names_in(*paths: Path) -> set[str]:
    return {name for path in paths for name in NAME.findall(path.read_text())} - OF_TESTS


def test_every_setting_is_described_and_nothing_else_is() -> None:
    described = set(re.findall(r"^## `(ELEARN_[A-Z_]+)`$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    read = names_in(*CONFIG.glob("*.py"))

    assert described == read, f"docs/settings.md: add {read - described}, take out {described - read}"


def test_settings_are_read_in_config_alone() -> None:
    others = [path for path in (ROOT / "elearn").rglob("*.py") if path.parent != CONFIG]
    known = names_in(*CONFIG.glob("*.py"))

    assert names_in(*others, ROOT / "wsgi.py", ROOT / "Makefile") <= known


def test_each_description_says_meaning_default_example_and_error() -> None:
    sections = re.split(r"^## ", (ROOT / "docs/settings.md").read_text(), flags=re.MULTILINE)[1:]
    for section in sections:
        for label in ("Default:", "Example:"):
            assert f"**{label}**" in section, f"{section.splitlines()[0]}: {label} is missing"


def test_the_errors_in_the_page_are_those_of_the_product() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    for name, value in WRONG:
        with pytest.raises(SettingError) as refused:
            Settings.from_environment({"ELEARN_SECRET_KEY": "x" * 40, name: value})
        assert str(refused.value) in page, f"docs/settings.md, {name}: **Error:** {refused.value}"


WRONG = [
    ("ELEARN_DATABASE", "mysql://localhost/elearn"),
    ("ELEARN_SECRET_KEY", "short"),
    ("ELEARN_OLD_SECRET_KEYS", "short"),
    ("ELEARN_PUBLIC_URL", "http://kursus.example.dk"),
    ("ELEARN_DEMO", "yes"),
    ("ELEARN_PORT", "http"),
    ("ELEARN_WEB_WORKERS", "0"),
    ("ELEARN_WEB_THREADS", "1000"),
    ("ELEARN_TRUSTED_PROXIES", "-1"),
    ("ELEARN_MEDIA_ACCEL", "films"),
    ("ELEARN_MAIL", "mail.example.dk"),
    ("ELEARN_LEAVE_URL", "http://www.dmi.dk/"),
    ("ELEARN_KEEP_INVITATIONS_DAYS", "0"),
    ("ELEARN_KEEP_PROGRESS_MONTHS", "0"),
    ("ELEARN_KEEP_SIGN_INS_DAYS", "0"),
    ("ELEARN_KEEP_LETTERS_DAYS", "0"),
    ("ELEARN_KEEP_QUOTES_MONTHS", "0"),
    ("ELEARN_KEEP_FEEDBACK_MONTHS", "0"),
    ("ELEARN_KEEP_TRAIL_MONTHS", "1"),
    ("ELEARN_KEEP_JOBS_DAYS", "0"),
    ("ELEARN_LARGEST_FILM_GB", "0"),
    ("ELEARN_STRIPE_KEY", "pk_live_1"),
    ("ELEARN_STRIPE_WEBHOOK_SECRET", "secret"),
    ("ELEARN_STRIPE_URL", "https://stripe.evil.test"),
    ("ELEARN_CDN_URL", "http://film.example.dk"),
    ("ELEARN_CDN_KEY_ID", "K1"),
    ("ELEARN_CDN_COOKIE_DOMAIN", "evil.test"),
    ("ELEARN_S3_BUCKET", "Films"),
    ("ELEARN_S3_ENDPOINT", "s3.example.com"),
    ("ELEARN_S3_REGION", "Stockholm"),
    ("ELEARN_S3_KEY_ID", "AKIA1"),
    ("ELEARN_KEEP_BACKUPS", "-1"),
    ("ELEARN_METRICS_TOKEN", "short"),
    ("ELEARN_ALERTS_TO", "drift"),
    ("ELEARN_LOG", "xml"),
]


@pytest.mark.parametrize(("name", "value"), [*WRONG, ("ELEARN_PUBLIC_URL", "kursus.example.dk/path")])
def test_a_wrong_setting_is_named_with_what_to_write(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=rf"{name}.*[Ww]rite "):
        settings_in(tmp_path, **{name: value})


@pytest.mark.parametrize(
    "exposed",
    [
        {"ELEARN_PUBLIC_URL": "https://kursus.example.dk"},
        {"ELEARN_HOST": "0.0.0.0"},
        {"ELEARN_PUBLIC_URL": "https://localhost.evil.test"},
    ],
)
def test_demo_mode_refuses_to_be_reached_from_elsewhere(exposed: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="Remove ELEARN_DEMO"):
        settings_in(tmp_path, ELEARN_DEMO="1", **exposed)


def test_demo_mode_serves_this_machine(tmp_path: Path) -> None:
    assert settings_in(tmp_path, ELEARN_DEMO="1").demo


def test_the_demo_takes_no_real_money_and_has_a_stand_in(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="Demo mode takes no real money"):
        settings_in(tmp_path, ELEARN_DEMO="1", ELEARN_STRIPE_KEY="sk_live_1", ELEARN_STRIPE_WEBHOOK_SECRET="whsec_1")
    demo = settings_in(tmp_path, ELEARN_DEMO="1", ELEARN_PORT="8010")
    assert (demo.has_stripe_stand_in, demo.stripe_url, demo.stripe_is_live) == (True, "http://127.0.0.1:8011", False)


def test_without_stripe_no_cards_are_taken_and_secrets_may_be_two(tmp_path: Path) -> None:
    assert not settings_in(tmp_path).takes_cards
    both = settings_in(tmp_path, ELEARN_STRIPE_KEY="rk_live_1", ELEARN_STRIPE_WEBHOOK_SECRET="whsec_1, whsec_2")
    assert (both.takes_cards, both.stripe_is_live, both.stripe_webhook_secrets) == (True, True, ("whsec_1", "whsec_2"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"ELEARN_STRIPE_KEY": "sk_test_1"},
        {"ELEARN_STRIPE_WEBHOOK_SECRET": "whsec_1"},
        {
            "ELEARN_STRIPE_KEY": "sk_live_1",
            "ELEARN_STRIPE_WEBHOOK_SECRET": "whsec_1",
            "ELEARN_STRIPE_URL": "http://127.0.0.1:1",
        },
        {
            "ELEARN_STRIPE_KEY": "sk_test_1",
            "ELEARN_STRIPE_WEBHOOK_SECRET": "whsec_1",
            "ELEARN_STRIPE_URL": "http://localhost@evil.test",
        },
    ],
)
def test_half_a_stripe_is_refused(wrong: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="ELEARN_STRIPE_"):
        settings_in(tmp_path, **wrong)


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    env = {"ELEARN_DATA": str(tmp_path / "data")}

    first, second = Settings.from_environment(env), Settings.from_environment(env)

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o077 == 0


def test_what_setup_keeps_gives_way_to_the_environment(tmp_path: Path) -> None:
    keep_settings(tmp_path, {"ELEARN_NAME": "Kept", "ELEARN_PUBLIC_URL": "https://kursus.example.dk"})

    settings = settings_in(tmp_path, ELEARN_NAME="Said")

    assert (settings.name, settings.public_url) == ("Said", "http://localhost")


@pytest.mark.parametrize("away", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.sqlite"])
def test_the_app_starts_while_the_database_is_away(away: str, tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path, ELEARN_DATABASE=away))

    assert app.test_client().get("/sign-in").status_code == 200
    response = app.test_client().get("/")
    assert (response.status_code, response.headers.get("Retry-After")) == (503, "5")


def test_the_app_makes_no_files_when_it_starts(tmp_path: Path) -> None:
    create_app(settings_in(tmp_path / "data"))

    assert not (tmp_path / "data").exists()
