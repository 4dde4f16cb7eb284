"""People at work all over the stack: registrars, citizens, reviewers and readers of their inboxes.

identity.people -> certificates -> certificates.applications, certificates.lifecycle -> notification
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from shared.standards.check_digits import mod_11_2
from tests.faults.commands import Client, Record
from tests.faults.tokens import Tokens

VILLAGES = ("130123100242", "130123100240")
PURPOSES = ("school_entry", "employment", "housing_fund", "other")
AREAS = ("130124", "130125", "130126", "130127", "130128")  # not that of the sample people
# nobody bears these sequence numbers: they are kept for people over a hundred
SEQUENCES = range(996, 1000)
FIRST_BIRTH = date(1930, 1, 1)
DAYS = 365 * 80


def id_numbers() -> Iterator[str]:
    """Valid ID numbers of nobody, each once."""
    for n in count():
        area = AREAS[n // (DAYS * len(SEQUENCES))]
        born = FIRST_BIRTH + timedelta(days=n // len(SEQUENCES) % DAYS)
        body = f"{area}{born:%Y%m%d}{SEQUENCES[n % len(SEQUENCES)]}"
        yield body + mod_11_2(body)


def newcomers(numbers: Iterator[str], how_many: int) -> list[dict[str, str]]:
    """People as `POST /people/import` takes them."""
    return [
        {
            "name": "甄样例",
            "id_number": next(numbers),
            "division": VILLAGES[n % len(VILLAGES)],
            "address": f"东街{n % 90 + 1}号",
        }
        for n in range(how_many)
    ]


@dataclass
class Town:
    """What the people at work know of each other; it lives as long as the stack."""

    tokens: Tokens
    numbers: Iterator[str] = field(default_factory=id_numbers)
    people: list[tuple[UUID, str]] = field(default_factory=list)  # whom certificates surely knows, with their village
    to_review: asyncio.Queue[tuple[UUID, UUID, str]] = field(default_factory=asyncio.Queue)


@dataclass(frozen=True)
class Crew:
    """How many of each work at once."""

    registrars: int = 3
    citizens: int = 8
    reviewers: int = 5
    readers: int = 2


SMALL = Crew(2, 4, 3, 1)


@asynccontextmanager
async def at_work(
    town: Town, addresses: dict[str, str], rng: random.Random, crew: Crew
) -> AsyncIterator[tuple[Client, Record]]:
    """They work inside, and finish what they have begun at the end."""
    record = Record()
    client = Client(addresses, record, rng)
    work = Work(town, client, rng)
    shifts = [
        shift()
        for shift, how_many in (
            (work.register, crew.registrars),
            (work.apply, crew.citizens),
            (work.review, crew.reviewers),
            (work.read, crew.readers),
        )
        for _ in range(how_many)
    ]
    tasks = [asyncio.create_task(shift) for shift in shifts]
    try:
        yield client, record
    finally:
        client.ended.set()
        await asyncio.gather(*tasks)
        await client.close()


class Work:
    """Endless shifts."""

    def __init__(self, town: Town, client: Client, rng: random.Random) -> None:
        self._town = town
        self._client = client
        self._rng = rng

    async def register(self) -> None:
        """A registrar enters people, and some of them move."""
        token = self._town.tokens.registrar
        while not self._client.ended.is_set():
            entered = await self._client.command("identity", "/people", newcomers(self._town.numbers, 1)[0], token)
            if entered is not None and self._rng.random() < 0.3:
                move = {"division": self._rng.choice(VILLAGES), "address": "村东12号"}
                await self._client.command("identity", f"/people/{entered['person']}/move", move, token)

    async def apply(self) -> None:
        """Citizens apply; one who has an application open for the purpose is refused."""
        while not self._client.ended.is_set():
            person, village = self._rng.choice(self._town.people)
            detail = f"第{self._rng.randrange(10**9)}号事项"
            form = {
                "residence_since": "2019-09-01",
                "purpose": self._rng.choice(PURPOSES),
                "purpose_detail": detail,
            }
            body = {"type": "residence", "form": form}
            shown = await self._client.command("certificates", "/applications", body, self._town.tokens.citizen(person))
            if shown is None:
                await asyncio.sleep(0.02)  # refused: one for this purpose is open
            else:
                self._town.to_review.put_nowait((UUID(shown["application"]), person, village))
            while self._town.to_review.qsize() > 500 and not self._client.ended.is_set():
                await asyncio.sleep(0.05)

    async def review(self) -> None:
        """Reviewers approve most, refuse some, send some back; a few are withdrawn."""
        while not self._client.ended.is_set():
            try:
                application, person, village = self._town.to_review.get_nowait()
            except asyncio.QueueEmpty:
                await asyncio.sleep(0.02)
                continue
            await self._decide(f"/applications/{application}", person, self._town.tokens.reviewers[village])

    async def _decide(self, path: str, person: UUID, reviewer: str) -> None:
        citizen = self._town.tokens.citizen(person)
        chance = self._rng.random()
        if chance < 0.1:
            await self._send(f"{path}/withdraw", {}, citizen)
        elif chance < 0.2:
            await self._send(f"{path}/refuse", {"reason": "不在本村居住"}, reviewer)
        else:
            if chance < 0.3:
                wrong = {"wrong_fields": {"residence_since": "请核对入住时间"}}
                await self._send(f"{path}/send-back", wrong, reviewer)
                await self._send(f"{path}/resubmit", {"form": {"residence_since": "2020-03-01"}}, citizen)
            await self._send(f"{path}/approve", {}, reviewer)

    async def _send(self, path: str, body: Any, token: str) -> None:
        await self._client.command("certificates", path, body, token)

    async def read(self) -> None:
        """Citizens open their notices."""
        while not self._client.ended.is_set():
            token = self._town.tokens.citizen(self._rng.choice(self._town.people)[0])
            inbox = await self._client.get("notification", "/inbox", token)
            for notice in (inbox or {"notices": []})["notices"][:3]:
                if notice["read_at"] is None:
                    await self._client.command("notification", f"/inbox/{notice['notice']}/read", {}, token)
            await asyncio.sleep(0.02)
