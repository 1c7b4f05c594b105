"""An owner's film, from the file on the desk to a learner who has watched it: packaged, captioned, published."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from elearn.jobs.queue import run_due
from elearn.media import ffmpeg
from elearn.media.manifest import read_manifest
from elearn.media.packagings import working
from elearn.media.services import add_film
from elearn.media.stores.packages import SEGMENTS
from tests.catalogue.course_folder import RealFilm
from tests.conftest import TestClock
from tests.databases import Databases
from tests.media.clips import make_clip
from tests.peers.s3 import S3Service
from tests.walks.conftest import Site, site_in
from tests.walks.elsewhere import Front, from_bucket, send_films
from tests.walks.looking import Look
from tests.walks.pages import ModulePage, shot, sign_in, until

pytestmark = [pytest.mark.walk, pytest.mark.looks]
OWNER = "owner@ours.example"
LEARNER = "learner-ours@0710.example"
CLIP_S = 6
CAPTIONS = "WEBVTT\n\n00:01.000 --> 00:03.000\nHvad ser du?\n\n00:03.500 --> 00:05.000\nEt rum.\n"
BROKEN = CAPTIONS.replace("00:05.000", "09:05.000").replace("00:03.000", "00:00.500")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of some seconds, large enough to be on its way for a moment."""
    return make_clip(tmp_path_factory.mktemp("clip") / "Første dag.mp4", seconds=CLIP_S, size="640x360")


