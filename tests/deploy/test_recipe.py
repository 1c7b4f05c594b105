"""The recipe for one server: scripts that can be read, units that systemd understands, a log that tells of nobody."""

import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from elearn.app import Elearn
from elearn.cli import main
from tests.deploy.units import PROGRAM, ROOT, UNITS, here
from tests.peers.nginx_server import BY_AUTH_REQUEST, free_port, nginx_before
from tests.walks.conftest import serving

SCRIPTS = ("install", "hand-over", "elearn")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_shell_understands_the_scripts(name: str) -> None:
    script = ROOT / "deploy" / name
    shell = script.read_text().splitlines()[0].removeprefix("#!")

    assert os.access(script, os.X_OK)
    subprocess.run([shell, "-n", str(script)], check=True)


def test_install_refuses_what_it_does_not_understand() -> None:
    def said(*arguments: str) -> str:
        command = ["bash", str(ROOT / "deploy" / "install"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        return done.stderr

    assert "write the server's name" in said()
    assert "write the server's name" in said("https://kursus.example.dk/")
    assert "unknown: --mysql" in said("kursus.example.dk", "--mysql")


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_install_reads_settings_as_the_shell_does(tmp_path: Path, quote: str) -> None:
    address = "postgresql://elearn:a-secret@db.example.dk/elearn?sslmode=require"
    settings = tmp_path / "elearn.env"
    settings.write_text(f"ELEARN_DATABASE=sqlite:///old\nELEARN_DATABASE={quote}{address}{quote}\n")
    [function] = re.findall(r"^setting\(\) .*$", (ROOT / "deploy/install").read_text(), re.MULTILINE)

    script = f"SETTINGS={settings}\n{function}\nsetting ELEARN_DATABASE"
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout

    assert said.strip() == address


@pytest.mark.parametrize("signal", ["HUP", "INT", "TERM"])
def test_background_work_goes_on_when_install_is_ended_midway(signal: str) -> None:
    install = (ROOT / "deploy/install").read_text().replace('\nmain "$@"\n', "")
    midway = f"""
runs() {{ true; }}
serves_already() {{ false; }}
systemctl() {{ echo "systemctl $*"; }}
pause_background_work
kill -{signal} $$
echo "it went on"
"""
    # A shell cannot trap what it ignores from birth, as whatever is started in the background ignores INT.
    command = ["env", "--default-signal", "bash", "-c", install + midway]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.stdout.splitlines()[-2:] == [
        "systemctl stop elearn-jobs elearn-films",
        "systemctl start elearn-jobs elearn-films",
    ]
    assert ended.returncode == 1


def test_nginx_lets_through_what_pages_take(app: Elearn) -> None:
    """What is too large for a page is told by the page, in the reader's language."""
    shipped = (ROOT / "deploy/nginx/elearn.conf").read_text()
    [megabytes] = re.findall(r"^    client_max_body_size (\d+)m;", shipped, re.MULTILINE)
    largest = max(getattr(view, "most_bytes", 0) for view in app.view_functions.values())

    assert int(megabytes) * 1_000_000 > largest > 2_000_000


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("install systemd: sudo apt install systemd")
    shutil.copytree(UNITS, tmp_path / "units")
    for file in filter(Path.is_file, (tmp_path / "units").rglob("*")):
        file.write_text(here(file.read_text()))
    names = [path.name.replace("@.", "@8001.") for path in UNITS.iterdir() if path.is_file()]

    verified = subprocess.run(
        [program, "verify", *names],
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}/units:"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")


def test_units_call_commands_that_exist(tmp_path: Path) -> None:
    texts = "\n".join(path.read_text() for path in UNITS.iterdir() if path.is_file())
    commands = re.findall(rf"{re.escape(PROGRAM)} (.*)$", texts, re.MULTILINE)

    assert len(commands) == 5
    for command in commands:
        asked = CliRunner(env={"ELEARN_DATA": str(tmp_path)}).invoke(main, [*command.split(), "--help"])
        assert asked.exit_code == 0, (command, asked.output)


def test_while_neither_instance_answers_whoever_asks_is_to_try_again(tmp_path: Path) -> None:
    with nginx_before(free_port(), tmp_path / "media", BY_AUTH_REQUEST, tmp_path / "nginx") as port:
        for path in ("/", "/feedback/7", f"/media/7/{'a' * 16}/master.m3u8"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}")
            assert (refused.value.code, refused.value.headers["Retry-After"]) == (503, "5")
            refused.value.close()


def test_the_log_tells_neither_who_asked_nor_what_opens_anything_nor_that_somebody_answered(tmp_path: Path) -> None:
    token, code = "q1W2e3R4-secret", "kmrtb-wxhfp"  # a poster's code, as people type it
    with serving(f"sqlite:///{tmp_path}/none.sqlite", tmp_path / "data", ELEARN_TRUSTED_PROXIES="1") as (url, _app):
        app_port = int(url.rpartition(":")[2])
        with nginx_before(app_port, tmp_path / "data/media", BY_AUTH_REQUEST, tmp_path / "nginx") as port:
            asked = (
                f"/sign-in/{token}?code={token}",
                "/feedback/7",
                "/feedback/at/ABCD",
                "/no/such/page",
                f"/join/{code}",
            )
            for path in asked:
                request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Referer": "http://x/7"})
                try:
                    urllib.request.urlopen(request).close()
                except urllib.error.HTTPError as error:
                    error.close()
    log = (tmp_path / "nginx" / "elearn.access.log").read_text()

    assert " GET /sign-in " in log
    assert " GET /no/such/page " in log
    assert " GET /join " in log
    assert token not in log
    assert code not in log
    assert "feedback" not in log
    assert "127.0.0.1 " not in log
    assert "http://x/7" not in log
