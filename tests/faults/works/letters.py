"""Links for signing in, asked for and mailed; and every other letter that the works have caused."""

from collections import Counter
from email import message_from_bytes

from sqlalchemy import select

from elearn.mail.models import Letter
from tests.faults.browser import form_fields
from tests.faults.works.base import Ground, Work


class SignInLetters(Work):
    """People who ask for a link; judges all letters there are."""

    name = "letters"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._asked: list[str] = []
        self.doubles = 0
        """Letters that came more than once, under one Message-ID."""

    def once(self) -> None:
        person_id, _seat = self.ground.people[-1 - len(self._asked)]
        address = f"p{person_id}@field.example"
        browser = self.ground.browser()
        fields = form_fields(browser.get("/sign-in").page) | {"email": address}
        answer = browser.post("/sign-in", fields)
        assert answer.status == 303, answer.text[:500]
        self._asked.append(address)
        self.note()
        self.ground.wait_for(f"a letter to {address}", lambda: self.ground.box.to(address))

    def lost(self) -> list[str]:
        letters = self.ground.look(
            lambda session: session.execute(select(Letter.id, Letter.kind, Letter.recipient, Letter.sent_at)).all()
        )
        taken = self.ground.box.taken
        arrived = {number.partition("@")[0].removeprefix("<letter-"): copies for number, copies in taken.items()}
        self.doubles = sum(len(copies) - 1 for copies in taken.values())
        queued = {str(each.id): each for each in letters}
        asked = Counter(each.recipient for each in letters if each.kind == "accounts/sign_in")
        return [
            *(f"{each.kind} to {each.recipient} did not arrive" for key, each in queued.items() if key not in arrived),
            *(f"{each.kind} to {each.recipient} is not noted as sent" for each in letters if each.sent_at is None),
            *(f"nobody queued letter {key}" for key in arrived if key not in queued),
            *(f"{address} asked for a link in vain" for address in self._asked if not asked[address]),
            *(
                f"letter {key} came twice, and not the same"
                for key, copies in arrived.items()
                if len({_without_boundaries(copy) for copy in copies}) > 1
            ),
        ]


def _without_boundaries(letter: bytes) -> tuple[str, ...]:
    """Return what a letter says: the marks between its parts are drawn anew at each rendering."""
    message = message_from_bytes(letter)
    return (str(message["To"]), str(message["Subject"]), *(str(part.get_payload()) for part in message.get_payload()))
