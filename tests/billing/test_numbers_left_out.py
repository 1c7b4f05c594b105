"""Numbers that were given out before an older backup was put back are not given out again (docs/backup.md)."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from elearn.billing import numbering
from elearn.billing.cli import billing
from elearn.billing.errors import NumbersGivenOut
from elearn.core.audit import AuditEvent
from tests.billing.shop import open_shop


@pytest.fixture
def said(installation, session, world):
    """Run `elearn billing numbers`; both houses sell."""
    open_shop(session, world.ours)
    open_shop(session, world.theirs, serial_prefix="", next_serial=7)
    session.flush()

    def run(*words: str, answer: str = "") -> tuple[int, str]:
        ran = CliRunner().invoke(billing, ["numbers", *words], obj=installation, input=answer)
        session.expire_all()
        return ran.exit_code, ran.output

    return run


def test_the_command_says_which_numbers_come_next(said) -> None:
    assert said() == (
        0,
        "The next invoice of ours gets the number K-1001.\nThe next invoice of theirs gets the number 7.\n",
    )


def test_numbers_up_to_the_last_that_was_sent_are_left_out_and_the_trail_says_so(said, session, world) -> None:
    code, told = said("--after", "1057", "--house", "ours", answer="y\n")

    assert code == 0
    assert "1001 to 1057 will never be given out here" in told
    assert numbering.take(session, house_id=world.ours.house.id) == (1058, "K-1058")
    assert numbering.take(session, house_id=world.theirs.house.id) == (7, "7")
    noted = session.scalars(select(AuditEvent).where(AuditEvent.kind == "billing.series.left_out")).one()
    assert (noted.course_house_id, noted.data) == (world.ours.house.id, {"first": 1001, "last": 1057})


@pytest.mark.parametrize(
    ("words", "answer", "why"),
    [
        (("--after", "1000", "--house", "ours"), "y\n", "The next number is 1001 already."),
        (("--after", "1057"), "y\n", "Say which house"),
        (("--after", "1057", "--house", "nobody"), "y\n", "No such house"),
        (("--after", "1057", "--house", "ours"), "n\n", "Aborted"),
    ],
)
def test_the_series_goes_forward_only_and_for_one_house(said, words, answer: str, why: str) -> None:
    code, told = said(*words, answer=answer)

    assert code == 1
    assert why in told
    assert "K-1001" in said()[1]


def test_what_was_given_out_meanwhile_is_not_left_out(said, session, world) -> None:
    numbering.take(session, house_id=world.ours.house.id)

    with pytest.raises(NumbersGivenOut):
        numbering.leave_out(session, house_id=world.ours.house.id, following=1001, last=1057)

    assert numbering.take(session, house_id=world.ours.house.id)[0] == 1002
