"""The ledger's balance, and what the policies' reliefs saved."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from services.insurance.domain.hospital import own_regions
from services.insurance.read_models.ledger_entries import trial_balance
from services.insurance.read_models.settlements import saved_in
from shared.department.answer import Answer, division_name
from shared.department.powers import Power
from shared.eventstore.database import Pool
from shared.standards import divisions
from shared.standards.money import ZERO, Yuan

Year = Annotated[int, QueryParameter(ge=2000, le=2100, description="of the discharge")]

InRegion = Annotated[
    str | None, QueryParameter(pattern="^[0-9]{12}$", description="of insurance: a city, or a province for all of its")
]


class AccountShown(Answer):
    """`balance`: credit less debit."""

    account: str
    debit: Yuan
    credit: Yuan
    balance: Yuan


class LedgerBalance(Answer):
    """Of one's own regions. Both sides are equal, always; `is_balanced` says so by adding them up."""

    accounts: list[AccountShown]
    debit: Yuan
    credit: Yuan
    is_balanced: bool


@get("/ledger/balance", tags=["money"], summary="试算平衡 / every account, and whether both sides agree")
async def show_balance(pool: NamedDependency[Pool], power: NamedDependency[Power]) -> LedgerBalance:
    """In the books of the clerk's own regions; each region's books balance by themselves."""
    sums = await trial_balance(pool, own_regions(power.area))
    debit, credit = sum((one.debit for one in sums), ZERO), sum((one.credit for one in sums), ZERO)
    return LedgerBalance(
        accounts=[
            AccountShown(account=one.account, debit=one.debit, credit=one.credit, balance=one.credit - one.debit)
            for one in sums
        ],
        debit=debit,
        credit=credit,
        is_balanced=debit == credit,
    )


class SavedShown(Answer):
    region: str
    region_name: str
    settlements: int
    relief: Yuan


class SavingsShown(Answer):
    """What patients would have paid more by the rules before their policy's relief (such as that of 1 July 2023).

    Of discharges in the year, reversed settlements left out. No person is shown.
    """

    year: int
    region: str | None  # as asked for; null: everywhere
    settlements: int
    relief: Yuan
    regions: list[SavedShown]


@get("/savings", tags=["money"], summary="免备案减负 / what a year's relief came to, by region; open to everyone")
async def show_savings(pool: NamedDependency[Pool], year: Year, region: InRegion = None) -> SavingsShown:
    if region is not None:
        divisions.get(region)
    rows = await saved_in(pool, year, region or divisions.WHOLE_COUNTRY)
    return SavingsShown(
        year=year,
        region=region,
        settlements=sum(row.settlements for row in rows),
        relief=sum((row.relief for row in rows), ZERO),
        regions=[
            SavedShown(
                region=row.region,
                region_name=division_name(row.region),
                settlements=row.settlements,
                relief=row.relief,
            )
            for row in rows
        ],
    )
