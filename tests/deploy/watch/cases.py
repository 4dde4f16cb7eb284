"""For each alert what makes it fire, what keeps it quiet, and how soon it fires: series as promtool writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WHERE = 'job="{job}",jurisdiction="local",department="cases",instance="cases:9100"'
LONG = "x120"  # values: half an hour of them, one every 15 seconds


@dataclass(frozen=True)
class Case:
    """Series without the labels of the department. `after`: minutes until it fires; a minute before it does not, except
    for those that fire `at_once`."""

    fires: Mapping[str, str]
    quiet: Mapping[str, str]
    after: int = 5
    at_once: bool = False
    job: str = "tongban"


def steady(name: str, bad: float, good: float = 0, **case: Any) -> Case:
    """`name` with its own labels."""
    return Case({name: f"{bad:g}+0{LONG}"}, {name: f"{good:g}+0{LONG}"}, **case)


def code(name: str, **case: Any) -> Case:
    return steady(f'tongban_trouble{{code="{name}"}}', 1, **case)


DONE, FAILED = 'tongban_commands_total{outcome="done"}', 'tongban_commands_total{outcome="failed"}'
FAST, ALL = 'tongban_request_seconds_bucket{le="2.5"}', 'tongban_request_seconds_bucket{le="+Inf"}'
SLOW = 'tongban_request_seconds_bucket{le="5"}'

LAG_LITTLE, LAG_MUCH, LAG_ALL = (
    f'tongban_event_loop_lag_seconds_bucket{{le="{bound}"}}' for bound in ("0.25", "1", "+Inf")
)

CASES: Mapping[str, Case] = {
    "DepartmentDown": steady("up", 0, 1, after=2),
    "DepartmentNotReady": steady("tongban_ready", 0, 1, after=2),
    "DatabaseAway": steady("tongban_database_up", 0, 1, after=1, at_once=True),
    "CommandsFail": Case(
        {DONE: f"0+10{LONG}", FAILED: f"0+1{LONG}"}, {DONE: f"0+100{LONG}", FAILED: f"0+1{LONG}"}, after=6
    ),
    "AnswersSlow": Case(
        {FAST: f"0+9{LONG}", SLOW: f"0+10{LONG}", ALL: f"0+10{LONG}"},
        {FAST: f"0+10{LONG}", SLOW: f"0+10{LONG}", ALL: f"0+10{LONG}"},
        after=11,
    ),
    "PoolFull": code("pool_full", after=2),
    "PoolWaits": steady('tongban_pool_waiting{pool="duties"}', 3, after=6),
    "LoopLags": Case(
        {LAG_LITTLE: f"0+90{LONG}", LAG_MUCH: f"0+100{LONG}", LAG_ALL: f"0+100{LONG}"},
        {LAG_LITTLE: f"0+100{LONG}", LAG_MUCH: f"0+100{LONG}", LAG_ALL: f"0+100{LONG}"},
        after=6,
    ),
    "ArchiveFails": code("archive_fails", after=3),
    "InspectorFull": Case(
        {'tongban_inspections_total{outcome="busy"}': f"0+1{LONG}"},
        {
            'tongban_inspections_total{outcome="busy"}': f"9+0{LONG}",
            'tongban_inspections_total{outcome="examined"}': f"0+5{LONG}",
        },
        after=11,
    ),
    "LedgerAlarm": steady('tongban_ledger_alarms{neighbour="identity"}', 1, after=1, at_once=True),
    "LedgerUnsigned": code("ledger_unsigned", after=3),
    "MasterKeyMissing": code("master_key_missing", after=3),
    "KeyMissing": code("key_missing", after=6),
    "HistoryLost": steady("tongban_lost_events", 3, after=1, at_once=True),
    "NoLeader": steady("tongban_leading", 0, 1, after=1, at_once=True),
    "TwoLeaders": steady("tongban_leading", 2, 1, after=2),
    "BrokerAway": steady("tongban_broker_connected", 0, 1, after=2),
    "StoringRefused": code("storing_refused", after=1, at_once=True),
    "StreamsNotKept": code("streams_not_kept", after=2),
    "RelayBehind": steady('tongban_oldest_unpublished_seconds{feed="cases.cases"}', 90, 20, after=2),
    "NumberingBehind": steady("tongban_oldest_unnumbered_seconds", 30, 1, after=1, at_once=True),
    "SubscriptionStands": steady('tongban_subscription_stands{feed="identity.people"}', 1, after=3),
    "SubscriptionBehind": Case(
        {'tongban_subscription_lag_events{feed="identity.people"}': f"5+1{LONG}"},
        {'tongban_subscription_lag_events{feed="identity.people"}': "9 0 " * 60},
        after=4,
    ),
    "ReaderStopped": steady('tongban_subscription_read{feed="identity.people"}', 0, 1, after=2),
    "ReaderRefused": code("reader_refused", after=2),
    "DutyFails": steady('tongban_duty_failing{duty="keep tidy"}', 1, after=3),
    "Superseded": steady("tongban_superseded", 1, after=6),
    "AccountBusy": Case(
        {'tongban_account_messages_total{account="local-bank",direction="out"}': f"0+150000{LONG}"},
        {
            'tongban_account_messages_total{account="local-bank",direction="out"}': f"0+30000{LONG}",
            'tongban_account_messages_total{account="local-cases",direction="in"}': f"0+150000{LONG}",
        },
        after=9,
    ),
    "SlowReader": Case(
        {'tongban_account_slow_consumers_total{account="local-bank"}': f"0+1{LONG}"},
        {'tongban_account_slow_consumers_total{account="local-bank"}': f"4+0{LONG}"},
        after=1,
        at_once=True,
    ),
    "RoadUnwatched": steady("up", 0, 1, after=6, job="road"),
    "PhantomsUndecided": steady("tongban_phantoms_undecided", 2, after=1, at_once=True),
    "EventsParked": steady('tongban_parked_events{feed="identity.people"}', 2, after=1, at_once=True),
    "ThingsStuck": steady('tongban_oldest_stuck_seconds{list="papers"}', 1000, 60, after=1, at_once=True),
    "TimersOverdue": steady('tongban_timers{state="overdue"}', 1, after=3),
    "TimersFailed": steady('tongban_timers{state="failed"}', 1, after=1, at_once=True),
    "CalendarMissing": steady('tongban_timers{state="pending_calendar"}', 1, after=1, at_once=True),
    "ClockRunsOut": steady('tongban_waiting{what="cases_due_soon"}', 1, after=1, at_once=True),
    "ClockRanOut": steady('tongban_waiting{what="cases_overdue"}', 1, after=1, at_once=True),
    "BillsHeld": steady('tongban_waiting{what="held_bills"}', 60, 10, after=1, at_once=True),
    "ItemsStuck": steady('tongban_waiting{what="stuck_items"}', 1, after=16),
    "ErrorsLogged": Case(
        {'tongban_log_lines_total{level="error"}': f"0+1{LONG}"},
        {'tongban_log_lines_total{level="error"}': f"5+0{LONG}", 'tongban_log_lines_total{level="info"}': f"0+9{LONG}"},
        after=2,
    ),
    "MemoryHigh": steady("process_resident_memory_bytes", 1.2e9, 3e8, after=16),
    "LookFails": steady('tongban_look_failed{part="numbering"}', 1, after=6),
    "SharingUnread": code("sharing_unread", after=3),
    "SharingRemark": code("sharing_remark", after=6),
}
