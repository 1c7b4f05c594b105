"""A learner signs in and watches over https, as on a real server: nginx with TLS, two instances."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from elearn.app import create_app
from elearn.learning.models import VideoProgress
from elearn.media.stores.local_store import LocalStore
from tests.catalogue.course_folder import RealFilm
from tests.conftest import TestClock, settings_in
from tests.databases import Databases
from tests.deploy.units import web_instances
from tests.peers.nginx_server import BY_AUTH_REQUEST, free_port, nginx_before
from tests.walks.conftest import Site
from tests.walks.pages import ModulePage, sign_in, until
from tests.world import make_world

LEARNER = "learner-ours@0710.example"


def self_signed(folder: Path) -> Path:
    """Make a certificate for this machine, named as certbot names them."""
    folder.mkdir()
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", *files]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def watch_by_mailed_link(page: Page, site: Site) -> None:
    """Sign in by the link in a letter, watch some seconds, and wait until they are stored."""

    def is_stored() -> bool:
        with site.installation.database.reader() as session:
            return bool(session.scalars(select(VideoProgress)).all())

    sign_in(page, site, LEARNER)
    page.goto(site.module_url)
    watching = ModulePage(page)
    watching.play()
    watching.watch_until(4)
    watching.pause()
    until(is_stored, "what was watched is stored")


@pytest.mark.soak
@pytest.mark.walk
def test_from_the_mailed_link_to_a_watched_film(
    databases: Databases, real_film: RealFilm, tmp_path: Path, device: Callable[..., Page]
) -> None:
    port, ports = free_port(), (free_port(), free_port())
    environment = {
        "ELEARN_DATABASE": databases.copy(),
        "ELEARN_PUBLIC_URL": f"https://localhost:{port}",
        "ELEARN_TRUSTED_PROXIES": "1",
        "ELEARN_WEB_WORKERS": "1",
    }
    app = create_app(settings_in(tmp_path / "data", **environment))
    installation = app.extensions["elearn"]
    media = installation.settings.media
    shutil.copytree(real_film.store.root, media)
    with installation.database.writer() as session:
        world = make_world(session, installation, tmp_path, replace(real_film, store=LocalStore(media)))
    site = Site(installation.settings.public_url, app, world, TestClock())
    environment |= {"ELEARN_DATA": str(tmp_path / "data"), "ELEARN_SECRET_KEY": installation.settings.secret_key}
    nginx = nginx_before(
        ports[0],
        media,
        BY_AUTH_REQUEST,
        tmp_path / "nginx",
        port=port,
        second_port=ports[1],
        certificates=self_signed(tmp_path / "tls"),
    )

    with nginx, web_instances(ports, tmp_path / "nginx", environment):
        page = device(ignore_https_errors=True)
        watch_by_mailed_link(page, site)
        cookies = page.context.cookies()

    assert cookies
    assert all(cookie["secure"] for cookie in cookies), cookies
    sent = (tmp_path / "nginx" / "elearn.access.log").read_text()
    assert " 200 GET /media " in sent
