"""A provider whose history a test writes: it grows, is restored older, and tells epochs, or does not."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts import envelope
from shared.contracts.envelope import Numbered, Received
from shared.contracts.epochs import Epoch, Epochs
from shared.department.engine import Engine
from shared.messaging import alignment
from shared.messaging import subscription as subscription_module
from shared.messaging.history import Page
from tests import sample
from tests.sample import CUSTOMS_SERVICE, CratesUnloaded, ShipArrived
from tests.shared.messaging.feeds import FEED

PAGE = 7  # events


@dataclass(frozen=True)
class Told:
    """An event, whatever its number."""

    stream: str
    version: int
    data: ShipArrived | CratesUnloaded
    id: UUID = field(default_factory=uuid4)


@dataclass
class Provider:
    log: list[Told] = field(default_factory=list)
    epochs: Epochs = field(default_factory=Epochs)
    asked: list[int] = field(default_factory=list)

    def grow(self, events: int, ships: int = 3) -> None:
        """Ships arrive, then are unloaded."""
        for _ in range(events):
            stream = f"ship-{len(self.log) % ships}"
            version = 1 + sum(1 for one in self.log if one.stream == stream)
            data = CratesUnloaded(ship=stream, crates=version) if version > 1 else ShipArrived(ship=stream, crates=1000)
            self.log.append(Told(stream, version, data))

    def restore(self, keep: int) -> list[Told]:
        """An older copy. Returns what it has lost."""
        lost, self.log = self.log[keep:], self.log[:keep]
        return lost

    def begin_epoch(self, shared: int | None = None, reason: str = "restored") -> None:
        number, last = self.epochs.current + 1, len(self.log) if shared is None else shared
        one = Epoch(number=number, position=last, feeds={FEED: last}, begun_at=datetime.now(UTC), reason=reason)
        self.epochs = Epochs((*self.epochs.later, one))

    def messages(self, after: int = 0) -> list[Received]:
        return [self._message(number) for number in range(after + 1, len(self.log) + 1)]

    def _message(self, sequence: int) -> Received:
        told = self.log[sequence - 1]
        return envelope.parse(
            envelope.encode(
                Numbered(
                    feed=FEED,
                    sequence=sequence,
                    id=told.id,
                    type=f"harbour.{type(told.data).__name__}",
                    schema=1,
                    stream=told.stream,
                    version=told.version,
                    data=told.data.model_dump_json(),
                    metadata="{}",
                    recorded_at=datetime.now(UTC),
                    epoch=self.epochs.of_event(FEED, sequence),
                    previous=self.log[sequence - 2].id if sequence > 1 else None,
                )
            )
        )

    @property
    def head(self) -> tuple[int, UUID | None, Epochs]:
        return len(self.log), self.log[-1].id if self.log else None, self.epochs

    async def history(self, _client: object, _feed: str, after: int) -> Page:
        self.asked.append(after)
        return Page(len(self.log), self.messages(after)[:PAGE], self.epochs)

    @property
    def ids(self) -> Sequence[UUID]:
        return [one.id for one in self.log]


def provider_of(events: int, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Its history is asked in the place of the broker's, and what it recovered is not waited for."""
    provider = Provider()
    provider.grow(events)
    monkeypatch.setattr(subscription_module, "ask_history", provider.history)
    monkeypatch.setattr(alignment, "COMES_BACK_WITHIN", 0.0)
    return provider


@asynccontextmanager
async def subscriber_of(
    provider: Provider, database: DepartmentDatabase, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    """Customs, which has taken in all of it."""
    async with sample.engine(CUSTOMS_SERVICE, database, directory, started=False) as engine:
        monkeypatch.setattr(type(engine), "client", property(lambda _: None))
        await engine.subscriptions[FEED].take_in(provider.messages())
        provider.asked.clear()
        yield engine