@contextmanager
def worker_of_films(site: Site) -> Iterator[None]:
    """Package films as the worker of the queue `media` does, beside the pages."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.2):
            run_due(site.installation, queue="media")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def half_way() -> Iterator[None]:
    """Keep films that are being packaged half way until the block ends."""
    seen = threading.Event()

    def held(film: Path, *, watch: ffmpeg.Watch, **said: Any) -> object:
        watch(CLIP_S / 2)
        assert seen.wait(60)
        return add_film(film, watch=watch, **said)

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(working, "add_film", held)
        try:
            yield
        finally:
            seen.set()


def sound(page: Page) -> None:
    """Hold the page as it stands against axe and the width of phones."""
    look = Look(page)
    size = page.viewport_size
    assert look.faults() + look.too_wide() == []
    assert size
    page.set_viewport_size(size)
    look.leave()


def choose(page: Page, clip: Path) -> None:
    page.get_by_label("The film’s file").set_input_files(clip)


@dataclass(frozen=True)
class Studio:
    """A place where an owner works, and what it looks like to everybody."""

    site: Site
    front: Front | None
    """The bucket, where films lie in one."""
    width: int
    scheme: str

    def device(self, device: Callable[..., Page]) -> Page:
        return device(width=self.width, height=900, color_scheme=self.scheme)

    def shot(self, page: Page, name: str) -> None:
        shot(page, f"studio-{name}-{self.width}", "Dansk" if self.front else "English")


@pytest.fixture
def studio_here(site: Site) -> Studio:
    """A studio whose films lie on this machine."""
    return Studio(site, None, 1280, "light")


@pytest.fixture
def studio_in_bucket(
    swift: S3Service, databases: Databases, real_film: RealFilm, tmp_path: Path, clock: TestClock
) -> Iterator[Studio]:
    """A studio whose films lie in a bucket, and none on this machine; phones, in the dark."""
    with (
        from_bucket(swift, swift.new_bucket(), tmp_path, clock) as (front, changed),
        site_in(tmp_path, databases, real_film, clock, **changed) as site,
    ):
        front.page_origin = site.url
        send_films(site.installation.settings, swift, tmp_path / "films")
        yield Studio(site, front, 390, "dark")


@pytest.mark.parametrize("where", ["studio_here", "studio_in_bucket"])
def test_a_film_goes_from_the_desk_to_a_learner_who_watches_all_of_it(
    request: pytest.FixtureRequest, where: str, device: Callable[..., Page], clip: Path
) -> None:
    studio: Studio = request.getfixturevalue(where)
    site = studio.site
    page = studio.device(device)
    sign_in(page, site, OWNER)

    # The form names the film after its file; what cannot be an id is said before anything is sent.
    page.goto(f"{site.url}/owner/films")
    page.get_by_role("link", name="Upload a film").click()
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("Choose a file.")).to_be_visible()
    choose(page, clip)
    expect(page.get_by_label("Id")).to_have_value("foerste-dag")
    page.get_by_label("Id").fill("why-we-ask")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("You have a film of this id.")).to_be_visible()
    sound(page)
    studio.shot(page, "form")
    choose(page, clip)
    page.get_by_label("Id").fill("first-day")
    page.get_by_label("Spoken language").select_option("da")
    page.get_by_role("button", name="Upload", exact=True).click()

    # It waits for the worker, is packaged, and says what it lacks.
    expect(page.get_by_role("heading", name="Waits to be packaged")).to_be_visible()
    assert page.url == f"{site.url}/owner/films/first-day"
    sound(page)
    studio.shot(page, "waiting")
    with worker_of_films(site):
        with half_way():
            expect(page.get_by_text("50% done")).to_be_visible()
            expect(page.get_by_role("heading", name="Being packaged")).to_be_visible()
            studio.shot(page, "packaging")
        expect(page.get_by_role("heading", name="Lacks something")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("listitem").filter(has_text="Captions in the spoken language")).to_be_visible()
    sound(page)
    studio.shot(page, "lacking")

    # Captions with faults are refused line by line; good ones are taken.
    page.get_by_role("link", name="Add Dansk").click()
    hand_in(page, BROKEN)
    expect(page.get_by_role("alert")).to_contain_text("2 faults in the file")
    sound(page)
    studio.shot(page, "faults")
    hand_in(page, CAPTIONS)
    expect(page.get_by_text("2 captions are saved.")).to_be_visible()
    expect(page.get_by_text("Et rum.")).to_be_visible()

    # A chapter, a part that may be skipped, the statement.
    page.get_by_role("link", name="first-day").click()
    page.get_by_role("link", name="Add chapters").click()
    page.get_by_label("Begins at").first.fill("0:00")
    page.get_by_label("Dansk").first.fill("Rummet")
    page.get_by_role("button", name="Save the chapters").click()
    page.get_by_role("link", name="Mark a part").click()
    page.get_by_label("Id").first.fill("memory")
    page.get_by_label("From").first.fill("0:04")
    page.get_by_label("To", exact=True).first.fill("0:05")
    page.get_by_role("button", name="Save the parts").click()
    page.get_by_role("link", name="Say it").click()
    page.get_by_label("The statement").fill("Alt siges.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()
    sound(page)

    # The owner looks at it: captions over the picture, and small pictures above the seek bar, none of the marked part.
    page.get_by_role("button", name="Play", exact=True).first.click()
    until(lambda: page.evaluate("() => document.querySelector('video').currentTime") > 0.2, "the preview plays")
    expect(page.locator("track[kind=captions]")).to_have_count(1)
    assert previewed(page, 2.5)
    assert not previewed(page, 4.5)
    page.locator("media-time-range input").focus()
    page.keyboard.press("Home")
    expect(page.locator("media-time-range")).to_have_attribute("mediapreviewimage", re.compile("thumbnails-2.jpg"))
    expect(page.locator("media-time-range")).not_to_have_attribute("mediapreviewimage", re.compile("."))
    studio.shot(page, "ready")

    # It becomes a module, whose notice names the marked part; publishing makes both a learner's.
    page.get_by_role("link", name="New module in “Hard talks”").click()
    expect(page.get_by_label("Film")).to_have_value("first-day")
    page.get_by_label("Title").fill("Den første dag")
    page.get_by_label("Summary").fill("Et rum, og dem i det.")
    page.get_by_role("button", name="Begin the module").click()
    studio.shot(page, "module")
    page.get_by_label("Text", exact=True).fill("Se dig **om**.")
    page.get_by_label("Passage").select_option(index=1)
    page.get_by_label("What occurs").fill("En dør smækker.")
    sound(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("New module: Den første dag")).to_be_visible()
    studio.shot(page, "course")
    page.get_by_role("link", name="Check and publish").click()
    studio.shot(page, "publish")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 2 is published.")).to_be_visible()
    page.goto(f"{site.url}/owner/films")
    expect(page.get_by_role("row").filter(has_text="first-day")).to_contain_text("Published")
    expect(page.get_by_role("row").filter(has_text="first-day")).to_contain_text("Den første dag")
    sound(page)
    studio.shot(page, "list")

    learner = studio.device(device)
    sign_in(learner, site, LEARNER)
    learner.goto(f"{site.url}/learn/{site.world.ours.course.id}")
    learner.get_by_role("link", name="Den første dag").first.click()
    learner.get_by_role("contentinfo").get_by_role("button", name="Dansk").click()
    expect(learner.get_by_text("En dør smækker.")).to_be_visible()
    if studio.front:
        studio.front.sent.clear()
    ModulePage(learner).play()
    expect(learner.get_by_role("heading", name=f"Du har set det hele, 0:0{CLIP_S}")).to_be_visible(timeout=40_000)
    expect(learner.get_by_text("Du har set det, der skal til i dette modul.")).to_be_visible()
    expect(learner.get_by_role("button", name="Jeg har læst den")).to_have_count(0)
    studio.shot(learner, "watched")
    if studio.front:
        segments = {Path(path).name for path in studio.front.sent if Path(path).suffix in SEGMENTS}
        assert segments >= {"360-init.mp4", "360-00000.m4s", "360-00001.m4s"}
        assert not site.installation.settings.media.exists()


def hand_in(page: Page, captions: str) -> None:
    file = {"name": "a.vtt", "mimeType": "text/vtt", "buffer": captions.encode()}
    page.get_by_label("Caption file").set_input_files(file)
    page.get_by_role("button", name="Check and save").click()


def previewed(page: Page, at_s: float) -> bool:
    """Whether the seek bar shows a picture for a place in the film, asked as media-chrome asks."""
    asking = "new CustomEvent('mediapreviewrequest', {composed: true, bubbles: true, detail: at})"
    page.evaluate(f"(at) => document.querySelector('media-time-range').dispatchEvent({asking})", at_s)
    page.wait_for_timeout(100)
    return page.locator("media-time-range").get_attribute("mediapreviewimage") is not None


def test_an_upload_survives_a_cut_line_a_pause_and_a_reload(
    site: Site, device: Callable[..., Page], clip: Path
) -> None:
    page = device()
    sign_in(page, site, OWNER)
    size = clip.stat().st_size
    sent: list[int] = []

    def some_of_it(route: Route) -> None:
        """Let a third of the film through, then cut the line."""
        request = route.request
        body = request.post_data_buffer or b""
        sent.append(len(body))
        if len(sent) == 1:
            page.request.patch(request.url, headers=dict(request.headers), data=body[: size // 3])
        route.abort()

    page.route(
        "**/owner/films/uploads/*",
        lambda route: some_of_it(route) if route.request.method == "PATCH" else route.continue_(),
    )
    page.goto(f"{site.url}/owner/new-film")
    choose(page, clip)
    page.get_by_label("Id").fill("first-day")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("The line is gone. We go on by ourselves when it is back.")).to_be_visible()
    sound(page)
    shot(page, "studio-cut")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused. What has arrived is kept.")).to_be_visible()

    # A reload leads to the film's page, which says how much is here; another file is not taken for it.
    page.reload()
    expect(page.get_by_text(re.compile(r"of “Første dag.mp4” have arrived"))).to_be_visible()
    page.get_by_label(re.compile("Choose the same file")).set_input_files(
        {"name": "other.mp4", "mimeType": "video/mp4", "buffer": b"film"}
    )
    page.get_by_role("button", name="Go on with the upload").click()
    expect(page.get_by_text("That is another file.")).to_be_visible()
    sound(page)
    shot(page, "studio-resume")
    page.unroute_all()
    page.get_by_label(re.compile("Choose the same file")).set_input_files(clip)
    page.get_by_role("button", name="Go on with the upload").click()
    expect(page.get_by_role("heading", name="Waits to be packaged")).to_be_visible()

    # Stopped before it began, tried again, and whole to the last byte.
    page.get_by_role("button", name="Stop packaging").click()
    expect(page.get_by_role("heading", name="Packaging cancelled")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="Try again").click()
    with worker_of_films(site):
        expect(page.get_by_role("heading", name="Lacks something")).to_be_visible(timeout=60_000)
    manifest = read_manifest(site.installation.settings.manifests / "first-day.yaml").value
    assert manifest.source
    assert manifest.source.bytes == size


def test_what_is_no_film_says_so_and_is_thrown_away(site: Site, device: Callable[..., Page]) -> None:
    page = device()
    sign_in(page, site, OWNER)
    page.goto(f"{site.url}/owner/new-film")
    page.get_by_label("The film’s file").set_input_files(
        {"name": "notes.mp4", "mimeType": "video/mp4", "buffer": b"these are notes, no film" * 100}
    )
    page.get_by_role("button", name="Upload", exact=True).click()
    with worker_of_films(site):
        expect(page.get_by_role("heading", name="Could not be packaged")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("The file is not a film.")).to_be_visible()
    sound(page)
    shot(page, "studio-failed")
    page.get_by_text("Throw the upload away").click()
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_text("is thrown away.")).to_be_visible()


def test_the_studio_without_javascript(site: Site, device: Callable[..., Page]) -> None:
    page = device(java_script_enabled=False)
    sign_in(page, site, OWNER)
    page.goto(f"{site.url}/owner/new-film")
    assert "elearn media add FILE" in page.content()
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_hidden()

    page.goto(f"{site.url}/owner/films/why-we-ask")
    page.get_by_role("link", name="Edit the chapters").click()
    page.get_by_role("button", name="More rows").click()
    page.get_by_label("Begins at").last.fill("0:12")
    page.get_by_label("Dansk").last.fill("Efterspil")
    page.get_by_role("button", name="Save the chapters").click()
    expect(page.get_by_text("The chapters are saved.")).to_be_visible()
    expect(page.get_by_text("Efterspil")).to_be_visible()
    page.get_by_role("link", name="Choose another place").click()
    page.get_by_label("Place in the film").fill("0:09")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("img", name="The picture at 00:09")).to_be_visible()
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_text("The still picture is saved.")).to_be_visible()
