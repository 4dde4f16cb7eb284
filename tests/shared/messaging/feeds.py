"""Harbour's feed as customs receives it, made by hand: valid unless a test spoils it."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from shared.contracts import envelope
from shared.contracts.envelope import Numbered, Received
from tests.sample import CratesUnloaded, ShipArrived

FEED = "local.harbour.ships"
TRUTH = "select ship, version, crates, unloaded from sample_ships order by ship"


def feed_of(count: int, streams: int, rng: random.Random) -> list[Received]:
    """A valid feed: every ship arrives, then is unloaded now and then."""
    versions: dict[str, int] = {}
    made: list[Received] = []
    for sequence in range(1, count + 1):
        stream = f"ship-{rng.randrange(streams)}"
        versions[stream] = version = versions.get(stream, 0) + 1
        event = ShipArrived(ship=stream, crates=1000) if version == 1 else CratesUnloaded(ship=stream, crates=version)
        made.append(received(sequence, stream, version, event))
    return made


def received(sequence: int, stream: str, version: int, event: ShipArrived | CratesUnloaded) -> Received:
    return envelope.parse(
        envelope.encode(
            Numbered(
                feed=FEED,
                sequence=sequence,
                id=uuid4(),
                type=f"harbour.{type(event).__name__}",
                schema=1,
                stream=stream,
                version=version,
                data=event.model_dump_json(),
                metadata="{}",
                recorded_at=datetime.now(UTC),
            )
        )
    )


def spoilt(message: Received, old: bytes, new: bytes) -> Received:
    """The same message with something in its bytes exchanged."""
    assert old in message.body
    return envelope.parse(message.body.replace(old, new))


def expected(feed: Sequence[Received]) -> list[tuple[str, int, int, int]]:
    """What a valid feed comes to in `sample_ships`."""
    ships: dict[str, tuple[int, int, int]] = {}
    for message in feed:
        data = message.attributes["data"]
        ship, version = message.stream, message.attributes["streamversion"]
        if version == 1:
            ships[ship] = (1, data["crates"], 0)
        else:
            ships[ship] = (version, ships[ship][1], ships[ship][2] + data["crates"])
    return [(ship, *row) for ship, row in sorted(ships.items())]
