"""Maternity allowances (生育津贴) in an insured person's stream: prepared without an application, confirmed, paid.

What is implausible is held when it is confirmed (`held.py`). What the bank does not pay waits for another account, and
for one more confirmation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from services.insurance.domain import refusals
from services.insurance.domain.doubting import allowance_doubts
from services.insurance.domain.events import PayeeAccountNamed
from services.insurance.domain.insured_state import Allowance, Insured, NotInsured, State
from services.insurance.domain.maternity import Birth, MaternityBook, reckon
from services.insurance.domain.plausibility import PlausibilityBook
from services.insurance.domain.repayment import drop_unpaid
from shared.contracts.agency import Agency, stated
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimSettled,
    Concern,
    HeldWithdrawn,
    MaternityAllowanceConfirmed,
    MaternityAllowanceHeld,
    MaternityAllowancePaid,
    MaternityAllowancePaymentRejected,
    MaternityAllowancePrepared,
    MaternityAllowanceWithdrawn,
)


@dataclass(frozen=True, slots=True)
class ConfirmAllowance:
    allowance: UUID
    book: PlausibilityBook
    now: datetime
    agency: Agency | None = None  # under which mandate, and by whom


@dataclass(frozen=True, slots=True)
class CheckBeforePaying:
    """The last look before an order leaves: what came up since the confirmation holds it, or ends it."""

    allowance: UUID
    book: PlausibilityBook
    now: datetime


@dataclass(frozen=True, slots=True)
class NoteAllowancePaid:
    allowance: UUID
    receipt: str
    now: datetime


@dataclass(frozen=True, slots=True)
class NoteAllowanceRejected:
    """`attempt`: the payment's, which is the confirmation's."""

    allowance: UUID
    attempt: int
    code: str
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True)
class NamePayeeAccount:
    """Asked again it changes nothing."""

    account: str
    now: datetime


Command = ConfirmAllowance | CheckBeforePaying | NoteAllowancePaid | NoteAllowanceRejected | NamePayeeAccount


def allowance_of(settlement: UUID) -> UUID:
    return uuid5(settlement, "maternity allowance")


def prepare(state: Insured, settled: ClaimSettled, book: MaternityBook, now: datetime) -> Sequence[Event]:
    """For an employed mother whose employer's average wage is known: last year's, else the latest before."""
    rules = book.maternity_rules(settled.region, settled.discharged_on)
    employment = state.employment
    if settled.children is None or rules is None or state.insured_as != "employee" or employment is None:
        return []
    years = [year for year in employment.average_wages if year < settled.year]
    if not years:
        return []
    wage = employment.average_wages[max(years)]
    reckoned = reckon(rules, wage, Birth(bool(settled.is_difficult_birth), settled.children))
    return [
        MaternityAllowancePrepared(
            allowance=allowance_of(settled.settlement),
            person=state.person,
            settlement=settled.settlement,
            employer=employment.employer,
            employer_name=employment.employer_name,
            average_wage=wage,
            clamped_wage=reckoned.clamped_wage,
            fund_days=reckoned.fund_days,
            leave_days=reckoned.leave_days,
            amount=reckoned.amount,
            rule=rules.id,
            prepared_at=now,
        )
    ]


def prepare_waiting(state: Insured, book: MaternityBook, now: datetime) -> Sequence[Event]:
    """Of births that were settled before the employer's wage was known."""
    births = (one for year in state.years.values() for one in year if one.children is not None)
    waiting = [one for one in births if allowance_of(one.settlement) not in state.allowances and not one.replaces]
    return [event for birth in waiting for event in prepare(state, birth, book, now)]


def withdraw(state: Insured, settlement: UUID, now: datetime) -> Sequence[Event]:
    """What rests on a settlement goes with it. Raises Refused once it is confirmed or paid."""
    allowance = next((one for one in state.allowances.values() if one.prepared.settlement == settlement), None)
    if allowance is None or allowance.status == "withdrawn":
        return []
    if allowance.status not in ("prepared", "rejected", "held", "refused"):
        raise refusals.allowance_decided(allowance.status)
    return withdrawn(state, allowance, now)


def withdrawn(state: Insured, allowance: Allowance, now: datetime) -> Sequence[Event]:
    """It, and that it waited for officers."""
    of = allowance.prepared
    waited = HeldWithdrawn(
        held=of.allowance,
        matter="allowance",
        person=state.person,
        region=state.region_of(of.settlement),
        amount=of.amount,
        hospital_name=None,
        reason="所依据的结算已冲销",
        withdrawn_by=None,
        withdrawn_at=now,
    )
    gone = MaternityAllowanceWithdrawn(allowance=of.allowance, person=state.person, withdrawn_at=now)
    return [waited, gone] if allowance.status == "held" else [gone]


