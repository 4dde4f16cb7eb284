"""Settlements: for the insured, for the hospital that settled them, and what the policies' reliefs come to in a year.

The year's relief is summed from an index that holds nothing else (60 ms for 100,000 settlements of a region). A counter
would be cheaper to read, but the writers' groups would wait for each other at its row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.insurance.domain.reconciliation import Entry
from shared.contracts.event import Recorded
from shared.contracts.insurance import Care, ClaimSettled, SettlementReversed
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import WHOLE_COUNTRY, span
from shared.standards.shanghai import day_in_shanghai

LATEST = Place.last()


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ClaimSettled() as settled:
            sheet = settled.sheet
            yield (
                "settled",
                (
                    settled.settlement,
                    settled.person,
                    settled.care,
                    settled.hospital,
                    settled.hospital_name,
                    settled.region,
                    settled.bill_number,
                    settled.discharged_on,
                    settled.year,
                    settled.settled_at,
                    day_in_shanghai(settled.settled_at),
                    sheet.medfee_sumamt,
                    sheet.fund_pay_sumamt,
                    sheet.psn_part_amt,
                    sheet.acct_pay,
                    sheet.psn_cash_pay,
                    settled.relief,
                    settled.replaces,
                    settled.window,
                ),
            )
        case SettlementReversed(settlement=settlement):
            yield "reversed", (settlement,)


SETTLEMENTS = ReadModel.beside(__file__, version=3, events=(ClaimSettled, SettlementReversed), project=project)

COLUMNS = """
settlement, care, hospital, hospital_name, bill_number, discharged_on, settled_at, total, fund, person_part, account,
cash, relief, is_reversed
"""
OF_PERSON = f"""
select {COLUMNS} from settlements where person = $1 and (settled_at, settlement) < ($2, $3)
order by settled_at desc, settlement desc limit $4
"""  # noqa: S608 - constants only
OF_DAY = """
select bill_number, total, fund, person_part as person from settlements
where hospital = $1 and settled_day = $2 and not is_reversed order by bill_number
"""
FIRST = """
select hospital from settlements where settled_by = $1 and hospital = any($2::text[])
order by settled_at, settlement limit 1
"""
SAVED = """
select region, count(*) as settlements, sum(relief) as relief from settlements
where year = $1 and region between $2 and $3 and relief > 0 and not is_reversed group by region order by region
"""


@dataclass(frozen=True, slots=True)
class SettlementRow:
    settlement: UUID
    care: Care
    hospital: str
    hospital_name: str
    bill_number: str
    discharged_on: date
    settled_at: datetime
    total: Decimal
    fund: Decimal
    person_part: Decimal
    account: Decimal
    cash: Decimal
    relief: Decimal
    is_reversed: bool

    @property
    def place(self) -> Place:
        return Place(self.settled_at, self.settlement)


@dataclass(frozen=True, slots=True)
class Saved:
    """Of a region of insurance, in a year of discharge."""

    region: str
    settlements: int
    relief: Decimal


async def settlements_of(pool: Pool, person: UUID, *, after: Place = LATEST, limit: int) -> list[SettlementRow]:
    """The newest first, reversed ones too."""
    return [SettlementRow(**row) for row in await pool.fetch(OF_PERSON, person, *after, limit)]


async def person_of(pool: Pool, settlement: UUID) -> UUID | None:
    """Whose stream holds it. None: there is no such settlement."""
    person: UUID | None = await pool.fetchval("select person from settlements where settlement = $1", settlement)
    return person


async def first_settled_at(pool: Pool, window: UUID, hospitals: Sequence[str]) -> str | None:
    """Of these hospitals, the one at which a window settled first. None: at none of them."""
    hospital: str | None = await pool.fetchval(FIRST, window, hospitals)
    return hospital


async def settled_on(pool: Pool, hospital: str, day: date) -> list[Entry]:
    """What a hospital settled on a day in China and what still holds."""
    return [Entry(**row) for row in await pool.fetch(OF_DAY, hospital, day)]


async def saved_in(pool: Pool, year: int, area: str = WHOLE_COUNTRY) -> list[Saved]:
    """By the regions within an area; reversed settlements left out."""
    return [Saved(**row) for row in await pool.fetch(SAVED, year, *span(area))]
