"""Films sent and packaged: one whole package for each, and nothing half made beside it."""

import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from elearn.media.manifest import read_manifest
from elearn.media.models import LIVE, Packaging, PackagingState
from elearn.media.stores.storage import open_store
from tests.faults.browser import PATIENCE_S, GaveUp
from tests.faults.works.base import Ground, Work, insisting
from tests.media.clips import make_clip
from tests.tus import Answer, TusClient, sender

PIECE = 60_000


class Films(Work):
    """An owner who sends one film after the other, in pieces."""

    name = "films"

    def __init__(self, ground: Ground, folder: Path) -> None:
        super().__init__(ground)
        site = ground.site
        self._clip = make_clip(folder / "film.mp4", size="640x360", seconds=6).read_bytes()
        owner = site.world.ours.owner
        self._client: TusClient = insisting(
            lambda: sender(site.database, site.installation.settings.data, site.group.port, owner)
        )
        self._sent: list[str] = []

    def once(self) -> None:
        if self.ground.look(lambda session: session.scalar(select(Packaging.id).where(Packaging.state.in_(LIVE)))):
            time.sleep(0.2)
            return
        key = f"film-{self.ground.number()}"
        film = self._clip + key.encode().ljust(20)  # the same pictures, another package
        path = self._insist(lambda: self._client.begin(len(film), key)).headers["location"]
        at = 0
        while at < len(film):
            answer = self._try(lambda at=at: self._client.send(path, at, film[at : at + PIECE]))
            if answer is None or answer.status != 204:
                answer = self._insist(lambda: self._client.ask("HEAD", path))
            at = answer.offset
        self._sent.append(key)
        self.note()

    def lost(self) -> list[str]:
        settings = self.ground.site.installation.settings
        states = self.ground.look(
            lambda session: dict(
                session.execute(
                    select(Packaging.film_key, Packaging.state).where(Packaging.film_key.in_(self._sent))
                ).all()
            )
        )
        found = [f"{key} is {states.get(key)}" for key in self._sent if states.get(key) != PackagingState.DONE]
        store = open_store(settings)
        for key in self._sent:
            with suppress(FileNotFoundError):
                manifest = read_manifest(settings.manifests / f"{key}.yaml").value
                if manifest.package and not store.missing_files(manifest.package):
                    continue
            found.append(f"{key} has no whole package")
        half = [path.name for path in settings.media.iterdir() if path.is_dir() and not (path / "master.m3u8").exists()]
        return found + [f"half a package: {name}" for name in half]

    def _insist(self, ask) -> Answer:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            answer = self._try(ask)
            if answer is not None:
                if answer.status < 300:
                    return answer
                self.wrong.append(f"a film: {answer}")
            time.sleep(0.05)
        raise GaveUp("a film is not taken")

    def _try(self, ask) -> Answer | None:
        """Return an answer; None when nobody answers, or it says to come again."""
        with suppress(OSError):
            answer = ask()
            self.ground.refusals.counted[str(answer.status)] += answer.status >= 500
            if answer.status == 503 and int(answer.headers["retry-after"]) > 0:
                return None
            if answer.status >= 500:
                self.ground.refusals.wrong.append(f"a film: {answer}")
                return None
            return answer
        return None
