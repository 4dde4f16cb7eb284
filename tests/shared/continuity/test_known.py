"""A member tells a neighbour what it knows of that neighbour's own history, and of nobody else's."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from deploy.embedded.nats import Nats
from shared.continuity import known
from shared.continuity.claims import Claim
from shared.contracts import envelope
from shared.contracts.errors import Unavailable
from shared.messaging.answers import Misanswered
from tests.connected import connected
from tests.databases import Databases
from tests.sample import SHIPS_FEED
from tests.shared.continuity.port import Port, port
from tests.shared.continuity.test_claims import EVENT

CUSTOMS = "local.customs"
HARBOUR = "local.harbour"


@pytest.fixture
async def two(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Port]:
    async with databases.fresh() as one, databases.fresh() as other, port(own_nats, (one, other), tmp_path) as made:
        await made.arrive("a", "b", "c")
        await made.note("a")
        await made.all_is_known(4, 3)
        yield made


async def test_a_neighbour_is_told_of_its_own_history_alone(two: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(two.nats.url()) as client:
        page = await known.ask_ledger(client, CUSTOMS, HARBOUR, 1)
        assert page.note is not None
        assert page.note.startswith("tongban/local/harbour\n4\n")
        assert page.leaves == [row["leaf"] for row in await two.harbour.pool.fetch("select leaf from log")][1:]
        feed = await known.ask_feed(client, CUSTOMS, SHIPS_FEED, 1)
        assert (feed.head, [one.sequence for one in feed.claims]) == (3, [2, 3])
        assert all(one.leaf in page.leaves for one in feed.claims), "each can be proved by its leaf"

        async def ask(asking: str, question: Any) -> bytes:
            subject = known.subject(CUSTOMS, asking)
            return (await client.request(subject, orjson.dumps(question), timeout=5)).data

        for feed_name in ("local.customs.inspections", "local.harbour2.ships", "local", ""):
            assert b"error" in await ask(HARBOUR, {"feed": feed_name, "after": 0})
        questions: list[Any] = [{}, [], {"ledger_after": -1}, {"ledger_after": 0, "feed": "x", "after": 0}, {"feed": 1}]
        for question in questions:
            assert b"error" in await ask(HARBOUR, question)

        monkeypatch.setattr(known, "PAGE_BYTES", 1)
        page_of_one = await known.ask_feed(client, CUSTOMS, SHIPS_FEED, 0)
        assert [one.sequence for one in page_of_one.claims] == [1], "one at least, however large"


def test_a_ledger_that_is_none_is_misanswered() -> None:
    for answer in (
        b"",
        b"[]",
        b'{"checkpoint": 1}',
        b'{"checkpoint": "x"}\n' + b"\0" * 33,
        b'{"checkpoint": "%s"}' % (b"x" * 99_999),
    ):
        with pytest.raises(Misanswered):
            known.read_ledger_page(CUSTOMS, answer)
    with pytest.raises(Unavailable):
        known.read_ledger_page(CUSTOMS, b'{"error": "not ready"}')


@pytest.mark.parametrize(
    "answer", [b"", b"{}", b'{"head": -1}', b'{"head": 5}\nx', b'{"head": 5}\n{}', b'{"head": 5}\n' + b"x\n" * 20_000]
)
def test_a_feed_that_is_none_is_misanswered(answer: bytes) -> None:
    with pytest.raises(Misanswered):
        known.read_feed_page(CUSTOMS, SHIPS_FEED, 0, answer)


def test_events_out_of_order_or_beyond_the_head_are_misanswered() -> None:
    line = envelope.encode(EVENT)  # of sequence 7
    good: list[Claim] = known.read_feed_page(CUSTOMS, SHIPS_FEED, 6, b'{"head": 7}\n' + line).claims
    assert [one.sequence for one in good] == [7]
    for after, head, lines in ((7, 7, [line]), (6, 6, [line]), (6, 7, [line, line])):
        with pytest.raises(Misanswered):
            known.read_feed_page(CUSTOMS, SHIPS_FEED, after, b"\n".join([b'{"head": %d}' % head, *lines]))
