"""Captions of a film: checked before they are saved, hostile files refused in words."""

import io
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.audit import AuditEvent
from elearn.media.captions import read_captions
from elearn.media.editing import FILM_CHANGED
from tests.client import PageClient
from tests.home.films.steps import FILM, VTT, film, send, send_captions
from tests.world import World

pytestmark = pytest.mark.looks


def test_captions_are_checked_and_saved(owner: PageClient, manifest: Path, session: Session, world: World) -> None:
    assert send_captions(owner, VTT, language="nn").status_code == 303

    assert film(manifest).captions["nn"] == "why-we-ask.nn.vtt"
    kept = read_captions(manifest.parent / "captions/why-we-ask.nn.vtt", None)
    assert [cue.text for cue in kept.cues] == ["Hej med dig.", "Og dig."]
    assert "Og dig." in owner.page(FILM + "/captions/nn").text
    event = session.scalars(select(AuditEvent).where(AuditEvent.kind == FILM_CHANGED.name)).one()
    assert event.data == {"film": "why-we-ask", "part": "captions nn"}
    assert (event.actor_id, event.course_house_id) == (world.ours.owner.id, world.ours.house.id)
    fetched = owner.get(FILM + "/captions/nn/text.vtt?download=")
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="why-we-ask.nn.vtt"'
    assert fetched.content_type == "text/vtt; charset=utf-8"


def test_subrip_becomes_webvtt(owner: PageClient, manifest: Path) -> None:
    text = "1\r\n00:00:02,000 --> 00:00:05,000\r\n<font color=red>Hej</font>\r\n"

    assert send_captions(owner, text, "Film.SRT").status_code == 303
    assert "Hej" in (manifest.parent / "captions/why-we-ask.da.vtt").read_text()


def test_every_fault_of_a_caption_file_is_named_and_nothing_changes(owner: PageClient, manifest: Path) -> None:
    before = (manifest.parent / "captions/why-we-ask.da.vtt").read_text(), manifest.read_text()
    text = "WEBVTT\n\n00:05.000 --> 00:02.000\nA\n\nnonsense\n\n00:20.000 --> 02:00.000\n<script>alert(1)</script>\n"

    refused = send_captions(owner, text)

    assert refused.status_code == 422
    for said in (
        "ends before it begins",
        "not a caption&#39;s time",
        "after the film&#39;s end",
        "not used in captions",
    ):
        assert said in refused.text
    assert "<script>alert" not in refused.text
    assert ((manifest.parent / "captions/why-we-ask.da.vtt").read_text(), manifest.read_text()) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a WebVTT file"),
        (b"WEBVTT\n\n\xff\xfe", "is not UTF-8"),
        (b"WEBVTT\n\n\x00", "is not text"),
        (b"\x7fELF" * 40, "is not text"),
        (b"WEBVTT\n\n" + b"-" * 100_000, "not a caption&#39;s time"),
    ],
)
def test_hostile_caption_files_are_refused_in_words(owner: PageClient, content: bytes, said: str) -> None:
    refused = send_captions(owner, content)

    assert refused.status_code == 422
    assert said in refused.text


def test_names_of_files_lead_nowhere(owner: PageClient, manifest: Path) -> None:
    send_captions(owner, VTT, "../../../../etc/passwd.vtt")

    assert sorted(path.name for path in (manifest.parent / "captions").iterdir()) == [
        f"{key}.{code}.vtt" for key in ("listening", "why-we-ask") for code in ("da", "en")
    ]


def test_no_file_is_a_fault(owner: PageClient) -> None:
    refused = send(owner, "/captions/da")

    assert refused.status_code == 422
    assert "Choose a file." in refused.text


def test_captions_can_be_removed(owner: PageClient, manifest: Path) -> None:
    assert send(owner, "/captions/en/remove").status_code == 303

    assert list(film(manifest).captions) == ["da"]
    assert not (manifest.parent / "captions/why-we-ask.en.vtt").exists()


def test_captions_sent_twice_from_one_page_are_taken_once(owner: PageClient) -> None:
    state = owner.page(FILM + "/captions/da").find("input", {"name": "state"})
    assert state
    answers = [
        owner.press(FILM + "/captions/da", state=str(state["value"]), file=(io.BytesIO(text.encode()), "a.vtt"))
        for text in (VTT, VTT.replace("Hej", "Nej"))
    ]

    assert [answer.status_code for answer in answers] == [303, 409]
