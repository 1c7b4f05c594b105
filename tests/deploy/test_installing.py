"""The recipe on a real machine: installed, run again, upgraded, killed and restarted.

`python -m pytest tests/deploy/test_installing.py` tries it with SQLite, and with `ELEARN_TEST_DATABASE=postgresql`
before it with PostgreSQL, as `make soak` does: some ten minutes each, most of them for packages.
"""

import re
import subprocess
from pathlib import Path

import pytest

from tests.databases import ENGINE
from tests.deploy.machine import Machine, machine_in, need_programs
from tests.deploy.units import ROOT

HOST = "kursus.example.dk"
WEB = ("elearn-web@8001", "elearn-web@8002")
SERVICES = (*WEB, "elearn-jobs", "elearn-films", "nginx")
ASK = (
    f"curl -sk -o /dev/null -w '%{{http_code}}\\n' --max-time 30 --resolve {HOST}:443:127.0.0.1 https://{HOST}/sign-in"
)
WORST_EXPOSURE = 2.0  # of 10, as `systemd-analyze security` counts


def main_processes(machine: Machine, services: tuple[str, ...]) -> dict[str, str]:
    found = {service: machine.run(f"systemctl show -p MainPID --value {service}") for service in services}
    assert "0" not in found.values(), found
    return found


def answers_during(machine: Machine, command: str) -> set[str]:
    """Run a command while two ask for a page, one request after the other; return the answers' numbers."""
    asking = f"while [ ! -e /tmp/over ]; do {ASK}; sleep 0.1; done"
    askers = f"rm -f /tmp/over; for i in 1 2; do ({asking} >/tmp/answers.$i) & done"
    machine.run(f"{askers}; {command}; code=$?; touch /tmp/over; wait; exit $code")
    return set(machine.run("cat /tmp/answers.*").split())


def wait_for(machine: Machine, condition: str, what: str) -> None:
    assert machine.try_to(f"for i in $(seq 120); do {condition} && exit; sleep 1; done; exit 1").returncode == 0, what


def clone_to(machine: Machine) -> None:
    """Give it a checkout, as a newcomer has."""
    subprocess.run(
        ["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(machine.root / "srv" / "elearn")], check=True
    )


@pytest.mark.soak
@pytest.mark.usefixtures("databases")  # what asks for none is tried on one engine alone
def test_a_fresh_machine_serves_is_upgraded_and_comes_back_by_itself(tmp_path: Path) -> None:
    need_programs()
    install = f"cd /srv/elearn && deploy/install {HOST} --{ENGINE} --self-signed"
    services = (*SERVICES, *(["postgresql@15-main"] if ENGINE == "postgresql" else []))
    with machine_in(tmp_path) as machine:
        clone_to(machine)
        machine.run(install)
        assert machine.run(ASK) == "200"
        assert machine.run("elearn setup --house H --slug h --country DK --owner-name O --owner-email o@h.example")

        machine.run(install)  # takes in what setup kept
        before = main_processes(machine, services)
        assert answers_during(machine, install) == {"200"}
        assert main_processes(machine, services) == before, "nothing changed, and yet something was restarted"

        keeps_its_code_and_secrets(machine)
        backs_up(machine)
        comes_back_when_killed(machine, services)

        machine.run("cd /srv/elearn && git -c user.name=T -c user.email=t@h.example commit -q --allow-empty -m newer")
        assert answers_during(machine, install) == {"200"}
        newest = machine.run("git -C /srv/elearn rev-parse --short=12 HEAD")
        assert machine.run("readlink /opt/elearn/current").endswith(newest)

        machine.stop()
        machine.start()
        wait_for(machine, f'[ "$({ASK})" = 200 ]', "after a restart of the machine nothing answers")
        machine.run(f"systemctl is-active elearn.target elearn-drill.timer elearn-alert.timer {' '.join(services)}")


def keeps_its_code_and_secrets(machine: Machine) -> None:
    for target in ("/opt/elearn/current/elearn/app.py", "/etc/elearn/elearn.env", "/etc/systemd/system/elearn.target"):
        assert machine.try_to(f"runuser -u elearn -- test -w {target}").returncode == 1, target
    for secret in ("/etc/elearn/elearn.env", "/etc/elearn/tls/privkey.pem", "/var/lib/elearn/secret.key"):
        for other in ("nobody", "www-data"):
            assert machine.try_to(f"runuser -u {other} -- test -r {secret}").returncode == 1, (other, secret)
    for service in (*WEB, "elearn-jobs", "elearn-films", "elearn-drill"):
        said = machine.run(f"systemd-analyze security --no-pager {service} | tail -1")
        exposure = re.search(r": ([\d.]+) ", said)
        assert exposure
        assert float(exposure[1]) < WORST_EXPOSURE, said


def backs_up(machine: Machine) -> None:
    machine.run("elearn backup key /var/lib/elearn/backup.key")
    machine.run("echo ELEARN_BACKUP_KEY=/var/lib/elearn/backup.key >>/etc/elearn/elearn.env && elearn backup make")
    machine.run("systemctl start elearn-drill")
    assert "Last drill" in machine.run("elearn backup list")


def comes_back_when_killed(machine: Machine, services: tuple[str, ...]) -> None:
    for service, process in main_processes(machine, services).items():
        machine.run(f"kill -9 {process}")
        is_new = (
            f'systemctl -q is-active {service} && [ "$(systemctl show -p MainPID --value {service})" != {process} ]'
        )
        wait_for(machine, is_new, f"{service} does not come back")
    wait_for(machine, f'[ "$({ASK})" = 200 ]', "after the kills nothing answers")
