"""Events of ours that others hold: read from envelopes, checked by leaves, put into the order of their streams."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest

from shared.continuity.claims import Claim, Queue, read_claim, stored_again
from shared.contracts import envelope
from shared.contracts.envelope import Numbered
from shared.eventstore import merkle
from shared.eventstore.ledger import entry_of
from tests.sample import CONTRACTS, CUSTOMS_MEMBER, HARBOUR_SERVICE, SHIPS_FEED

REGISTRY = HARBOUR_SERVICE.registry(CONTRACTS)
NOW = datetime(2026, 11, 30, 8, 0, 0, 123456, tzinfo=UTC)
EVENT = Numbered(
    feed="local.harbour.ships",
    sequence=7,
    id=UUID(int=7),
    type="harbour.ShipArrived",
    schema=1,
    stream="ship-a",
    version=1,
    data='{"ship":"a \\"data\\": ship","crates": 7 }',
    metadata='{"actor":"staff:li","correlation_id":"c"}',
    recorded_at=NOW,
    epoch=2,
    previous=UUID(int=6),
)


def claim(event: Numbered = EVENT) -> Claim:
    read = read_claim(envelope.encode(event), SHIPS_FEED, is_trusted=False)
    assert read is not None
    return read


def test_the_leaf_is_made_from_the_envelope_alone() -> None:
    stored = {name: getattr(EVENT, name) for name in Numbered.__slots__}
    assert claim().leaf == merkle.leaf_hash(entry_of(stored))  # type: ignore[arg-type]


def test_an_event_is_stored_again_as_it_was_but_for_who_decided() -> None:
    row = stored_again(claim(), REGISTRY)
    assert row is not None
    assert (row.event.id, row.event.stream, row.event.version) == (EVENT.id, "ship-a", 1)
    assert (row.data, row.schema, row.event.recorded_at) == (EVENT.data, 1, NOW)
    assert orjson.loads(row.metadata) == {"correlation_id": "c"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"crates": 7', b'"crates": 8'),
        (b'"subject":"ship-a"', b'"subject":"ship-b"'),
        (b'"streamversion":1', b'"streamversion":2'),
        (b"08:00:00.123456", b"08:00:00.123457"),
        (b'"data":{', b'"data":{},"data":{'),
    ],
)
def test_a_changed_envelope_has_another_leaf(old: bytes, new: bytes) -> None:
    body = envelope.encode(EVENT)
    assert old in body
    read = read_claim(body.replace(old, new), SHIPS_FEED, is_trusted=False)
    assert read is not None
    assert read.leaf != claim().leaf


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"feed":"local.harbour.ships"', b'"feed":"local.customs.ships"'),
        (b"/departments/harbour", b"/departments/customs"),
        (b"+00:00", b""),
        (b'"sequence":7', b'"sequence":0'),
        (b'"id"', b'"di"'),
        (b"{", b"["),
    ],
)
def test_what_is_no_envelope_of_the_feed_is_none(old: bytes, new: bytes) -> None:
    body = envelope.encode(EVENT)
    assert old in body
    assert read_claim(body.replace(old, new, 1), SHIPS_FEED, is_trusted=True) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "harbour.HarbourNoted"},
        {"type": "customs.CratesInspected"},
        {"schema": 2},
        {"data": '{"ship": 1}'},
    ],
)
def test_what_this_release_cannot_read_is_not_stored(changed: dict[str, object]) -> None:
    assert stored_again(claim(replace(EVENT, **changed)), REGISTRY) is None  # type: ignore[arg-type]


def test_a_type_of_a_newer_release_is_stored_as_it_came() -> None:
    row = stored_again(claim(replace(EVENT, type="harbour.Unknown")), REGISTRY)
    assert row is not None
    assert (row.event.type, row.data, row.feed) == ("harbour.Unknown", EVENT.data, "harbour.ships")


def test_events_of_two_feeds_come_in_the_order_of_their_streams() -> None:
    other = replace(SHIPS_FEED, member=CUSTOMS_MEMBER)
    first = claim()
    second = replace(first, feed=other, sequence=1, version=2, recorded_at=NOW - timedelta(seconds=1))
    third = replace(first, sequence=8, version=3)
    queue, came = Queue([third, first, second]), []
    versions: dict[str, int] = {}
    while (one := queue.next(versions)) is not None:
        came.append(one.version)
        versions[one.stream] = one.version
    assert came == [1, 2, 3]


def test_what_does_not_fit_holds_nothing_up() -> None:
    gap = replace(claim(), version=3)
    after = replace(claim(), sequence=8, stream="ship-b")
    queue = Queue([gap, after])
    assert [queue.next({}), queue.next({}), queue.next({})] == [gap, after, None]
