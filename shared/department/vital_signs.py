"""Signs of how a department does, and the findings worth telling. Nothing here looks; see vitals.py."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from shared.department.engine_state import REQUESTS, EngineState
from shared.department.tokens import ISSUER
from shared.eventstore.archive import Archive
from shared.eventstore.masters_away import MastersAway
from shared.eventstore.missing_keys import MissingKey
from shared.eventstore.timers import TimersState
from shared.messaging.witness_store import Alarm

Gravity = Literal["alarm", "trouble", "note"]
"""Alarm: history may not be what it was. Trouble: something does not get done. Note: nothing is wrong yet."""

Code = Literal[
    "ledger_alarm",
    "epoch_begun",
    "phantoms_undecided",
    "database_away",
    "look_failed",
    "broker_away",
    "storing_refused",
    "relay_behind",
    "numbering_behind",
    "streams_not_kept",
    "subscription_stands",
    "subscription_behind",
    "reader_stopped",
    "reader_refused",
    "duty_fails",
    "ledger_unsigned",
    "master_key_missing",
    "key_missing",
    "unproven_history",
    "pool_full",
    "archive_fails",
    "archive_behind",
    "rebuilding",
    "parked",
    "stuck",
    "timers_overdue",
    "timers_failed",
    "calendar_missing",
    "clock_running_out",
    "sharing_remark",
    "sharing_unread",
]
"""Closed: whoever asks from outside is told these, feeds, names of duties and times; no text of an exception."""

GRAVITY: Mapping[Code, Gravity] = {
    "ledger_alarm": "alarm",
    "epoch_begun": "note",
    "phantoms_undecided": "alarm",
    "rebuilding": "note",
    "unproven_history": "note",
    "calendar_missing": "note",
    "clock_running_out": "note",
    "sharing_remark": "note",
}
"""Of every code that is not a trouble."""

PATIENCE: Mapping[Code, timedelta] = {
    "relay_behind": timedelta(seconds=30),
    "numbering_behind": timedelta(seconds=10),
    "storing_refused": timedelta(seconds=3),
    "streams_not_kept": timedelta(seconds=10),
    "subscription_behind": timedelta(seconds=60),
    "reader_stopped": timedelta(seconds=10),
    "reader_refused": timedelta(seconds=10),
    "duty_fails": timedelta(seconds=3),
    "pool_full": timedelta(seconds=5),
    "archive_fails": timedelta(seconds=30),
    "archive_behind": timedelta(seconds=60),
}
"""Seconds that a finding must last before it is told; others are told at once."""


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """The end of an own feed, and how much of it the broker has acknowledged."""

    head: int = 0
    published: int = 0
    oldest: datetime | None = None  # of the events not published, when it was recorded

    @property
    def unpublished(self) -> int:
        return max(0, self.head - self.published)


@dataclass(frozen=True, slots=True)
class Numbering:
    """Committed events without a number."""

    waiting: int = 0
    oldest: datetime | None = None  # when it was recorded


@dataclass(frozen=True, slots=True)
class StuckList:
    """Entries of one to-do list that cannot be done now."""

    things: int
    since: datetime


@dataclass(frozen=True, slots=True)
class BegunEpoch:
    """The own history goes on in it, because others knew events that the database had not."""

    number: int
    begun_at: datetime
    recovered: int  # of these
    lost: int  # the others, as far as anybody can tell


@dataclass(frozen=True, slots=True)
class PoolUse:
    """Connections to the database, and who waits for one."""

    size: int = 0
    idle: int = 0
    most: int = 0
    waiting: int = 0

    @property
    def is_full(self) -> bool:
        return self.waiting > 0 and self.size >= self.most and self.idle == 0


@dataclass(slots=True)
class Seen:
    """The findings of the looks. Each part is as old as its last look that was answered; `failed` names the others."""

    database: bool = False
    signing_keys: bool = False
    parked: Mapping[str, int] = field(default_factory=dict)  # events, by feed
    ledger_alarms: tuple[Alarm, ...] = ()
    epochs: tuple[BegunEpoch, ...] = ()  # that began within the last days
    phantoms: int = 0  # own events that followed from phantoms and wait for officers
    rebuilding: Sequence[str] = ()  # read models that are built anew because phantoms are in them
    timers: TimersState = field(default_factory=TimersState)
    clocks: Mapping[str, int] = field(default_factory=dict)  # by timer rule: legal clocks that soon run out
    stuck: Mapping[str, StuckList] = field(default_factory=dict)
    feeds: Mapping[str, OwnFeed] = field(default_factory=dict)
    numbering: Numbering = field(default_factory=Numbering)
    waiting: Mapping[str, int] = field(default_factory=dict)  # the department's own gauges, by name
    pools: Mapping[str, PoolUse] = field(default_factory=dict)  # by what each is for: requests, duties, commands
    archive: Archive = field(default_factory=Archive)
    masters: MastersAway = field(default_factory=MastersAway)  # under which stored keys are encrypted
    missing_keys: tuple[MissingKey, ...] = ()  # of neighbours, that something waits for
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """`about`: a feed, a list, a duty, a neighbour; empty: the department."""

    code: Code
    about: str
    since: datetime  # as far as is known

    @property
    def gravity(self) -> Gravity:
        return GRAVITY.get(self.code, "trouble")


@dataclass(frozen=True, slots=True)
class Finding:
    """As a remark, but before its patience is over. `since` None: nobody keeps it, so the first look counts."""

    code: Code
    about: str = ""
    since: datetime | None = None


def can_serve(seen: Seen, state: EngineState, department: str) -> bool:
    """Whether requests are to be sent here. The broker may be away: commands are accepted without it."""
    is_leaving = state.is_superseded or state.is_stopping
    has_keys = (seen.signing_keys or department == ISSUER) and not seen.masters.is_all
    return seen.database and has_keys and not is_leaving


def waits_since(name: str, feed: OwnFeed, state: EngineState) -> datetime | None:
    """Since when the oldest event of an own feed has waited to be published; anew, where the broker has lost it."""
    if feed.oldest is None:
        return None
    return max(feed.oldest, state.anew.get(name, feed.oldest))


def findings(seen: Seen, state: EngineState) -> Iterator[Finding]:
    """Everything that is not as it should be, the gravest first."""
    for alarm in sorted({alarm.department for alarm in seen.ledger_alarms}):
        raised = min(one.raised_at for one in seen.ledger_alarms if one.department == alarm)
        yield Finding("ledger_alarm", alarm, raised)
    for epoch in seen.epochs:
        about = f"{epoch.number}, {epoch.lost} events lost, {epoch.recovered} recovered"
        yield Finding("epoch_begun", about, epoch.begun_at)
    if seen.phantoms:
        yield Finding("phantoms_undecided")
    if not seen.database:
        yield Finding("database_away")
    elif seen.failed:
        yield Finding("look_failed")
    yield from _of_the_road(seen, state)
    if REQUESTS in seen.pools and seen.pools[REQUESTS].is_full:  # the others may be: their work waits its turn
        yield Finding("pool_full")
    for master in seen.masters.ids:
        yield Finding("master_key_missing", master)
    for key in seen.missing_keys:
        yield Finding("key_missing", f"{key.id} of {key.provider}, for {key.feed}", key.since)
    if seen.archive.fails:
        yield Finding("archive_fails")
    elif seen.archive.lags:
        yield Finding("archive_behind")
    for name in seen.rebuilding:
        yield Finding("rebuilding", name)
    for feed, events in seen.parked.items():
        if events:
            yield Finding("parked", feed)
    for name, stuck in seen.stuck.items():
        yield Finding("stuck", name, stuck.since)
    if seen.timers.overdue:
        yield Finding("timers_overdue")
    if seen.timers.failed:
        yield Finding("timers_failed")
    if seen.timers.pending_calendar:
        yield Finding("calendar_missing")
    for rule, clocks in seen.clocks.items():
        if clocks:
            yield Finding("clock_running_out", rule)
    if state.is_sharing_unread:
        yield Finding("sharing_unread")
    if state.sharing_remarks:
        yield Finding("sharing_remark")


def _of_the_road(seen: Seen, state: EngineState) -> Iterator[Finding]:
    if not state.broker_connected:
        yield Finding("broker_away")
    if seen.numbering.oldest:
        yield Finding("numbering_behind", since=seen.numbering.oldest)
    for name, feed in seen.feeds.items():
        if since := waits_since(name, feed, state):
            yield Finding("relay_behind", name, since)
    for name, subscription in state.subscriptions.items():
        if subscription.trouble:
            yield Finding("subscription_stands", name)
    for duty, trouble in state.duties.items():
        yield Finding("duty_fails", duty, trouble.since)
    if state.is_ledger_unsigned:
        yield Finding("ledger_unsigned")
    if state.is_leading and state.broker_connected:
        yield from _of_the_leader(state)


def _of_the_leader(state: EngineState) -> Iterator[Finding]:
    if state.keeping:
        yield Finding("streams_not_kept", since=state.keeping.since)
    for feed in state.unproven:
        yield Finding("unproven_history", feed)
    for name, refused in state.storing.items():
        yield Finding("storing_refused", name, refused.since)
    for name, subscription in state.subscriptions.items():
        if not subscription.is_reading:
            yield Finding("reader_stopped", name)
        elif subscription.refused:
            yield Finding("reader_refused", name, subscription.refused.since)
        if (subscription.checkpoint or 0) < (subscription.head or 0):
            yield Finding("subscription_behind", name)


class Attention:
    """Remembers since when each finding stands, and tells those that have stood long enough."""

    def __init__(self) -> None:
        self._first: dict[tuple[Code, str], datetime] = {}

    def remarks(self, found: Iterator[Finding], now: datetime) -> list[Remark]:
        standing = {(one.code, one.about): one for one in found}
        self._first = {key: self._first.get(key, now) for key in standing}
        told = (Remark(*key, since=one.since or self._first[key]) for key, one in standing.items())
        return [one for one in told if now - one.since >= PATIENCE.get(one.code, timedelta())]
