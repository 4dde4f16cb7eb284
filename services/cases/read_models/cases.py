"""Cases and their items, as they stand: for those whom they are about, and for the bureau that keeps them going."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.domain.overdue import CaseOverdue
from services.cases.domain.requests import REQUESTS, WITHDRAWALS, department_of
from shared.contracts.case_items import ItemRequested, ItemWithdrawn
from shared.contracts.cases import (
    CaseClosed,
    CaseCorrectionNeeded,
    CaseFactsChanged,
    CaseItemFinished,
    CaseItemHeld,
    CaseItemStuck,
    CaseOpened,
    CasePersonBack,
    CasePersonLost,
    CaseStarted,
    CaseStopped,
    CaseStoppedByBureau,
    CaseSupplementAsked,
    CaseSupplemented,
    CaseWentOn,
)
from shared.contracts.event import Event, Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.messaging.asked_item import reference
from shared.standards.divisions import span

ASKINGS: tuple[type[Event], ...] = (*REQUESTS.values(), *WITHDRAWALS.values())


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CaseOpened() as opened:
            persons = sorted({opened.applicant, *(one.person for one in opened.consents)})
            yield (
                "opened",
                (
                    opened.case,
                    opened.definition,
                    opened.definition_version,
                    opened.applicant,
                    persons,
                    opened.division,
                    len(opened.plan),
                    opened.opened_at,
                    opened.draft,
                ),
            )
        case CaseStarted(case=case, expected_by=expected_by):
            yield "goes_on", (case, expected_by)
        case CaseSupplementAsked(case=case, asked_at=at) | CaseCorrectionNeeded(case=case, needed_at=at):
            yield "stands_still", (case,)
            yield "items_stand_still", (case, at)
        case CaseSupplemented(case=case) as supplemented:
            if supplemented.division:
                yield "lies_in", (case, supplemented.division)
            if supplemented.consents_renewed:
                yield "waits_for_consent", (case,)
            else:
                yield "goes_on", (case, supplemented.expected_by)
                yield from (("due", (case, item, due)) for item, due in supplemented.items_due_by.items())
        case CaseWentOn(case=case, expected_by=expected_by, items_due_by=items):
            yield "goes_on", (case, expected_by)
            yield from (("due", (case, item, due)) for item, due in items.items())
        case CaseFactsChanged(case=case, division=division) if division:
            yield "lies_in", (case, division)
        case CasePersonLost(case=case, role=role, then=then):
            yield "lost", (case, role)
            if then == "stop":
                yield "moved_on", (case, "stopping")
        case CasePersonBack(case=case, role=role):
            yield "back", (case, role)
        case CaseItemStuck(case=case, item=item):
            yield "item", (case, item, "stuck")
        case CaseOverdue(case=case, item=item, overdue_since=due) if item:  # it may have been pending
            yield "due", (case, item, due)
        case CaseStopped(case=case) | CaseStoppedByBureau(case=case):
            yield "moved_on", (case, "stopping")
        case CaseClosed(case=case, closed_at=at):
            yield "closed", (case, at)
        case ItemRequested() as asked:
            yield (
                "asked",
                (
                    asked.case,
                    asked.item,
                    reference(asked.case, asked.item),
                    department_of(type(asked)),
                    asked.action,
                    asked.due_by,
                    asked.requested_at,
                ),
            )
        case ItemWithdrawn(case=case, item=item):
            yield "item", (case, item, "undoing")
        case CaseItemHeld(case=case, item=item):
            yield "item", (case, item, "held")
        case CaseItemFinished(case=case, item=item, outcome=outcome, may_retry=may_retry):
            yield "item", (case, item, "may_retry" if may_retry else outcome)


CASES = ReadModel.beside(
    __file__,
    version=3,
    events=(
        CaseOpened,
        CaseStarted,
        CaseSupplementAsked,
        CaseCorrectionNeeded,
        CaseSupplemented,
        CaseWentOn,
        CaseFactsChanged,
        CasePersonLost,
        CasePersonBack,
        CaseOverdue,
        CaseStopped,
        CaseStoppedByBureau,
        CaseClosed,
        CaseItemHeld,
        CaseItemStuck,
        CaseItemFinished,
        *ASKINGS,
    ),
    project=project,
)

COLUMNS = """
c."case", c.definition, c.definition_version, c.division, c.status, c.items,
(select count(*) from case_items i where i."case" = c."case" and i.status = 'done') as done,
array(select role from case_losses l where l."case" = c."case" order by role) as lost,
c.opened_at, c.expected_by, c.closed_at
"""
OF = f"""
select {COLUMNS} from cases c where c.persons @> array[$1::uuid] and (c.opened_at, c."case") < ($2, $3)
order by c.opened_at desc, c."case" desc limit $4
"""  # noqa: S608 - constants only
OPEN = f"""
select {COLUMNS} from cases c
where c.status <> 'closed' and c.division between $1 and $2 and (c.opened_at, c."case") > ($3, $4)
order by c.opened_at, c."case" limit $5
"""  # noqa: S608
STUCK = """
select i."case", i.item, i.reference, i.department, i.action, i.status, i.due_by, i.since, c.division, c.definition
from case_items i join cases c using ("case")
where c.division between $1 and $2 and (i.since, i.reference) > ($4, $5)
  and (i.status in ('may_retry', 'stuck')
       or (i.status in ('asked', 'held', 'undoing') and (i.on_desk or i.due_by < $3)))