def require_unchanged(state: Insured, allowance: UUID) -> None:
    """For a confirmation that came before and comes again. Raises Refused when it counts no more."""
    known = state.allowances[allowance]
    match known.status:
        case "withdrawn":
            raise refusals.allowance_withdrawn()
        case "refused":
            raise refusals.held_refused(state.held[allowance].decided)
        case "rejected":
            raise refusals.another_account_needed(known.rejection)
        case "prepared":
            raise refusals.changed_since()


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, NamePayeeAccount):
        return _name_account(state, command)
    if isinstance(state, NotInsured) or command.allowance not in state.allowances:
        raise refusals.no_such_allowance()
    allowance = state.allowances[command.allowance]
    match command, allowance:
        case ConfirmAllowance(now=now, agency=agency), Allowance(status="prepared"):
            if concerns := allowance_doubts(state, allowance, command.book):
                return [_held(state, allowance, concerns, now, agency)]
            return [confirmed(allowance, now, agency)]
        case CheckBeforePaying(now=now), Allowance(status="confirmed"):
            if any(one.of.of == command.allowance for one in state.repayments.values() if one.status == "ordered"):
                return [*drop_unpaid(state, command.allowance, now), *withdrawn(state, allowance, now)]
            concerns = allowance_doubts(state, allowance, command.book, refuses=False)
            return [_held(state, allowance, concerns, now, _agency(allowance))] if concerns else []
        case NoteAllowancePaid(receipt=receipt, now=now), Allowance(prepared=prepared, status="confirmed"):
            return [
                MaternityAllowancePaid(
                    allowance=prepared.allowance,
                    person=prepared.person,
                    region=state.region_of(prepared.settlement),
                    amount=prepared.amount,
                    receipt=receipt,
                    paid_at=now,
                )
            ]
        case NoteAllowanceRejected(attempt=attempt), Allowance(status="confirmed") if (
            attempt == allowance.confirmations
        ):
            return _rejected(state, allowance, command)
        case ConfirmAllowance(), Allowance(status="withdrawn"):
            raise refusals.allowance_withdrawn()
        case ConfirmAllowance(), Allowance(status="refused"):
            raise refusals.held_refused(state.held[command.allowance].decided)
        case ConfirmAllowance(), Allowance(status="rejected"):
            raise refusals.another_account_needed(allowance.rejection)
        case _:
            return []


def confirmed(allowance: Allowance, now: datetime, agency: Agency | None) -> MaternityAllowanceConfirmed:
    of = allowance.prepared
    return MaternityAllowanceConfirmed(
        allowance=of.allowance, person=of.person, amount=of.amount, confirmed_at=now, **stated(agency)
    )


def _held(
    state: Insured, allowance: Allowance, concerns: tuple[Concern, ...], now: datetime, agency: Agency | None
) -> MaternityAllowanceHeld:
    of = allowance.prepared
    return MaternityAllowanceHeld(
        allowance=of.allowance,
        person=of.person,
        region=state.region_of(of.settlement),
        amount=of.amount,
        concerns=concerns,
        held_at=now,
        **stated(agency),
    )


def _agency(allowance: Allowance) -> Agency | None:
    return agency_of(allowance.confirmed) if allowance.confirmed else None


def agency_of(said: MaternityAllowanceConfirmed | MaternityAllowanceHeld) -> Agency | None:
    """Under which mandate it was confirmed."""
    if said.mandate is None or said.agent is None:
        return None
    return Agency(said.mandate, said.agent, said.agent_name or "")


def _rejected(state: Insured, allowance: Allowance, command: NoteAllowanceRejected) -> Sequence[Event]:
    return [
        *drop_unpaid(state, command.allowance, command.now),
        MaternityAllowancePaymentRejected(
            allowance=command.allowance,
            person=state.person,
            region=state.region_of(allowance.prepared.settlement),
            amount=allowance.prepared.amount,
            code=command.code,
            reason=command.reason,
            rejected_at=command.now,
        ),
    ]


def _name_account(state: State, command: NamePayeeAccount) -> Sequence[Event]:
    if isinstance(state, NotInsured):
        raise refusals.no_such_insured()
    if state.payee_account == command.account:
        return []
    return [PayeeAccountNamed(person=state.person, account=command.account, named_at=command.now)]
