"""What of what is seen is worth telling, and when."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from deploy.health import NOTES, WORDS
from shared.department.engine_state import EngineState, SubscriptionState
from shared.department.vital_signs import (
    GRAVITY,
    PATIENCE,
    Attention,
    BegunEpoch,
    Code,
    Finding,
    Numbering,
    OwnFeed,
    PoolUse,
    Seen,
    StuckList,
    can_serve,
    findings,
)
from shared.eventstore.archive import Archive
from shared.eventstore.timers import TimersState
from shared.eventstore.trouble import Trouble, again
from shared.messaging.witness_store import Alarm

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
TROUBLE = Trouble("NoStreamResponseError", LONG_AGO, 9)
WELL = Seen(database=True, signing_keys=True)
LEADING = EngineState(
    is_leading=True,
    broker_connected=True,
    is_superseded=False,
    subscriptions={"identity.people": SubscriptionState(5, None, 5)},
)


def told(seen: Seen = WELL, state: EngineState = LEADING) -> list[tuple[str, str]]:
    return [(one.code, one.about) for one in findings(seen, state)]


def subscribed(**changes: Any) -> EngineState:
    return replace(LEADING, subscriptions={"identity.people": replace(SubscriptionState(5, None), **changes)})


def test_of_a_department_that_does_well_nothing_is_told() -> None:
    assert told() == []


SEEN: Mapping[str, tuple[Seen, list[tuple[str, str]]]] = {
    "database": (Seen(), [("database_away", "")]),
    "part": (replace(WELL, failed=("numbering",)), [("look_failed", "")]),
    "alarm": (
        replace(WELL, ledger_alarms=(Alarm("identity", "forked", 3, "", LONG_AGO),)),
        [("ledger_alarm", "identity")],
    ),
    "epoch": (
        replace(WELL, epochs=(BegunEpoch(2, LONG_AGO, 5, 1),)),
        [("epoch_begun", "2, 1 events lost, 5 recovered")],
    ),
    "numbering": (replace(WELL, numbering=Numbering(3, LONG_AGO)), [("numbering_behind", "")]),
    "pool of duties": (replace(WELL, pools={"duties": PoolUse(16, 0, 16, 1)}), []),
    "relay": (replace(WELL, feeds={"a.b": OwnFeed(9, 5, LONG_AGO)}), [("relay_behind", "a.b")]),
    "pool": (replace(WELL, pools={"requests": PoolUse(16, 0, 16, 1)}), [("pool_full", "")]),
    "archive": (replace(WELL, archive=Archive(is_kept=True, is_received=False)), [("archive_fails", "")]),
    "archive behind": (replace(WELL, archive=Archive(True, True, behind=10**9)), [("archive_behind", "")]),
    "no archive": (replace(WELL, archive=Archive()), []),
    "pool in use": (replace(WELL, pools={"requests": PoolUse(16, 0, 16, 0)}), []),
    "parked": (replace(WELL, parked={"identity.people": 2}), [("parked", "identity.people")]),
    "stuck": (replace(WELL, stuck={"papers": StuckList(1, LONG_AGO)}), [("stuck", "papers")]),
    "timers": (
        replace(WELL, timers=TimersState(1, 2, 3)),
        [("timers_overdue", ""), ("timers_failed", ""), ("calendar_missing", "")],
    ),
    "clocks": (replace(WELL, clocks={"overdue": 4}), [("clock_running_out", "overdue")]),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_a_look_finds_is_told(name: str) -> None:
    seen, expected = SEEN[name]
    assert told(seen) == expected


def test_what_is_published_anew_has_waited_since_it_was_found_lost() -> None:
    lately = NOW - timedelta(minutes=1)
    seen = replace(WELL, feeds={"a.b": OwnFeed(9, 5, LONG_AGO)})
    [finding] = findings(seen, replace(LEADING, anew={"a.b": lately}))
    assert finding == Finding("relay_behind", "a.b", lately)


STATES: Mapping[str, tuple[EngineState, list[tuple[str, str]]]] = {
    "broker": (replace(LEADING, broker_connected=False), [("broker_away", "")]),
    "storing": (replace(LEADING, storing={"a.b": TROUBLE}), [("storing_refused", "a.b")]),
    "storing while the broker is away": (
        replace(LEADING, broker_connected=False, storing={"a.b": TROUBLE}),
        [("broker_away", "")],
    ),
    "keeping": (replace(LEADING, keeping=TROUBLE), [("streams_not_kept", "")]),
    "duty": (replace(LEADING, duties={"keep tidy": TROUBLE}), [("duty_fails", "keep tidy")]),
    "key away": (replace(LEADING, is_ledger_unsigned=True), [("ledger_unsigned", "")]),
    "unproven": (replace(LEADING, unproven={"a.b": 3}), [("unproven_history", "a.b")]),
    "standing": (subscribed(trouble="Poison"), [("subscription_stands", "identity.people")]),
    "behind": (subscribed(head=6), [("subscription_behind", "identity.people")]),
    "stopped": (subscribed(is_reading=False), [("reader_stopped", "identity.people")]),
    "refused": (subscribed(refused=TROUBLE), [("reader_refused", "identity.people")]),
    "standby": (replace(subscribed(is_reading=False, head=9), is_leading=False), []),
}


@pytest.mark.parametrize("name", STATES)
def test_what_the_engine_knows_is_told(name: str) -> None:
    state, expected = STATES[name]
    assert told(state=state) == expected


def test_remarks_on_the_catalogue_are_a_note() -> None:
    assert told(state=replace(LEADING, sharing_remarks=2)) == [("sharing_remark", "")]


def test_a_catalogue_that_cannot_be_read_is_a_trouble() -> None:
    assert told(state=replace(LEADING, is_sharing_unread=True)) == [("sharing_unread", "")]
    assert "sharing_unread" in WORDS


def test_what_needs_patience_is_told_once_it_has_stood_long_enough() -> None:
    attention = Attention()
    found = Finding("subscription_behind", "identity.people")
    wait = PATIENCE["subscription_behind"]
    assert attention.remarks(iter([found]), NOW) == []
    [remark] = attention.remarks(iter([found]), NOW + wait)
    assert remark.since == NOW
    assert attention.remarks(iter([]), NOW + wait) == []
    assert attention.remarks(iter([found]), NOW + 2 * wait) == [], "it begins anew"


def test_who_keeps_the_time_is_believed() -> None:
    [remark] = Attention().remarks(iter([Finding("storing_refused", "a.b", LONG_AGO)]), NOW)
    assert (remark.since, remark.gravity) == (LONG_AGO, "trouble")


def test_a_trouble_counts_its_failures_and_keeps_its_beginning() -> None:
    first = again(None, "TimeoutError")
    second = again(first, "APIError")
    assert (second.failures, second.since, second.reason) == (2, first.since, "APIError")


def test_a_department_without_its_broker_serves() -> None:
    away = replace(LEADING, broker_connected=False)
    assert can_serve(WELL, away, "cases")


def test_a_department_without_database_or_keys_or_superseded_does_not() -> None:
    assert not can_serve(Seen(), LEADING, "cases")
    assert not can_serve(Seen(database=True), LEADING, "cases")
    assert can_serve(Seen(database=True), LEADING, "identity"), "it makes the keys"
    assert not can_serve(WELL, replace(LEADING, is_superseded=True), "cases")


def test_status_has_words_for_every_code() -> None:
    by_number = {
        "ledger_alarm", "database_away", "broker_away", "subscription_stands", "parked", "stuck",
        "timers_overdue", "timers_failed", "phantoms_undecided",
    }  # fmt: skip
    assert {*WORDS, *NOTES, *by_number} == set(get_args(Code))
    assert set(NOTES) == {code for code, gravity in GRAVITY.items() if gravity == "note"}
