"""A good small course in files, to be published, edited and broken."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from elearn.catalogue.course_checks import CheckedCourse, check_course
from elearn.catalogue.errors import CourseNotReady
from elearn.core.file_rules import FileProblem
from elearn.media.stores.local_store import LocalStore

COURSE = """\
id: hard-talks
languages: [da, en]
audience: [school, daycare]
completion: {share: 90, own_word: true}
modules:
  - id: why-we-ask
    open: true
    minutes: 8
    lessons:
      - id: film
        videos: {da: why-we-ask}
    notices:
      - {passage: memory, lesson: film, closeness: told}
    questions: [a-child, a-sentence]
    practice: true
    resources:
      - {id: jeg-vet, url: "https://www.jegvet.no/"}
  - id: listening
    minutes: 10
    lessons:
      - id: film
        videos:
          da: listening
"""

DANISH = """\
title: Svære samtaler
summary: Et kort kursus.
description: |
  For alle, der møder børn.

  Se også [Jeg vet](https://www.jegvet.no/).
modules:
  why-we-ask:
    title: Hvorfor vi spørger
    summary: Et barn siger sjældent noget.
    text: |
      Det begynder med, at nogen *lægger mærke* til noget.

      ### Et roligt sted
      Vælg et sted.
    lessons: {film: Stilheden}
    notices: {memory: En voksen fortæller om vold.}
    questions:
      a-child: Hvilket barn?
      a-sentence: Hvilken sætning?
    practice: |
      Skriv én sætning.
    resources: {jeg-vet: Jeg vet}
  listening:
    title: At lytte
    summary: At være stille.
    text: Vent.
    lessons: {film: Pausen}
"""

ENGLISH = """\
title: Hard talks
modules:
  why-we-ask:
    title: Why we ask
    lessons: {film: The silence}
"""

MANIFEST = """\
id: {id}
language: da
captions: {{da: {id}.da.vtt, en: {id}.en.vtt}}
described:
  statement: {{by: Redaktionen, on: 2026-11-01, text: Alt står i teksten.}}
passages:
  - {{id: memory, from: "00:20", to: "00:31"}}
source: {{file: {id}.mp4, sha256: {sha256}, bytes: 123}}
duration: {duration}
package: "{package}"
renditions:
  - {{height: 720, width: 1280, video_kbps: 2400, codecs: "avc1.64001f,mp4a.40.2"}}
flashes_per_s: 0
"""


@dataclass(frozen=True)
class RealFilm:
    """A film that was packaged, to be shown in every lesson."""

    manifest: str
    """As `media add` completed it, with `the-film` for its id."""
    captions: str
    store: LocalStore


class CourseFolder:
    """The course `hard-talks`, or one of another id that says the same, with its two films."""

    def __init__(self, root: Path, slug: str = "hard-talks", film: "RealFilm | None" = None) -> None:
        self.film = film
        self.folder = root / "courses" / slug
        self.manifests = root / "media_manifest"
        self.folder.mkdir(parents=True)
        self.store = film.store if film else LocalStore(root / "media")
        (self.manifests / "captions").mkdir(parents=True)
        self.write("course.yaml", COURSE.replace("hard-talks", slug))
        self.write("da.yaml", DANISH)
        self.write("en.yaml", ENGLISH)
        for film in ("why-we-ask", "listening"):
            self.write_film(film)

    def path(self, name: str) -> Path:
        return (self.manifests if name in ("why-we-ask.yaml", "listening.yaml") else self.folder) / name

    def write(self, name: str, text: str) -> None:
        self.path(name).write_text(text)

    def write_film(self, film: str, *, duration: float = 41.5) -> None:
        """Write the manifest, captions and a package of playlists for a film of some length, or show the real one."""
        if self.film:
            self._write_real_film(film, self.film)
            return
        sha256 = hashlib.sha256(f"{film} {duration}".encode()).hexdigest()
        package = sha256[:16]
        self.write(f"{film}.yaml", MANIFEST.format(id=film, duration=duration, package=package, sha256=sha256))
        for language in ("da", "en"):
            captions = self.manifests / "captions" / f"{film}.{language}.vtt"
            captions.write_text("WEBVTT\n\n00:01.000 --> 00:04.000\nHvordan har du det?\n")
        folder = self.store.root / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "master.m3u8").write_text("#EXTM3U\n720.m3u8\n")
        (folder / "720.m3u8").write_text('#EXTM3U\n#EXT-X-MAP:URI="720-init.mp4"\n720-00000.m4s\n')
        for file in ("720-init.mp4", "720-00000.m4s", "package.json"):
            (folder / file).write_bytes(b"film")

    def _write_real_film(self, film: str, real: "RealFilm") -> None:
        self.write(f"{film}.yaml", real.manifest.replace("the-film", film))
        for language in ("da", "en"):
            (self.manifests / "captions" / f"{film}.{language}.vtt").write_text(real.captions)

    def edit(self, name: str, old: str, new: str) -> None:
        """Put `new` where `old` stands once."""
        text = self.path(name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def check(self) -> CheckedCourse:
        return check_course(self.folder, self.manifests, self.store)

    def refusal(self) -> CourseNotReady:
        """Check the course, which must be refused."""
        try:
            self.check()
        except CourseNotReady as refused:
            return refused
        raise AssertionError("the course was taken")

    def problems(self) -> list[FileProblem]:
        try:
            self.check()
        except CourseNotReady as refused:
            return refused.problems
        return []
