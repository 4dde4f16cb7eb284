"""The department's rooms, named."""

from functools import partial

from services.insurance.api import ROUTES
from services.insurance.case_items import ASKED, ITEM_DESK, CaseItems
from services.insurance.directory import directory
from services.insurance.domain.events import (
    AccountCredited,
    EmploymentRecorded,
    HospitalPaymentOrdered,
    PaymentBooked,
    TreatmentAwayFiled,
)
from services.insurance.paying import Paying
from services.insurance.payments import LocalLedger
from services.insurance.policies import policies
from services.insurance.reactions import CORRECT, END_WITH_DEATH
from services.insurance.read_models.allowances import ALLOWANCES
from services.insurance.read_models.clearing_items import CLEARING_ITEMS
from services.insurance.read_models.hospital_dues import HOSPITAL_DUES
from services.insurance.read_models.ledger_entries import LEDGER_ENTRIES
from services.insurance.read_models.people import PEOPLE
from services.insurance.read_models.settlements import SETTLEMENTS
from shared.contracts.insurance import INSURANCE
from shared.department.engine import Engine
from shared.department.service import Service
from shared.department.settings import Settings
from shared.department.staff import STAFF
from shared.department.sweeping import keep_sweeping
from shared.messaging.asked_item import PRIVATE_ITEM_EVENTS


async def keep_working(engine: Engine, _settings: Settings) -> None:
    """Raises Misconfigured when policies, hospitals or parameters this release ships are not right."""
    policies()
    directory()
    engine.add_duty(CaseItems(engine.store).desk(engine.pool).keep_working)
    engine.add_duty(partial(keep_sweeping, Paying(engine.store, engine.pool, LocalLedger(engine.store)).sweep))


SERVICE = Service(
    INSURANCE,
    private_events=(
        EmploymentRecorded,
        AccountCredited,
        TreatmentAwayFiled,
        PaymentBooked,
        HospitalPaymentOrdered,
        *PRIVATE_ITEM_EVENTS,
    ),
    read_models=(PEOPLE, STAFF, SETTLEMENTS, LEDGER_ENTRIES, CLEARING_ITEMS, HOSPITAL_DUES, ALLOWANCES, ITEM_DESK),
    reactions=(CORRECT, END_WITH_DEATH, ASKED),
    routes=(ROUTES,),
    on_start=(keep_working,),
)