order by i.since, i.reference limit $6
"""
WAITING_FOR = f"""
select {COLUMNS} from cases c
where c.status in ('awaiting_consent', 'renewing_consent') and c.persons @> array[$1::uuid] and c.applicant <> $1
order by c.opened_at desc, c."case" desc limit $2
"""  # noqa: S608
COUNTS = """
select definition, count(*) as cases, count(*) filter (where status = 'closed') as closed,
       extract(epoch from percentile_cont(0.5) within group (order by closed_at - opened_at))::float8 as median_seconds
from cases where division between $1 and $2 group by definition order by definition
"""


@dataclass(frozen=True, slots=True)
class CaseRow:
    case: UUID
    definition: str
    definition_version: int
    division: str
    status: str  # awaiting_consent, running, supplement, renewing_consent, stopping, closed
    items: int
    done: int
    lost: list[str]  # roles of those who died or were annulled
    opened_at: datetime
    expected_by: datetime | None
    closed_at: datetime | None

    @property
    def place(self) -> Place:
        return Place(self.opened_at, self.case)


@dataclass(frozen=True, slots=True)
class StuckRow:
    """An item that is overdue or was never answered, waits for somebody to try it again, or lies on the bureau's own
    desk.
    """

    case: UUID
    item: str
    reference: UUID
    department: str
    action: str
    status: str
    due_by: datetime | None
    since: datetime
    division: str
    definition: str

    @property
    def place(self) -> Place:
        return Place(self.since, self.reference)


@dataclass(frozen=True, slots=True)
class Count:
    definition: str
    cases: int
    closed: int
    median_seconds: float | None  # from the form to the end


async def cases_of(pool: Pool, person: UUID, *, after: Place, limit: int) -> list[CaseRow]:
    """His own and those that wait for his consent, the newest first."""
    return [CaseRow(**row) for row in await pool.fetch(OF, person, *after, limit)]


async def case_from_draft(pool: Pool, draft: UUID) -> UUID | None:
    """The case that was handed in from a draft."""
    case: UUID | None = await pool.fetchval('select "case" from cases where draft = $1', draft)
    return case


async def waiting_for(pool: Pool, person: UUID, limit: int) -> list[CaseRow]:
    """Cases of others that may wait for this person's consent, the newest first."""
    return [CaseRow(**row) for row in await pool.fetch(WAITING_FOR, person, limit)]


async def open_cases(pool: Pool, area: str, *, after: Place, limit: int) -> list[CaseRow]:
    """The oldest first."""
    return [CaseRow(**row) for row in await pool.fetch(OPEN, *span(area), *after, limit)]


async def stuck_items(pool: Pool, area: str, now: datetime, *, after: Place, limit: int) -> list[StuckRow]:
    """Those waiting longest first."""
    return [StuckRow(**row) for row in await pool.fetch(STUCK, *span(area), now, *after, limit)]


async def counts(pool: Pool, area: str) -> list[Count]:
    return [Count(**row) for row in await pool.fetch(COUNTS, *span(area))]
