"""A real nginx on a free port, with the configuration that deploy/nginx ships."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parent.parent.parent / "deploy" / "nginx"
HEADERS = "elearn-films-headers.conf"
BY_AUTH_REQUEST, BY_X_ACCEL = "films-by-auth-request.conf", "films-by-x-accel.conf"
ACCEL = "/films"
"""The internal location of films-by-x-accel.conf."""
MAIN = """
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/elearn.conf;
}}
"""


def nginx_program() -> str:
    """Return where nginx is; without it the test is skipped, but on the build machine it fails."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("install nginx: sudo apt install nginx-light")
    return program


@contextmanager
def nginx_before(
    app_port: int,
    media: Path,
    films: str,
    folder: Path,
    *,
    port: int = 0,
    second_port: int = 0,
    certificates: Path | None = None,
    workers: int = 1,
    without: str = "",
) -> Iterator[int]:
    """Serve by the shipped configuration, `without` a line of it, before a product on this machine; gives the port.

    The product has one instance, unless there is a second port. With certificates it speaks https, as it does in life.
    """
    program, port = nginx_program(), port or free_port()
    folder.mkdir(parents=True)
    lines = (SHIPPED / "elearn.conf").read_text().splitlines()
    left_out = ("[::]",) if certificates else ("[::]", "ssl_")
    site = "\n".join(line for line in lines if not any(each in line for each in left_out))
    changes = {
        "127.0.0.1:8001": f"127.0.0.1:{app_port}",
        "127.0.0.1:8002": f"127.0.0.1:{second_port or app_port}",
        "/run/elearn/8001": f"{folder}/{app_port}",
        "/run/elearn/8002": f"{folder}/{second_port or app_port}",
        "/var/log/nginx/": f"{folder}/",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port}{' ssl http2' if certificates else ''};",
        "/var/cache/nginx/elearn-tickets": f"{folder}/tickets",
        "/etc/nginx/elearn-films.conf": f"{folder}/films.conf",
    }
    if certificates:
        changes["/etc/letsencrypt/live/kursus.example.dk"] = str(certificates)
    (folder / "elearn.conf").write_text(changed(site, changes))
    changes = {"/var/lib/elearn/media/": f"{media}/", "/etc/nginx/elearn-films-headers.conf": f"{folder}/{HEADERS}"}
    text = changed((SHIPPED / films).read_text(), changes)
    (folder / "films.conf").write_text(text.replace(without, "") if without else text)
    shutil.copy(SHIPPED / HEADERS, folder / HEADERS)
    main = MAIN.format(folder=folder, workers=workers)
    (folder / "nginx.conf").write_text(f"user {os.environ.get('USER', 'root')};{main}" if os.getuid() == 0 else main)
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        wait_until_it_listens(port, process)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=20)


def changed(text: str, changes: dict[str, str]) -> str:
    """Return a configuration with a machine's own values; each must stand in it."""
    for shipped, own in changes.items():
        assert shipped in text, f"deploy/nginx no longer says {shipped}"
        text = text.replace(shipped, own)
    return text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise AssertionError(f"nginx did not start: {process.communicate()[1].decode()}")
        time.sleep(0.05)
    raise AssertionError("nginx does not listen")
