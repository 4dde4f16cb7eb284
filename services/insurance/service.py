"""The department's rooms, named."""

from functools import partial

from services.insurance.api import routes
from services.insurance.case_items import ASKED, ITEM_DESK, CaseItems
from services.insurance.clearings import Clearings
from services.insurance.directory import directory
from services.insurance.domain.events import (
    AccountCredited,
    BirthNoted,
    BirthStruck,
    ClearingCloseProposed,
    ClearingPaymentsApproved,
    ClearingPaymentsProposed,
    EmploymentRecorded,
    HeldDecisionProposed,
    HospitalPaymentOrdered,
    HospitalPaymentProposed,
    HospitalPaymentReordered,
    PayeeAccountNamed,
    PaymentAccepted,
    PaymentBooked,
    PaymentOrdered,
    PaymentRejected,
    PaymentSettled,
    RepaymentStepProposed,
    TreatmentAwayFiled,
)
from services.insurance.erasing import ERASURE
from services.insurance.gauges import GAUGES
from services.insurance.paying import Paying
from services.insurance.payments import LocalLedger, Payments
from services.insurance.policies import policies
from services.insurance.reactions import CORRECT, END_WITH_DEATH, GO_ON, NOTE_BIRTH, VOID
from services.insurance.read_models.allowances import ALLOWANCES
from services.insurance.read_models.births import BIRTHS
from services.insurance.read_models.clearing_items import CLEARING_ITEMS
from services.insurance.read_models.clearing_statements import CLEARING_STATEMENTS
from services.insurance.read_models.held import HELD
from services.insurance.read_models.hospital_dues import HOSPITAL_DUES
from services.insurance.read_models.ledger_entries import LEDGER_ENTRIES
from services.insurance.read_models.payments import PAYMENTS
from services.insurance.read_models.people import PEOPLE
from services.insurance.read_models.repayments import REPAYMENTS
from services.insurance.read_models.settlements import SETTLEMENTS
from services.insurance.treasury import Treasury
from services.insurance.use_cases.annulments import Annulments
from shared.contracts.identity import EntryAnnulled
from shared.contracts.insurance import INSURANCE, HeldReleased
from shared.department.engine import Engine
from shared.department.mandates import MANDATES
from shared.department.powers import powers_beside
from shared.department.service import Service
from shared.department.settings import Settings
from shared.department.sweeping import keep_sweeping
from shared.eventstore.wake import Wake
from shared.messaging.asked_item import PRIVATE_ITEM_EVENTS
from shared.messaging.erasure_request import PRIVATE_ERASURE_EVENTS

ASK_BANK_EVERY = 30.0  # seconds, after what it has accepted


async def check_data(_engine: Engine, _settings: Settings) -> None:
    """Raises Misconfigured when policies, hospitals or parameters this release ships are not right."""
    policies()
    directory()


def insurance(bank: Payments) -> Service:
    """The department, its money moved by this bank."""

    async def keep_working(engine: Engine, _settings: Settings) -> None:
        treasury = Treasury(engine.store, engine.pool, bank)
        desk = CaseItems(engine.store).desk(engine.pool)
        engine.add_duty(partial(desk.keep_working, engine.waking(*ITEM_DESK.events)))
        # whoever confirms orders; the sweeps see to what was broken off, and to what the bank decides later
        sweeps = (Paying(treasury).sweep, Clearings(treasury).sweep, treasury.hand_in)
        engine.add_duty(partial(keep_sweeping, engine.waking(PaymentSettled, PaymentRejected, HeldReleased), *sweeps))
        engine.add_duty(partial(keep_sweeping, engine.waking(EntryAnnulled), Annulments(treasury).sweep))
        engine.add_duty(partial(keep_sweeping, Wake(), treasury.ask_after, every=ASK_BANK_EVERY))

    return Service(
        INSURANCE,
        private_events=(
            EmploymentRecorded,
            AccountCredited,
            TreatmentAwayFiled,
            PaymentBooked,
            HospitalPaymentOrdered,
            PaymentOrdered,
            PaymentAccepted,
            PaymentSettled,
            PaymentRejected,
            PayeeAccountNamed,
            HeldDecisionProposed,
            RepaymentStepProposed,
            BirthNoted,
            BirthStruck,
            ClearingCloseProposed,
            ClearingPaymentsProposed,
            ClearingPaymentsApproved,
            HospitalPaymentProposed,
            HospitalPaymentReordered,
            *PRIVATE_ITEM_EVENTS,
            *PRIVATE_ERASURE_EVENTS,
        ),
        read_models=(
            PEOPLE,
            MANDATES,
            SETTLEMENTS,
            LEDGER_ENTRIES,
            CLEARING_ITEMS,
            CLEARING_STATEMENTS,
            HOSPITAL_DUES,
            PAYMENTS,
            ALLOWANCES,
            HELD,
            REPAYMENTS,
            BIRTHS,
            ITEM_DESK,
            ERASURE.read_model,
        ),
        reactions=(CORRECT, END_WITH_DEATH, GO_ON, NOTE_BIRTH, VOID, ASKED, *ERASURE.reactions),
        timers=(ERASURE.timer,),
        powers=powers_beside(__file__),
        routes=(routes(bank),),
        gauges=GAUGES,
        erasure=ERASURE,
        on_start=(check_data, keep_working, ERASURE.keep_erasing),
    )


SERVICE = insurance(LocalLedger())
