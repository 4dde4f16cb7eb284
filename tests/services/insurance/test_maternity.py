"""The maternity allowance: what it comes to, and how it goes from a settled birth to a payment."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.insurance.directory import directory
from services.insurance.domain.allowances import ConfirmAllowance, NoteAllowancePaid, allowance_of
from services.insurance.domain.claims import SettleAnew
from services.insurance.domain.insured import INSURED, Command
from services.insurance.domain.insured_state import settlement_of
from services.insurance.domain.maternity import Birth, reckon
from services.insurance.domain.uncovered import UNCOVERED, TellNotCovered
from services.insurance.policies import policies
from shared.contracts.errors import Refused
from shared.contracts.insurance import (
    MaternityAllowanceConfirmed,
    MaternityAllowancePaid,
    MaternityAllowancePrepared,
    MaternityAllowanceWithdrawn,
    MaternityNotCovered,
)
from tests.services.insurance.examples import (
    GUIGANG,
    GUILIN,
    IN_GUILIN,
    NOW,
    WINDOW,
    WORKER,
    claim,
    employ,
    enrol,
    history,
    reverse,
    settle,
    state_after,
)

RULES = directory().maternity_rules(GUILIN, date(2023, 7, 5))
BIRTH = settle(claim(birth=Birth()), IN_GUILIN)
SETTLEMENT = settlement_of(IN_GUILIN.code, BIRTH.claim.bill_number)
ALLOWANCE = allowance_of(SETTLEMENT)
CONFIRM = ConfirmAllowance(ALLOWANCE, directory(), NOW)
PAID = NoteAllowancePaid(ALLOWANCE, "ledger-1", NOW)
BORN = (enrol(WORKER), employ(), BIRTH)


@pytest.mark.parametrize(
    ("wage", "birth", "days", "amount"),
    [
        ("5800.00", Birth(), 98, "18946.67"),
        ("7000.00", Birth(), 98, "22866.67"),
        ("5800.00", Birth(is_difficult=True), 113, "21846.67"),
        ("5800.00", Birth(children=2), 113, "21846.67"),
        ("5800.00", Birth(is_difficult=True, children=3), 143, "27646.67"),
        ("3000.00", Birth(), 98, "13720.00"),  # 60 % of 7,000 are 4,200
        ("30000.00", Birth(), 98, "68600.00"),  # 300 % are 21,000
        ("4200.00", Birth(), 98, "13720.00"),
    ],
)
def test_the_amount_is_rounded_once_at_the_end(wage: str, birth: Birth, days: int, amount: str) -> None:
    assert RULES is not None
    reckoned = reckon(RULES, Decimal(wage), birth)
    assert (reckoned.fund_days, reckoned.amount) == (days, Decimal(amount))


def test_days_of_leave_and_days_of_the_fund_are_set_apart() -> None:
    assert RULES is not None
    longer = replace(RULES, leave_days=158)
    reckoned = reckon(longer, Decimal("5800.00"), Birth(children=2))
    assert (reckoned.fund_days, reckoned.leave_days, reckoned.amount) == (113, 173, Decimal("21846.67"))


def test_a_settled_birth_prepares_the_allowance_with_no_application() -> None:
    prepared = history(*BORN)[-1]
    assert isinstance(prepared, MaternityAllowancePrepared)
    assert (prepared.allowance, prepared.amount, prepared.rule) == (
        ALLOWANCE,
        Decimal("18946.67"),
        "guangxi.maternity.2023",
    )


def test_it_takes_one_confirmation_and_is_paid_once() -> None:
    events = history(*BORN, CONFIRM, CONFIRM, PAID, PAID, CONFIRM)
    assert [type(event) for event in events[-2:]] == [MaternityAllowanceConfirmed, MaternityAllowancePaid]
    assert [type(event) for event in events].count(MaternityAllowancePaid) == 1


@pytest.mark.parametrize(
    "commands",
    [
        (enrol(WORKER, insured_as="resident", region=GUIGANG), BIRTH),  # a resident has none
        (enrol(WORKER), BIRTH),  # no employer is known
        (enrol(WORKER), employ(year=2023), BIRTH),  # its wage of the year before is not
        (enrol(WORKER), employ(), settle(claim(), IN_GUILIN)),  # no birth
    ],
)
def test_without_what_it_rests_on_none_is_prepared(commands: tuple[Command, ...]) -> None:
    assert not any(isinstance(event, MaternityAllowancePrepared) for event in history(*commands))


def test_it_goes_with_its_settlement_while_nothing_is_confirmed() -> None:
    undo = reverse(SETTLEMENT, IN_GUILIN.code)
    events = history(*BORN, undo)
    assert isinstance(events[-1], MaternityAllowanceWithdrawn)
    with pytest.raises(Refused, match="allowance_withdrawn"):
        INSURED.decide(state_after(events), CONFIRM)
    for confirmed in ((*BORN, CONFIRM), (*BORN, CONFIRM, PAID)):
        with pytest.raises(Refused, match="allowance_decided"):
            INSURED.decide(state_after(history(*confirmed)), undo)


def test_settling_the_birth_anew_keeps_the_allowance() -> None:
    anew = SettleAnew(SETTLEMENT, IN_GUILIN, True, "急诊", policies(), directory(), WINDOW, NOW)
    events = history(*BORN, anew)
    assert not any(isinstance(event, MaternityAllowanceWithdrawn) for event in events)
    again = events[-1]
    undone = INSURED.decide(state_after(events), reverse(again.settlement, IN_GUILIN.code))  # type: ignore[attr-defined]
    assert isinstance(undone[-1], MaternityAllowanceWithdrawn)


def test_nobody_elses_allowance_can_be_confirmed() -> None:
    for events in ([], history(enrol(WORKER))):
        with pytest.raises(Refused, match="no_such_allowance"):
            INSURED.decide(state_after(events), ConfirmAllowance(UUID(int=1), directory(), NOW))


def test_a_mother_who_is_not_covered_is_told_once_a_bill() -> None:
    tell = TellNotCovered(WORKER, IN_GUILIN.code, "ZY1", "not_insured", date(2023, 7, 5), NOW)
    [event] = UNCOVERED.decide(UNCOVERED.initial, tell)
    assert isinstance(event, MaternityNotCovered)
    told = UNCOVERED.evolve(UNCOVERED.initial, event)
    assert UNCOVERED.decide(told, tell) == []
    assert UNCOVERED.decide(told, replace(tell, bill_number="ZY2"))
