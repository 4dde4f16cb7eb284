"""Whether anything tells what is there from what is not: words, status or time; and a sprayer of many accounts."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from deploy.demo.stories.birth_cast import MOTHER, MOTHER_CORRECTED
from deploy.secrets import ADMINISTRATOR
from deploy.seed.samples import sample_people
from tests.doors.asking import Asking
from tests.doors.commands_twice import newcomer
from tests.doors.town import Town
from tests.doors.tried import Answer, Tried

ROUNDS = 4  # of each question, fewer than any limit
SLOWER = 3.0  # times; and
SLOWER_BY = 0.3  # seconds by which one may not be slower than the other
SPRAYED = 10_000  # accounts
FURTHER = 100  # tries once it was stopped
GUESS = "Summer2026!"
OWNERS_ADDRESS, SPRAYERS_ADDRESS, ASKERS_ADDRESS = "127.40.0.1", "127.66.0.1", "127.50.0.1"

Ask = Callable[[Asking, bool], Answer]
"""About somebody who is there, or about nobody."""


def oracles(town: Town) -> Iterator[Tried]:
    """Each question about somebody who has an account and about nobody, by turns."""
    tried = Tried("oracles", "sign-in, codes, opening an account, passwords: of somebody and of nobody; words and time")
    for name, question in _questions(town).items():
        with Asking(town, "identity", come_from=ASKERS_ADDRESS) as nobody:
            there, away = [], []
            answers: list[tuple[Answer, Answer]] = []
            for _ in range(ROUNDS):
                first, seconds = _timed(lambda question=question: question(nobody, True))  # type: ignore[misc]
                there.append(seconds)
                second, seconds = _timed(lambda question=question: question(nobody, False))  # type: ignore[misc]
                away.append(seconds)
                answers.append((first, second))
        for one, other in answers:
            tried.note(one)
            tried.note(other, _is_as(one), f"the same as of somebody: {name}")
        quick, slow = sorted((statistics.median(there), statistics.median(away)))
        if slow > SLOWER * quick and slow - quick > SLOWER_BY:
            medians = f"{statistics.median(there):.3f} s of somebody, {statistics.median(away):.3f} s of nobody"
            tried.complain(f"{name}: {medians}")
    yield tried


def _questions(town: Town) -> dict[str, Ask]:
    owner = next(one for one in sample_people() if one.name == MOTHER)

    def number(is_there: bool) -> str:
        return str(owner.id_number) if is_there else newcomer()["id_number"]

    def sign_in(asking: Asking, is_there: bool) -> Answer:
        return asking.ask("POST", "/sign-in", json={"id_number": number(is_there), "password": "wrong password 1"})

    def staff_sign_in(asking: Asking, is_there: bool) -> Answer:
        login = ADMINISTRATOR if is_there else f"nobody.{time.monotonic_ns()}"[:40]
        return asking.ask("POST", "/staff/sign-in", json={"login": login, "password": "wrong password 1"})

    def open_account(asking: Asking, is_there: bool) -> Answer:
        claim = {"name": MOTHER_CORRECTED if is_there else "甄样例", "id_number": number(is_there)}
        more = {"phone": "13800138099", "code": "000000", "password": "right horse 电池 staple 9"}
        return asking.ask("POST", "/citizens", json={**claim, **more})

    return {"a citizen signs in": sign_in, "staff sign in": staff_sign_in, "an account is opened": open_account}


def _timed(ask: Callable[[], Answer]) -> tuple[Answer, float]:
    began = time.perf_counter()
    answer = ask()
    return answer, time.perf_counter() - began


def _is_as(other: Answer) -> Callable[[Answer], bool]:
    return lambda answer: (answer.status, answer.code, _fields(answer)) == (other.status, other.code, _fields(other))


def _fields(answer: Answer) -> Sequence[Any]:
    told = answer.json()
    return sorted(str(one) for one in told.get("errors", ())) if isinstance(told, dict) else ()


def sprayer(town: Town) -> Iterator[Tried]:
    """One password at 10,000 accounts from one address, six at the owner's; then the owner signs in elsewhere."""
    tried = Tried("a sprayer", f"one password at {SPRAYED:,} logins, six at one; then its owner")
    login, password = town.stack.administrator
    right = {"login": login, "password": password}
    with Asking(town, "identity", come_from=OWNERS_ADDRESS) as owner:
        before = owner.ask("POST", "/staff/sign-in", json=right)
        tried.note(before, lambda answer: answer.status == 200, "200 for the owner")
        with Asking(town, "identity", come_from=SPRAYERS_ADDRESS) as stranger:
            for _ in range(6):
                guess = {"login": login, "password": GUESS}
                tried.note(stranger.ask("POST", "/staff/sign-in", json=guess), _is_no, "401 or 429")
            stopped = _spray(tried, stranger)
        known = owner.ask("POST", "/staff/sign-in", json={**right, "device": before.json()["device"]})
        tried.note(known, lambda answer: answer.status == 200, "200 for the owner on a known device")
    tried.what += f"; stopped after {stopped}" if stopped else "; never stopped"
    if stopped is None:
        tried.complain(f"{SPRAYED} accounts were tried and nobody stopped it")
    yield tried


def _spray(tried: Tried, stranger: Asking) -> int | None:
    """After how many it was stopped, for good."""
    stopped = None
    for number in range(SPRAYED):
        answer = stranger.ask("POST", "/staff/sign-in", json={"login": f"somebody.{number}", "password": GUESS})
        tried.note(answer, _is_no if stopped is None else _is_stopped, "401 or 429, and 429 once it was")
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and stopped is None:
            stopped = number
        if stopped is not None and number > stopped + FURTHER:
            break
    return stopped


def _is_no(answer: Answer) -> bool:
    return answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)


def _is_stopped(answer: Answer) -> bool:
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS
