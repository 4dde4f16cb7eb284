"""A citizen who has every department store as much as it lets them."""

import asyncio
import random
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import asyncpg

from deploy.demo.stories.birth_cast import typed
from deploy.reach import reach_all
from tests.doors.asking import Asking
from tests.doors.hostile_pictures import png
from tests.doors.town import OWNER, PATIENT, Town
from tests.doors.tried import Answer

TOO_MUCH = "too_much_today"
MOST = 20_000  # requests; without a quota there is no end to it
LONG = 2000  # characters of one field
SETTLED = 3.0  # seconds without growth
LOOK = 0.5
A_FILE = 4_000_000  # bytes of a file handed in

Send = Callable[[Asking, str], Answer]
"""Asks something that is stored, about an id that was handed out before or made up; counted by the second."""


@dataclass
class Stored:
    """What the databases grew by, of all departments together, and what was taken."""

    growth: int  # bytes
    requests: dict[str, int] = field(default_factory=dict)  # by department
    files: int = 0


def store_all_one_may(town: Town) -> Stored:
    """Until each department says that it was enough for today."""
    before = _settled(town)
    stored = Stored(0)
    with Asking(town, "certificates", OWNER) as owner:
        stored.files = _hand_in_files(owner)
    for department, who, ways in (
        ("certificates", OWNER, (_draft_an_application, _apply, _withdraw)),
        ("cases", OWNER, (_draft_a_case, _hand_in, _withdraw_the_case)),
        ("insurance", PATIENT, (_name_an_account,)),
        ("identity", OWNER, (_end_a_mandate,)),
        ("notification", OWNER, (_read_a_notice,)),
    ):
        with Asking(town, department, who) as asking:
            stored.requests[department] = _until_enough(asking, ways)
    stored.growth = _settled(town) - before
    return stored


def _until_enough(asking: Asking, ways: tuple[Send, ...]) -> int:
    last = ""
    for number in range(MOST):
        answer = ways[number % len(ways)](asking, f"{number} {last}")
        assert answer.status < 500, answer
        if answer.code == TOO_MUCH:
            return number
        shown = answer.json()
        last = str(shown.get("application") or shown.get("case") or last) if isinstance(shown, dict) else last
    raise AssertionError("there is no end to it")


def _hand_in_files(owner: Asking) -> int:
    """Different ones, until no more are taken."""
    for number in range(MOST):
        answer = owner.ask("POST", "/evidence", {"content-type": "image/png"}, content=_picture(number))
        if answer.status == 429:
            return number
        assert answer.status == 201, answer
    raise AssertionError("there is no end to it")


def _draft_an_application(asking: Asking, _: str) -> Answer:
    body = {"type": "residence", "form": {f"f{n}": _words(LONG) for n in range(3)}, "evidence": {}}
    return asking.ask("PUT", f"/drafts/{uuid4()}", json=body)


def _apply(asking: Asking, _: str) -> Answer:
    detail = _words(60)
    form = {"residence_since": "2019-09-01", "purpose": "school_entry", "purpose_detail": detail}
    return asking.ask("POST", "/applications", json={"type": "residence", "form": form})


def _withdraw(asking: Asking, told: str) -> Answer:
    return asking.ask("POST", f"/applications/{_id(told)}/withdraw")


def _draft_a_case(asking: Asking, _: str) -> Answer:
    body = {"definition": "birth", "form": {f"f{n}": _words(LONG) for n in range(3)}}
    return asking.ask("PUT", f"/drafts/{uuid4()}", json=body)


def _hand_in(asking: Asking, _: str) -> Answer:
    return asking.ask("POST", "/cases", json={"definition": "birth", "form": typed("范小满", "first")})


def _withdraw_the_case(asking: Asking, told: str) -> Answer:
    return asking.ask("POST", f"/cases/{_id(told)}/withdraw")


def _name_an_account(asking: Asking, told: str) -> Answer:
    return asking.ask("POST", "/my/payee-account", json={"card_number": _card(int(told.partition(" ")[0]))})


def _end_a_mandate(asking: Asking, _: str) -> Answer:
    return asking.ask("POST", f"/mandates/{uuid4()}/end")


def _read_a_notice(asking: Asking, _: str) -> Answer:
    return asking.ask("POST", f"/inbox/{uuid4()}/read")


_RANDOM = random.Random(20261130)


def _words(length: int) -> str:
    """Of no sense, so that they are not packed."""
    return "".join(chr(_RANDOM.randrange(0x4E00, 0x9FA5)) for _ in range(length))


def _id(told: str) -> str:
    return told.partition(" ")[2] or str(uuid4())


def _card(number: int) -> str:
    body = f"622202{number:012}"
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-sum(sum(divmod(digit, 10)) for digit in doubled) % 10)


def _picture(number: int) -> bytes:
    """Noise, so that it is as large in the database as on the way."""
    noise = random.Random(number).randbytes(A_FILE)
    side = 1000
    rows = b"".join(b"\0" + noise[row * 4 * side : (row + 1) * 4 * side] for row in range(side))
    return png(side, side, zlib.compress(rows, 0))


def _settled(town: Town) -> int:
    """Bytes of all databases, once they grow no more."""
    last, since = asyncio.run(_size(town)), time.monotonic()
    while time.monotonic() - since < SETTLED:
        time.sleep(LOOK)
        size = asyncio.run(_size(town))
        if size != last:
            last, since = size, time.monotonic()
    return last


async def _size(town: Town) -> int:
    size = 0
    for one in reach_all(town.stack.data_dir):
        connection = await asyncpg.connect(one.database_url)
        try:
            size += await connection.fetchval("select pg_database_size(current_database())")
        finally:
            await connection.close()
    return size
