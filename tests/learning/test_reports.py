"""What a player may send, and what it is told when it sends something else."""

import json
from typing import Any

import pytest

from elearn.learning.errors import BadReport
from elearn.learning.reports import WatchReport, read_report, read_ticket_request

REPORT = {"claims": "signed", "id": "a1", "seq": 3, "ranges": [[0.0, 10.0], [12.5, 20.0]], "position": 20.0}


def report(**changed: Any) -> WatchReport:
    return read_report(json.dumps(REPORT | changed).encode())


def refusal(**changed: Any) -> str:
    with pytest.raises(BadReport) as refused:
        report(**changed)
    return str(refused.value)


def test_a_report_is_read_as_it_was_sent() -> None:
    read = report(ended=True)

    assert (read.claims, read.id, read.seq, read.position, read.ended) == ("signed", "a1", 3, 20.0, True)
    assert read.ranges == [(0.0, 10.0), (12.5, 20.0)]
    assert report().ended is False


def test_a_refusal_names_the_place_and_the_reason() -> None:
    assert refusal(seq=-1) == "seq: Input should be greater than or equal to 0"
    assert refusal(ranges=[[0, 1], [2, -1]]) == "ranges.1.1: Input should be greater than or equal to 0"
    assert refusal(more=1) == "more: Extra inputs are not permitted"


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    assert refusal(ranges=[[0, 1], [5, 4]]) == "Value error, a range ends before it begins"
    assert report(ranges=[[5, 5]]).ranges == [(5.0, 5.0)]


def test_places_a_second_beyond_the_film_are_let_through_and_no_more() -> None:
    report(ranges=[[0, 21]], position=21).check_within(20)
    for changed in ({"ranges": [[0, 3], [4, 21.5], [5, 6]]}, {"position": 21.5}):
        with pytest.raises(BadReport, match=r"^21\.5 s lies beyond the film's 20 s$"):
            report(**changed).check_within(20)


def test_a_report_without_ranges_is_measured_by_its_position() -> None:
    report(ranges=[], position=20).check_within(20)
    with pytest.raises(BadReport):
        report(ranges=[], position=30).check_within(20)


def test_a_players_request_may_say_nothing() -> None:
    asked = read_ticket_request(b"")

    assert (asked.claims, asked.language) == (None, "")


def test_a_players_request_names_its_claims_and_language() -> None:
    asked = read_ticket_request(b'{"claims": "signed", "language": "nn", "new": 1}')

    assert (asked.claims, asked.language) == ("signed", "nn")


def test_a_request_that_is_not_understood_says_so() -> None:
    with pytest.raises(BadReport, match=r"^the request is not understood$"):
        read_ticket_request(b"[]")
