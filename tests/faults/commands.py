"""Commands as a careful client sends them: under one key until an answer is seen; and a record of every one."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx

ONE_TRY = 10.0  # seconds
FIRST_WAIT = 0.05  # seconds before the second try; doubled at each
LONGEST_WAIT = 0.5
GRACE = 60.0  # seconds that a request still under way may take once the load has ended
ASK_AGAIN = 0.05  # of the accepted commands are sent once more, as if the answer had been lost
UNAVAILABLE = 503
NOT_NOW = (429, UNAVAILABLE)  # come again


@dataclass(slots=True)
class Command:
    """`request` is the digest that its events bear; `told` are the event ids of each answer that accepted it."""

    department: str
    request: str
    told: list[frozenset[UUID]] = field(default_factory=list)

    @property
    def accepted(self) -> frozenset[UUID]:
        """All event ids that answers told."""
        return frozenset().union(*self.told)

    @property
    def is_ambiguous(self) -> bool:
        """Two answers told of different outcomes. One may tell more: what followed the command at once, or later."""
        return any(not (one <= other or other <= one) for one in self.told for other in self.told)


@dataclass
class Record:
    """What was sent and how it was answered."""

    commands: list[Command] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)  # of every answer, and errors by their name
    unanswered: int = 0
    failures: list[str] = field(default_factory=list)  # answers that nobody should ever see
    waits: list[float] = field(default_factory=list)  # seconds for which a command was answered 503 at a stretch

    @property
    def accepted(self) -> list[Command]:
        return [command for command in self.commands if command.told]


class Client:
    """Speaks to all departments. `ended` is set when no new commands are to be begun."""

    def __init__(self, addresses: Mapping[str, str], record: Record, rng: random.Random) -> None:
        self.addresses = {name: [address] for name, address in addresses.items()}  # of each instance
        self.record = record
        self.ended = asyncio.Event()
        self._rng = rng
        self._http = httpx.AsyncClient(
            timeout=ONE_TRY, trust_env=False, limits=httpx.Limits(max_connections=None, keepalive_expiry=2)
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, department: str, path: str, token: str) -> Any | None:
        """The body; None when there was no good answer."""
        try:
            response = await self._http.get(
                self._instance(department) + path, headers={"authorization": f"Bearer {token}"}
            )
        except httpx.TransportError:
            return None
        return response.json() if response.is_success else None

    async def command(self, department: str, path: str, body: Any, token: str) -> Any | None:
        """Send until answered. The answer's body when it was accepted; None when it was refused or never answered."""
        key, content = str(uuid4()), json.dumps(body, ensure_ascii=False).encode()
        digest = sha256(f"{key}\nPOST {path}\n".encode() + b"\n" + content).hexdigest()
        command = Command(department, digest)
        self.record.commands.append(command)
        headers = {
            "authorization": f"Bearer {token}",
            "idempotency-key": key,
            "content-type": "application/json",
            "accept-language": "en",
        }

        def request() -> httpx.Request:
            return self._http.build_request("POST", self._instance(department) + path, content=content, headers=headers)

        response = await self._answered(request)
        if response is None or not self._took(command, response):
            return None
        if self._rng.random() < ASK_AGAIN:
            again = await self._answered(request)
            if again is not None and not self._took(command, again):
                self.record.failures.append(f"accepted, then {again.status_code} to the same key: POST {path}")
        return response.json()

    def _instance(self, department: str) -> str:
        """Any of them, as a load balancer would: a repeated request may come to another one."""
        return self._rng.choice(self.addresses[department])

    async def _answered(self, request: Callable[[], httpx.Request]) -> httpx.Response | None:
        tries = 0
        refused: float | None = None  # since when it has been answered 503
        over: float | None = None
        while True:
            tries += 1
            sent = time.monotonic()
            response = None
            try:
                response = await self._http.send(request())
                told = str(response.status_code)
            except httpx.TransportError as error:
                told = type(error).__name__
            self.record.statuses[told] += 1
            if response is not None and response.status_code == UNAVAILABLE:
                refused = refused or time.monotonic()
            elif refused is not None:
                self.record.waits.append(sent - refused)
                refused = None
            if response is not None and response.status_code not in NOT_NOW:
                return response
            if self.ended.is_set():
                over = over or time.monotonic() + GRACE
                if time.monotonic() > over:
                    self.record.unanswered += 1
                    return None
            await asyncio.sleep(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 5)) * self._rng.uniform(0.5, 1))

    def _took(self, command: Command, response: httpx.Response) -> bool:
        if response.status_code >= 500:
            self.record.failures.append(f"{response.status_code} {response.request.url.path}: {response.text[:200]}")
        if not response.is_success:
            return False
        ids = response.headers.get("event-id", "")
        told = [UUID(one) for one in ids.split(",") if one] or [
            UUID(row["event"]) for row in response.json().get("entered", ())
        ]
        command.told.append(frozenset(told))
        return True
