"""Whatever a neighbour or the broker answers: it is read as a stranger's, and nothing but the documented errors comes
of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import envelope
from shared.contracts.errors import Poison, Unavailable
from shared.contracts.registry import Registry
from shared.eventstore.signed_head import NotSigned, open_head, origin_of
from shared.messaging import heads, history, ledger_pages, publisher
from shared.messaging.answers import Misanswered
from shared.messaging.publisher import NoBatch
from tests.sample import CONTRACTS, CratesUnloaded
from tests.shared.messaging.feeds import FEED, received

REGISTRY = Registry("customs", CONTRACTS)
HONEST = [received(n, "ship-0", n, CratesUnloaded(ship="a", crates=1)).body for n in range(1, 4)]
ODD = [
    b"",
    b"\n",
    b"\x00",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{}",
    b'""',
    b"NaN",
    b"1e999",
    b'{"head": 1e999}',
    b'{"head": NaN}',
    b'{"head": true}',
    b'{"head": 1.0}',
    b'{"head": 9223372036854775808}',
    b'{"head": ' + b"9" * 5000 + b"}",
    b'{"error": "\\ud800"}',
    b'{"error": {"err_code": []}}',
    b"[" * 100_000,
    b'{"head":' * 20_000,
    b'{"head": 3, "head": "x"}',
    b"\xef\xbb\xbf{}",
]

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = [*json.loads(HONEST[0]), "head", "feeds", "department", "checkpoint", "error", "stream", "batch", "count"]
objects = st.dictionaries(st.sampled_from(NAMES), anything, max_size=6).map(lambda one: json.dumps(one).encode())
envelopes = st.dictionaries(st.sampled_from(list(json.loads(HONEST[0]))), anything, max_size=3).map(
    lambda spoilt: json.dumps(json.loads(HONEST[0]) | spoilt).encode()
)
lines = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(ODD),
    st.sampled_from(HONEST),
    anything.map(lambda one: json.dumps(one).encode()),
    objects,
    envelopes,
)
answers = st.lists(lines, max_size=5).map(b"\n".join)


@given(answers, st.integers(0, 5))
def test_a_history_answer_is_a_page_or_a_documented_error(answer: bytes, after: int) -> None:
    try:
        page = history.read_page(FEED, after, answer)
    except Unavailable:
        return
    assert [event.sequence for event in page.events] == list(range(after + 1, after + 1 + len(page.events)))
    assert all(event.feed == FEED for event in page.events)
    assert page.head >= after + len(page.events) or not page.events


@pytest.mark.parametrize("answer", ODD, ids=lambda odd: str(odd[:20]))
def test_an_odd_history_answer_is_misanswered(answer: bytes) -> None:
    with pytest.raises(Unavailable):
        history.read_page(FEED, 0, answer)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b'{"head": 2}\n' + b"\n".join(HONEST), "beyond its head"),
        (b'{"head": 3}\n' + b"\n".join(HONEST[1:]), "do not follow"),
        (b'{"head": 3}\n' + b"\n".join(reversed(HONEST)), "do not follow"),
        (b'{"head": 3}\n' + HONEST[0].replace(b"harbour.ships", b"customs.inspections"), "another feed"),
        (b'{"head": 3}\n' + b"\n".join([b"{}"] * (history.MOST_EVENTS + 1)), "more than"),
        (b"\n".join(HONEST), "head"),
    ],
)
def test_a_page_that_would_lead_to_a_gap_or_a_lie_is_misanswered(answer: bytes, why: str) -> None:
    with pytest.raises(Misanswered, match=why):
        history.read_page(FEED, 0, answer)


def test_an_honest_page_is_read() -> None:
    page = history.read_page(FEED, 0, b'{"head": 7}\n' + b"\n".join(HONEST))
    assert (page.head, [event.sequence for event in page.events]) == (7, [1, 2, 3])
    assert history.read_page(FEED, 7, b'{"head": 8}').events == []  # numbered while it was asked


@given(answers)
def test_a_ledger_answer_is_a_page_or_a_documented_error(answer: bytes) -> None:
    try:
        page = ledger_pages.read_page("harbour", answer)
    except Unavailable:
        return
    with pytest.raises(NotSigned):
        open_head(page.note, page.note, origin_of("harbour"))


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_a_note_is_signed_or_not(note: str, key: str) -> None:
    with pytest.raises(NotSigned):
        open_head(note, key, origin_of("harbour"))


@given(lines)
def test_a_head_is_a_head_or_none(body: bytes) -> None:
    head = heads.read("heads.local.harbour", body)
    assert head is None or all(type(number) is int and 0 <= number < 2**63 for number in head.feeds.values())


@given(lines | envelopes)
def test_a_message_is_an_event_or_poison(body: bytes) -> None:
    try:
        event = envelope.decode(envelope.parse(body), REGISTRY)
    except Poison:
        return
    assert 0 < event.version < 2**31
    assert event.recorded_at.tzinfo is not None


@given(lines)
def test_only_the_ack_of_a_batch_says_that_it_is_stored(answer: bytes) -> None:
    with pytest.raises((Unavailable, NoBatch)):
        publisher._check_stored(answer, "harbour-ships", "a batch", 3)
