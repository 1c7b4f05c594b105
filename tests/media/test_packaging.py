import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import av
import pytest

from elearn.media import ffmpeg
from elearn.media import probe as probe_module
from elearn.media.errors import Fault, NotAFilm
from elearn.media.ffmpeg import FfmpegFailed
from elearn.media.ladder import ladder
from elearn.media.packaging import Added, add_package
from elearn.media.stores.local_store import LocalStore
from elearn.media.stores.packages import named_in
from tests.media.clips import make_clip, run


def added(film: Path, store: LocalStore, poster_s: float = 1) -> Added:
    return add_package(film, store, poster_s=poster_s)


def played(store: LocalStore, package: str, playlist: str) -> tuple[int, int, int, float]:
    """Return width, height, sound channels and length as a player finds them."""
    with av.open(str(store.root / package / playlist)) as container:
        video = container.streams.video[0]
        channels = container.streams.audio[0].channels if container.streams.audio else 0
        last = max(frame.time or 0 for frame in container.decode(video))
        return video.width, video.height, channels, last


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((320, 240), [(320, 240)]),
        ((640, 360), [(640, 360)]),
        ((854, 480), [(640, 360), (854, 480)]),
        ((1280, 720), [(640, 360), (1280, 720)]),
        ((1920, 1080), [(640, 360), (1280, 720), (1920, 1080)]),
        ((3840, 2160), [(640, 360), (1280, 720), (1920, 1080)]),
        ((720, 1280), [(360, 640), (720, 1280)]),
        ((853, 479), [(640, 360), (852, 478)]),
        ((700, 400), [(700, 400)]),
    ],
)
def test_sizes_follow_the_source_and_never_exceed_it(size: tuple[int, int], sizes: list[tuple[int, int]]) -> None:
    assert [(rung.width, rung.height) for rung in ladder(*size)] == sizes


def test_a_film_becomes_a_package_that_plays(clip: Path, store: LocalStore) -> None:
    written = added(clip, store).written

    assert store.missing_files(written.package) == []
    assert written.duration == pytest.approx(10, abs=0.05)
    assert played(store, written.package, "180.m3u8")[:3] == (320, 180, 2)
    master = (store.root / written.package / "master.m3u8").read_text()
    assert re.search(
        r'BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.6400\w\w,mp4a\.40\.2",RESOLUTION=320x180', master
    )
    with av.open(str(store.root / written.package / "poster-1000.jpg")) as poster:
        assert (poster.streams.video[0].width, poster.streams.video[0].height) == (320, 180)


def test_all_sizes_are_cut_at_the_same_seconds(tmp_path: Path, store: LocalStore) -> None:
    film = make_clip(tmp_path / "film.mp4", size="480x432", seconds=10, rate="30000/1001")
    written = added(film, store).written

    cuts = [
        re.findall(r"#EXTINF:([\d.]+)", (store.root / written.package / f"{side}.m3u8").read_text())
        for side in (360, 432)
    ]
    assert cuts[0] == cuts[1]
    assert [round(float(cut)) for cut in cuts[0]] == [4, 4, 2]


def test_no_segment_is_too_short_to_play(tmp_path: Path, store: LocalStore) -> None:
    written = added(make_clip(tmp_path / "film.mp4", seconds=8.04), store).written

    playlist = (store.root / written.package / "180.m3u8").read_text()
    assert re.findall(r"#EXTINF:([\d.]+)", playlist) == ["4.000000", "4.040000"]


def test_every_player_counts_from_the_first_picture(clip: Path, filled_store: LocalStore) -> None:
    package = added(clip, filled_store).written.package

    # Edit lists are heeded by some players and not by others; without them all agree.
    assert b"elst" not in (filled_store.root / package / "180-init.mp4").read_bytes()


@pytest.mark.parametrize(
    ("size", "more", "seen"),
    [
        ("180x320", {}, (180, 320)),
        ("321x181", {"extra": ("-pix_fmt", "yuv444p")}, (320, 180)),
        ("320x180", {"sound_s": 0}, (320, 180)),
        ("320x180", {"sound_s": 5}, (320, 180)),
        ("320x180", {"extra": ("-vf", "setpts='(N+4*floor(N/7))/25/TB'", "-fps_mode", "vfr")}, (320, 180)),
        ("320x180", {"extra": ("-vf", "setsar=2")}, (640, 180)),
        ("320x180", {"rate": "7"}, (320, 180)),
    ],
    ids=["portrait", "odd", "silent", "sound goes on", "varying rate", "wide pixels", "slow"],
)
def test_unusual_films_play_as_they_are_seen(
    tmp_path: Path, store: LocalStore, size: str, more: dict[str, object], seen: tuple[int, int]
) -> None:
    film = make_clip(tmp_path / "film.mp4", size=size, seconds=3, **more)  # type: ignore[arg-type]  # a table of options
    written = added(film, store).written

    name = f"{min(seen)}.m3u8"
    width, height, channels, last = played(store, written.package, name)
    assert (width, height) == seen
    assert channels == (0 if more.get("sound_s") == 0 else 2)
    assert last == pytest.approx(written.duration, abs=0.3)
    if more.get("sound_s") == 5:
        assert written.duration == pytest.approx(5, abs=0.1)


