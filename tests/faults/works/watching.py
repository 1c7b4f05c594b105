"""Second after second reported, and courses completed with their certificates."""

import json
import random
import re
from collections import Counter
from dataclasses import replace

from sqlalchemy import select

from elearn.accounts.models import EmailAddress, Person
from elearn.catalogue.models import Lesson, LessonVideo, Module
from elearn.learning.models import Certificate, Completion
from elearn.mail.models import Letter
from elearn.media.models import Video
from elearn.media.tickets import Ticket, TicketSigner
from tests.faults.browser import Browser
from tests.faults.senders import claims_of, lost_seconds, report
from tests.faults.works.base import Ground, Work

VIEWERS = 200


class Progress(Work):
    """Players that report the next second of film."""

    name = "progress"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._people = ground.people[:VIEWERS]
        self._chance = random.Random(1)
        self._seconds: dict[int, int] = {}
        self._video_id = ground.look(lambda session: session.scalars(select(Video.id).order_by(Video.id)).first())

    def once(self) -> None:
        viewer = self._chance.choice(self._people)
        second = self._seconds.get(viewer[0], 0)
        claims = claims_of(self.ground.site.installation.tokens, *viewer, self._video_id)  # a player renews its own
        answer = tell(self.ground.browser(), 1, report(claims, second))
        if answer.get("refused"):
            self.wrong.append(f"a second was refused: {answer}")
        else:
            self._seconds[viewer[0]] = second + 1
            self.note()

    def lost(self) -> list[str]:
        seconds = lost_seconds(self.ground.site.database, self._video_id, self._seconds)
        return [f"{seconds} seconds lost"] if seconds else []


class Certificates(Work):
    """People who finish the course, fetch their certificate, and have it checked by its code."""

    name = "certificates"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._people = iter(ground.people[VIEWERS:])
        self._through: list[int] = []
        self._films = ground.look(
            lambda session: session.execute(
                select(Lesson.id, Video.id, Video.length_s)
                .join(LessonVideo, LessonVideo.lesson_id == Lesson.id)
                .join(Video, Video.id == LessonVideo.video_id)
                .join(Module, Module.id == Lesson.module_id)
                .where(Module.course_id == ground.site.world.ours.course.id)
                .order_by(Lesson.id)
            ).all()
        )

    def once(self) -> None:
        person_id, seat_id = next(self._people)
        browser = self.ground.browser()
        for lesson_id, video_id, length_s in self._films:
            claims = self._claims(person_id, seat_id, lesson_id, video_id, length_s)
            told = report(claims, 0) | {"ranges": [[0, length_s]], "position": length_s, "ended": True}
            tell(browser, lesson_id, told)
        self._through.append(person_id)
        self.note()
        self._fetch(person_id)
        self.ground.wait_for(
            f"a letter to person {person_id}", lambda: self.ground.box.to(f"p{person_id}@field.example")
        )

    def lost(self) -> list[str]:
        people = self._through
        found = self.ground.look(
            lambda session: (
                Counter(session.scalars(select(Completion.person_id).where(Completion.person_id.in_(people)))),
                Counter(
                    session.scalars(
                        select(Completion.person_id)
                        .join(Certificate.completion)
                        .where(Completion.person_id.in_(people))
                    )
                ),
                Counter(
                    session.scalars(
                        select(EmailAddress.person_id)
                        .join(Letter, Letter.recipient == EmailAddress.address)
                        .where(EmailAddress.person_id.in_(people), Letter.kind == "learning/completed")
                    )
                ),
            )
        )
        wanted = Counter(people)
        names = ("completions", "certificates", "letters about them")
        return [
            f"{name} of person {person}: {counted[person]}"
            for name, counted in zip(names, found, strict=True)
            for person in wanted
            if counted[person] != 1
        ]

    def _fetch(self, person_id: int) -> None:
        person = self.ground.look(lambda session: session.get_one(Person, person_id))
        browser = self.ground.browser(person)
        page = browser.get("/learn/certificates").text
        link = re.search(r"/learn/certificates/\d+\.pdf", page)
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){6}", page)
        if not link or not code:
            self.wrong.append(f"no certificate for person {person_id}: {page[:500]}")
            return
        if not browser.get(link[0]).body.startswith(b"%PDF"):
            self.wrong.append(f"no PDF at {link[0]}")
        if browser.get(f"/certificates/{code[0]}").status != 200:
            self.wrong.append(f"the code {code[0]} is not known")

    def _claims(self, person_id: int, seat_id: int, lesson_id: int, video_id: int, length_s: int) -> str:
        signer = TicketSigner(self.ground.site.installation.tokens)
        ticket = signer.read(claims_of(self.ground.site.installation.tokens, person_id, seat_id, video_id))
        assert isinstance(ticket, Ticket)
        return signer.sign(replace(ticket, lesson_id=lesson_id, length_s=length_s, needed=length_s * 9 // 10))


def tell(browser: Browser, lesson_id: int, told: dict[str, object]) -> dict[str, object]:
    """Send a report until it is taken; return the answer."""
    answer = browser.ask("POST", f"/learn/lessons/{lesson_id}/watched", json.dumps(told).encode(), "application/json")
    assert answer.status == 200, answer.text
    stored: dict[str, object] = json.loads(answer.text)
    return stored
