"""What cannot be stored or carried is kept out: U+0000, and too much at once."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts import envelope
from shared.contracts.envelope import Numbered
from shared.contracts.errors import Invalid, Poison
from shared.contracts.event import Event
from shared.contracts.feed import Contract
from shared.contracts.registry import LONGEST, Registry, holds_nul
from shared.eventstore.aggregate import Context
from shared.messaging import parking
from shared.standards.text import Text
from tests import sample
from tests.sample import CUSTOMS_SERVICE, HARBOUR_SERVICE, SHIP, Note
from tests.shared.messaging.feeds import FEED, TRUTH, expected, feed_of, spoilt

slips = st.text(st.sampled_from(["\0", "\\", "u", "0", "a", '"', "\1", "张"]), max_size=12) | st.text()


class Noted(Event):
    text: str
    more: dict[str, list[str]]


MAX_PAYLOAD = 1024 * 1024  # of the broker
REGISTRY = Registry("desk", (Contract("desk", Text("前台", "desk"), ()),), (Noted,))


@given(slips, slips, slips)
def test_exactly_text_with_u0000_is_refused(text: str, key: str, inner: str) -> None:
    event = Noted(text=text, more={key: [inner]})
    if "\0" in text + key + inner:
        with pytest.raises(Invalid) as refused:
            REGISTRY.encode(event)
        assert refused.value.code == "nul_character"
        assert refused.value.text.zh
    else:
        assert REGISTRY.decode("desk.Noted", 1, REGISTRY.encode(event)) == event


@given(slips)
def test_it_is_found_in_json_of_any_writer(text: str) -> None:
    assert holds_nul(json.dumps({"a": text})) == ("\0" in text)
    assert holds_nul(json.dumps({text: 1}, ensure_ascii=False)) == ("\0" in text)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "a\\u0000b"])
def test_a_backslash_and_u0000_are_just_text(text: str) -> None:
    assert REGISTRY.encode(Noted(text=text, more={}))
    with pytest.raises(Invalid):
        REGISTRY.encode(Noted(text=f"{text}\\\0", more={}))


def test_the_largest_event_fits_into_one_message_and_a_larger_one_is_refused() -> None:
    """An event the broker cannot take would stop its feed for ever."""
    largest = Noted(text="𠮷" * (LONGEST - len('{"text":"","more":{}}')), more={})
    text = REGISTRY.encode(largest)
    body = envelope.encode(
        Numbered("local.desk.notes", 1, UUID(int=1), "desk.Noted", 1, "desk-1", 1, text, "{}", datetime.now(UTC))
    )
    assert len(body) < MAX_PAYLOAD - 4096, "with room for headers"
    with pytest.raises(Invalid, match="too_much_text"):
        REGISTRY.encode(Noted(text=f"{largest.text}!", more={}))


async def test_a_command_that_would_store_it_is_refused_and_nothing_is_stored(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path, started=False) as harbour:
        with pytest.raises(Invalid):
            await harbour.store.execute("ship-1", SHIP, Note("a\0b"), Context())
        await harbour.store.execute("ship-1", SHIP, Note("a\\u0000b"), Context())
        assert await harbour.pool.fetchval("select data ->> 'text' from events") == "a\\u0000b"


async def test_one_from_outside_parks_its_own_stream_and_the_feed_flows_on(
    database: DepartmentDatabase, tmp_path: Path
) -> None:
    feed = feed_of(20, 3, random.Random(4))
    bad = next(i for i, message in enumerate(feed) if message.stream == "ship-1")
    feed[bad] = spoilt(feed[bad], b'"ship":"ship-1"', b'"ship":"ship\\u0000"')
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, started=False) as customs:
        await customs.subscriptions[FEED].take_in(feed)
        first = (await parking.page(customs.pool))[0]
        assert (first.sequence, first.stream) == (bad + 1, "ship-1")
        assert "U+0000" in (first.error or "")
        rows = [tuple(row) for row in await customs.pool.fetch(TRUTH)]
        assert rows == expected([message for message in feed if message.stream != "ship-1"])


def test_an_envelope_with_it_is_poison() -> None:
    [message] = feed_of(1, 1, random.Random(4))
    registry = CUSTOMS_SERVICE.registry(sample.CONTRACTS)
    with pytest.raises(Poison, match=r"U\+0000"):
        envelope.decode(spoilt(message, b'"ship":"ship-0"', b'"ship":"\\\\\\u0000"'), registry)
    assert envelope.decode(spoilt(message, b'"ship":"ship-0"', b'"ship":"\\\\u0000"'), registry)
