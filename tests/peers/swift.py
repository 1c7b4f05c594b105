"""A real S3 service that verifies signatures: one node of OpenStack Swift, from Debian's packages, on this machine.

It knows neither CORS nor lifecycles, and keeps no checksums but MD5: what needs those is tried on moto.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.peers.s3 import REGION, S3Service

SERVERS = ("account", "container", "object")
KEY_ID, SECRET = "films:owner", "a-secret-for-tests"
STRANGER_ID, STRANGER_SECRET = "strangers:somebody", "another-secret-for-tests"
STARTS_WITHIN_S = 60

SERVER = """
[DEFAULT]
devices = {folder}/devices
mount_check = false
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
user = {user}
workers = 0
fallocate_reserve = 0
log_address = /dev/null
log_level = ERROR
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
PROXY = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
user = {user}
workers = 0
log_address = /dev/null
log_level = ERROR
[pipeline:main]
pipeline = catch_errors cache listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = {region}
dns_compliant_bucket_names = true
[filter:tempauth]
use = egg:swift#tempauth
user_films_owner = {secret} .admin
user_strangers_somebody = {stranger_secret} .admin
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""
COMMON = """
[swift-hash]
swift_hash_path_prefix = before
swift_hash_path_suffix = after
[storage-policy:0]
name = one
default = yes
"""
RINGS = """
import sys
from swift.common.ring import RingBuilder
for name, port in (arg.split("=") for arg in sys.argv[1:]):
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "disk", "weight": 1})
    builder.rebalance()
    builder.get_ring().save(f"{name}.ring.gz")
"""


def is_installed() -> bool:
    """Whether Debian's packages are here; all four of them."""
    return all(shutil.which(f"swift-{name}-server", path=_path()) for name in (*SERVERS, "proxy"))


def parent_folder() -> Path:
    """Return where Swift may keep files: it notes things in their attributes, which not every file system takes."""
    for folder in (Path("/dev/shm"), Path(tempfile.gettempdir()), Path("/var/tmp")):
        with suppress(OSError), tempfile.NamedTemporaryFile(dir=folder) as file:
            os.setxattr(file.fileno(), "user.swift", b"try")
            return folder
    raise OSError("No folder for temporary files takes attributes")


@contextmanager
def serving(folder: Path) -> Iterator[S3Service]:
    """Serve from a folder until the block ends."""
    ports = dict(zip((*SERVERS, "proxy"), _free_ports(4), strict=True))
    (folder / "devices" / "disk").mkdir(parents=True)
    (folder / "swift.conf").write_text(COMMON)
    for name in SERVERS:
        _write(folder, name, SERVER, ports[name])
    _write(folder, "proxy", PROXY, ports["proxy"])
    _make_rings(folder, ports)
    with ExitStack() as running:
        for name in (*SERVERS, "proxy"):
            running.enter_context(_running(folder, name))
        for port in ports.values():
            _wait_for(port)
        yield S3Service(f"http://127.0.0.1:{ports['proxy']}", KEY_ID, SECRET)


def _write(folder: Path, name: str, template: str, port: int) -> None:
    text = template.format(
        folder=folder,
        port=port,
        name=name,
        user=pwd.getpwuid(os.getuid()).pw_name,
        region=REGION,
        secret=SECRET,
        stranger_secret=STRANGER_SECRET,
    )
    (folder / f"{name}-server.conf").write_text(text)


def _make_rings(folder: Path, ports: dict[str, int]) -> None:
    """Each ring has one disk."""
    args = [f"{name}={ports[name]}" for name in SERVERS]
    subprocess.run(
        ["/usr/bin/python3", "-c", RINGS, *args], cwd=folder, env=_env(), check=True, timeout=STARTS_WITHIN_S
    )


@contextmanager
def _running(folder: Path, name: str) -> Iterator[None]:
    with (folder / f"{name}.log").open("wb") as log:
        server = subprocess.Popen(
            [f"swift-{name}-server", str(folder / f"{name}-server.conf")],
            stdout=log,
            stderr=log,
            env=_env(),
            start_new_session=True,
        )
    try:
        yield
    finally:
        server.kill()
        server.wait()


def _env() -> dict[str, str]:
    """Debian's programs run in Debian's Python, not in the tests' own."""
    return {"PATH": _path(), "LANG": "C.UTF-8", "HOME": "/nonexistent"}


def _path() -> str:
    return "/usr/sbin:/usr/bin:/sbin:/bin"


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("Swift did not start")