def test_a_turned_film_stands_upright(tmp_path: Path, store: LocalStore) -> None:
    lying = make_clip(tmp_path / "lying.mp4", seconds=2)
    run("-display_rotation", "90", "-i", str(lying), "-c", "copy", str(tmp_path / "turned.mp4"))

    written = added(tmp_path / "turned.mp4", store).written

    assert (written.renditions[0].width, written.renditions[0].height) == (180, 320)
    assert played(store, written.package, "180.m3u8")[:2] == (180, 320)


def test_what_the_camera_noted_is_left_out(tmp_path: Path, store: LocalStore) -> None:
    film = make_clip(tmp_path / "film.mp4", extra=("-metadata", "title=Secret place", "-metadata", "location=+55+12/"))
    package = added(film, store).written.package

    assert all(b"Secret place" not in path.read_bytes() for path in (store.root / package).iterdir())


def test_the_same_film_is_not_packaged_again(clip: Path, store: LocalStore) -> None:
    first = added(clip, store)
    again = added(clip, store)

    assert (first.made, again.made) == (True, False)
    assert again.written == first.written


def test_another_place_of_the_poster_costs_one_picture(clip: Path, filled_store: LocalStore) -> None:
    package = added(clip, filled_store).written.package
    again = added(clip, filled_store, poster_s=4.5)

    assert not again.made
    assert filled_store.has(package, "poster-4500.jpg")


def test_a_package_that_lost_a_file_is_made_again(clip: Path, filled_store: LocalStore) -> None:
    package = added(clip, filled_store).written.package
    (filled_store.root / package / "180-00001.m4s").unlink()

    assert filled_store.missing_files(package) == ["180-00001.m4s"]
    assert added(clip, filled_store).made
    assert filled_store.missing_files(package) == []


def no_film(folder: Path, clip: Path, kind: str) -> Path:
    path = folder / f"{kind}.mp4"
    content = {
        "text": b"Dear reader,\nthis is a letter.\n" * 50,
        "empty": b"",
        "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n/etc/hostname\n",
        "noise": bytes(range(256)) * 500,
        "without its end": clip.read_bytes()[:-4000],
    }
    if kind in content:
        path.write_bytes(content[kind])
    elif kind == "sound":
        run("-f", "lavfi", "-i", "sine=d=1", str(path))
    elif kind == "cut off":
        whole = folder / "whole.mp4"
        run("-i", str(clip), "-c", "copy", "-movflags", "+faststart", str(whole))
        path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    elif kind == "cut off matroska":
        whole = folder / "whole.mkv"
        run("-i", str(clip), "-c", "copy", str(whole))
        path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    return path


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("text", "text.mp4 is not a film"),
        ("empty", "empty.mp4 is empty."),
        ("playlist", "playlist.mp4 is not a film"),
        ("noise", "noise.mp4 is not a film"),
        ("sound", "sound.mp4 holds sound but no picture."),
        ("without its end", "without its end.mp4 is damaged or was not copied to its end."),
        ("cut off", "cut off.mp4 was not copied to its end: the film is cut off."),
        ("cut off matroska", "only"),
        ("nowhere", "there is no such file"),
    ],
)
def test_what_is_no_film_is_refused_and_leaves_nothing(
    tmp_path: Path, clip: Path, store: LocalStore, kind: str, sentence: str
) -> None:
    with pytest.raises(NotAFilm, match=re.escape(sentence)):
        added(no_film(tmp_path, clip, kind), store)

    assert not store.root.exists() or [path.name for path in store.root.iterdir()] == [".lock"]


@pytest.mark.race
def test_a_film_whose_second_picture_comes_after_years_is_refused(tmp_path: Path, store: LocalStore) -> None:
    """A thousand bytes; ffmpeg would fill the gap with pictures until the disk is full."""
    film = tmp_path / "years.mkv"
    two = ["-f", "lavfi", "-i", "color=s=64x36:r=1:d=2", "-vf", "setpts='if(eq(N,0),0,100000000/TB)'"]
    run(*two, "-fps_mode", "vfr", "-c:v", "libx264", str(film))

    with pytest.raises(NotAFilm) as refused:
        add_package(film, store, poster_s=1)
    assert refused.value.fault is Fault.LENGTH


