"""The corpus of hostile bodies and addresses, and what each description leads to, sent to a running stack."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import httpx

from tests.doors.asking import Asking
from tests.doors.hostile_requests import HOSTILE_REQUESTS, Hostile, hostile_of
from tests.doors.town import NOBODY, OWNER, Town
from tests.doors.tried import Answer, Tried

WHO = (NOBODY, OWNER, "reviewer", "registrar", "insurance_clerk", "window")


def corpus(town: Town) -> Iterator[Tried]:
    """To every department, as nobody and as somebody who is let in here and there."""
    tried = Tried("hostile bodies and addresses", f"{len(HOSTILE_REQUESTS)}: depth, bytes, NUL, digits, dates")
    for department in town.addresses:
        for who in (NOBODY, OWNER, "registrar"):
            _send(town, department, who, HOSTILE_REQUESTS, tried)
    yield tried


def spoilt(town: Town, one_of: int = 8) -> Iterator[Tried]:
    """What a description leads to, one in so many as each of WHO, other ones for each."""
    tried = Tried("described and spoilt", "each field and parameter of each operation, spoilt in dozens of ways")
    for department in town.addresses:
        every = list(hostile_of(town.schema(department)))
        for turn, who in enumerate(WHO):
            _send(town, department, who, every[turn % one_of :: one_of], tried)
    yield tried


def _send(town: Town, department: str, who: str, requests: Sequence[Hostile], tried: Tried) -> None:
    with Asking(town, department, who) as asking:
        for one in requests:
            with suppress(httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError):  # no client sends it
                answer = asking.ask(one.method, one.path, one.headers, content=one.body)
                tried.note(answer, _is_in({0, *one.allowed}), f"allowed for {one.name}")


def _is_in(allowed: set[int]) -> Callable[[Answer], bool]:
    return lambda answer: answer.status in allowed
