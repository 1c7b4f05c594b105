"""A machine of its own for the recipe: Debian 12, freshly made, with a systemd that runs as its first process.

It is a container of systemd-nspawn with a network of its own, so nothing here meets what runs on this machine. Its way
out, to the package registries, is slirp4netns.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = {"debootstrap": "debootstrap", "systemd-nspawn": "systemd-container", "slirp4netns": "slirp4netns"}
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,procps,python3,git,make,python3-venv"
AUTHORITIES = Path("/usr/local/share/ca-certificates")
NAME_SERVER = "10.0.2.3"  # slirp4netns's own
BOOTS_WITHIN_S = 120
PLAIN = ("--private-network", "--resolv-conf=off", "--console=pipe", "--register=no", "--keep-unit")
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


def need_programs() -> None:
    """Skip where such a machine cannot be made."""
    lacking = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if lacking:
        pytest.skip(f"sudo apt install {' '.join(lacking)}")
    if os.getuid() != 0:
        pytest.skip("only root can make a machine to install on")


class Machine:
    """The machine; while it runs, commands can be run on it as its root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._outer: subprocess.Popen[bytes] | None = None
        self._network: subprocess.Popen[bytes] | None = None
        self._first_process = 0

    def make(self) -> None:
        """Make its disk, on which this machine's registries and authorities hold as they do here."""
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(self.root)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        etc = self.root / "etc"
        (etc / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\n")
        dump = subprocess.run(["apt-config", "dump", "Acquire"], check=True, capture_output=True)
        (etc / "apt" / "apt.conf.d" / "90here").write_bytes(dump.stdout)
        if AUTHORITIES.is_dir():
            shutil.copytree(AUTHORITIES, self.root / AUTHORITIES.relative_to("/"), dirs_exist_ok=True)
        subprocess.run(["chroot", str(self.root), "update-ca-certificates"], check=True, capture_output=True)
        (etc / "pip.conf").write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n")
        (self.root / "root" / ".npmrc").write_text("cafile=/etc/ssl/certs/ca-certificates.crt\n")

    def start(self) -> None:
        """Switch it on, and wait until its systemd has started everything."""
        console = self.root.parent / "console"
        with console.open("wb") as said:
            self._outer = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--boot", f"--directory={self.root}", "--machine=elearn-recipe", *PLAIN],
                env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + BOOTS_WITHIN_S
        while not self._is_up():
            assert self._outer.poll() is None, console.read_text(errors="replace")
            assert time.monotonic() < end, "it does not come up"
            time.sleep(1)
        self._network = subprocess.Popen(
            ["slirp4netns", "--configure", "--disable-host-loopback", str(self._first_process), "tap0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """Switch it off as its button does."""
        if self._outer is not None:
            self._outer.send_signal(signal.SIGTERM)
            self._outer.wait(BOOTS_WITHIN_S)
        if self._network is not None:
            self._network.kill()
            self._network.wait()
        self._outer = self._network = None

    def run(self, command: str) -> str:
        """Run a line of its shell there; return what it said."""
        done = self.try_to(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout.strip()

    def try_to(self, command: str) -> "subprocess.CompletedProcess[str]":
        """Run a line of its shell there, however it ends."""
        inside = ["nsenter", "-t", str(self._first_process), "-a", "bash", "-c", command]
        return subprocess.run(
            inside,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def _is_up(self) -> bool:
        assert self._outer is not None
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()
        self._first_process = int(children[0]) if children else 0
        return bool(children) and self.try_to("systemctl is-system-running").stdout.strip() in ("running", "degraded")


@contextmanager
def machine_in(folder: Path) -> Iterator[Machine]:
    """Make a machine and run it for a while."""
    machine = Machine(folder / "machine")
    machine.make()
    try:
        machine.start()
        yield machine
    finally:
        machine.stop()
        shutil.rmtree(machine.root, ignore_errors=True)