def test_a_film_that_does_not_say_how_long_it_is_is_ended_when_it_is_too_long(
    tmp_path: Path, store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "LONGEST_S", 60)
    film = tmp_path / "gap.mkv"
    two = ["-f", "lavfi", "-i", "color=s=64x36:r=1:d=2", "-vf", "setpts='if(eq(N,0),0,100000000/TB)'"]
    run(*two, "-fps_mode", "vfr", "-c:v", "libx264", "-f", "matroska", "-live", "1", str(film))

    with pytest.raises(NotAFilm) as refused:
        add_package(film, store, poster_s=1)
    assert refused.value.fault is Fault.LENGTH
    assert [path.name for path in store.root.iterdir()] == [".lock"]


def test_pictures_that_would_fill_the_memory_are_not_read(tmp_path: Path, store: LocalStore) -> None:
    """Some kilobytes that want hundreds of megabytes each, behind a picture that is small."""
    for number, size in enumerate(("64x64", "9000x9000")):
        run("-f", "lavfi", "-i", f"color=s={size}", "-frames:v", "1", str(tmp_path / f"{number}.png"))
    pictures = tmp_path / "all.png"
    pictures.write_bytes(b"".join((tmp_path / f"{number}.png").read_bytes() * 8 for number in (0, 1)))
    film = tmp_path / "film.mkv"
    run("-f", "image2pipe", "-framerate", "4", "-c:v", "png", "-i", str(pictures), "-c", "copy", str(film))

    with pytest.raises(NotAFilm):
        added(film, store)


@pytest.mark.parametrize(("codec", "container"), [("png", "mkv"), ("libx264", "mp4")])
def test_a_film_of_one_huge_picture_is_refused_before_it_is_in_memory(
    tmp_path: Path, codec: str, container: str
) -> None:
    film = tmp_path / f"film.{container}"
    run(
        "-f",
        "lavfi",
        "-i",
        "color=gray:s=9000x9000",
        "-c:v",
        codec,
        "-preset",
        "ultrafast",
        "-frames:v",
        "1",
        str(film),
    )
    program = (
        "import resource, sys; from pathlib import Path; import av; from elearn.media.probe import probe\n"
        "most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = most()\n"
        "try: probe(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, most() - before)"
    )
    asked = subprocess.run([sys.executable, "-c", program, str(film)], capture_output=True, text=True, check=True)
    refused, more_kb = asked.stdout.split()

    assert refused == "NotAFilm"
    assert int(more_kb) < 40_000, "its picture has 81 megapixels"


def test_a_killed_run_leaves_nothing_that_the_next_does_not_mend(tmp_path: Path, store: LocalStore) -> None:
    film = make_clip(tmp_path / "long.mp4", size="854x480", seconds=20)
    code = (
        "import sys; from pathlib import Path; from elearn.media.stores.local_store import LocalStore;"
        "from elearn.media.packaging import add_package;"
        "add_package(Path(sys.argv[1]), LocalStore(Path(sys.argv[2])), poster_s=1)"
    )
    running = subprocess.Popen([sys.executable, "-c", code, str(film), str(store.root)])
    while not list(store.root.glob(".making-*/*.m4s")):
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()

    (left,) = store.root.glob(".making-*")
    _wait_until(lambda: not _children_using(left))
    assert [path.name for path in store.root.glob("[0-9a-f]*")] == []
    short = make_clip(tmp_path / "short.mp4", seconds=1)
    package = added(short, store).written.package
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", package]


@pytest.mark.race
def test_two_runs_at_once_make_one_package(clip: Path, store: LocalStore) -> None:
    results: list[Added] = []
    threads = [threading.Thread(target=lambda: results.append(added(clip, store))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results[0].written == results[1].written
    assert store.missing_files(results[0].written.package) == []
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", results[0].written.package]


def test_playlists_name_the_init_segment_first(clip: Path, filled_store: LocalStore) -> None:
    package = added(clip, filled_store).written.package

    assert named_in((filled_store.root / package / "180.m3u8").read_text())[:2] == ["180-init.mp4", "180-00000.m4s"]


def _children_using(folder: Path) -> list[int]:
    """Return the processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def _wait_until(is_so: object, seconds: float = 5) -> None:
    assert callable(is_so)
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_ffmpeg_that_makes_no_headway_is_stopped_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = tmp_path / "stuck"
    stuck.write_text("#!/bin/sh\necho out_time_us=1000\nexec sleep 60\n")
    stuck.chmod(0o755)
    monkeypatch.setattr(ffmpeg, "STANDS_STILL_S", 1)

    with pytest.raises(FfmpegFailed, match="no headway"):
        ffmpeg.run([], tmp_path, program=str(stuck))
