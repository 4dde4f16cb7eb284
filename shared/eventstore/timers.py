"""The timers of a department: what its rules make of own events, as a projection written beside them.

It takes the road of the read models: `beside_events` is one, but for its table, which stands in the store's own schema
since it also remembers what became of each timer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from shared.contracts.errors import Broken
from shared.contracts.event import Recorded
from shared.contracts.registry import Registry
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.eventstore.timer import Cancel, Set, TimerRule
from shared.standards.legal_clock import Deadline, LegalClock, Stopped
from shared.standards.working_days import PUBLISHED, Calendar

# Set again for the same time, a timer is what it was: fired, if it had fired.
SET = """
insert into timers as t (stream, rule, name, set_by, story, clock, due_at, try_at)
values ($1, $2, $3, $4, $5, $6::jsonb, $7, $7)
on conflict (stream, rule, name) do update set
  set_by = excluded.set_by, story = excluded.story, clock = excluded.clock, due_at = excluded.due_at,
  try_at   = case when t.due_at = excluded.due_at then t.try_at else excluded.due_at end,
  attempts = case when t.due_at = excluded.due_at then t.attempts else 0 end,
  error    = case when t.due_at = excluded.due_at then t.error end,
  fired_at = case when t.due_at = excluded.due_at then t.fired_at end
"""
CANCEL = "delete from timers where stream = $1 and rule = $2 and name = $3"
COUNT = """
select
  (select count(*) from timers where fired_at is null and try_at is null) as pending_calendar,
  (select count(*) from timers where fired_at is null and try_at is not null
                                 and due_at < clock_timestamp() - interval '10 seconds') as overdue,
  (select count(*) from timers where fired_at is null and error is not null) as failed
"""

CLOCK = TypeAdapter(LegalClock)


@dataclass(frozen=True, slots=True)
class TimersState:
    """How many timers wait for what."""

    pending_calendar: int = 0  # for a calendar to be published
    overdue: int = 0  # more than ten seconds late, whatever the reason
    failed: int = 0  # set aside with a bug; tried again now and then


def beside_events(
    rules: Sequence[TimerRule], registry: Registry, calendar: Calendar = PUBLISHED
) -> tuple[ReadModel, ...]:
    """What is to be written beside own events; nothing when there are no rules.

    Raises Broken when a rule listens to another department, or two bear one name.
    """
    if not rules:
        return ()
    if len({rule.name for rule in rules}) < len(rules):
        raise Broken(f"{registry.department} has two timer rules of one name")
    events = tuple({event: None for rule in rules for event in rule.events})
    for event in events:
        if not registry.type_of(event).startswith(f"{registry.department}."):
            raise Broken(f"a timer rule of {registry.department} waits for {registry.type_of(event)}, not its own")
    return (
        ReadModel("timers", 1, events, lambda event: project(rules, event, calendar), {"set": SET, "cancel": CANCEL}),
    )


def project(rules: Iterable[TimerRule], event: Recorded, calendar: Calendar = PUBLISHED) -> Iterator[Statement]:
    """What an own event means to the timers of its stream."""
    for rule in rules:
        if isinstance(event.data, rule.events):
            for change in rule.schedule(event):
                yield _statement(rule, event, change, calendar)


def _statement(rule: TimerRule, event: Recorded, change: Set | Cancel, calendar: Calendar) -> Statement:
    key = event.stream, rule.name, change.name
    if isinstance(change, Cancel):
        return "cancel", key
    clock: str | None = None
    due: datetime | LegalClock | Stopped | None = change.due
    if isinstance(due, LegalClock):
        clock, due = CLOCK.dump_json(due).decode(), reckon(due, calendar)
    if isinstance(due, Stopped):
        return "cancel", key
    return "set", (*key, event.id, event.metadata.correlation_id or str(event.id), clock, due)


def reckon(clock: LegalClock, calendar: Calendar) -> datetime | Stopped | None:
    """When it is due; None while the calendar is not published."""
    deadline = clock.deadline(calendar)
    if isinstance(deadline, Deadline):
        return deadline.at
    return deadline if isinstance(deadline, Stopped) else None


async def count(pool: Pool) -> TimersState:
    row = await pool.fetchrow(COUNT)
    assert row is not None
    return TimersState(**row)
