"""Insured in another place (转移接续): given events, when a clerk there transfers, then no gap, or a reason why not."""

from dataclasses import replace
from datetime import date

import pytest

from services.insurance.directory import directory
from services.insurance.domain.allowances import ConfirmAllowance, NoteAllowancePaid, allowance_of
from services.insurance.domain.enrolment import AssignClass, LapseInsurance, ReturnInsurance, TransferInsurance
from services.insurance.domain.insured import Command
from services.insurance.domain.maternity import Birth
from shared.contracts.errors import Refused
from shared.contracts.insurance import InsuranceTransferred, MaternityAllowancePaid
from tests.services.insurance.examples import (
    CLERK,
    GUIGANG,
    GUILIN,
    IN_GUILIN,
    NOW,
    WORKER,
    anew,
    claim,
    employ,
    enrol,
    history,
    insured_after,
    reverse,
    settle,
    settled,
)

NANNING = "450100000000"
DAY = date(2023, 8, 1)
TRANSFER = TransferInsurance(NANNING, "ordinary", DAY, CLERK, NOW)
LAPSE = LapseInsurance(date(2023, 7, 20), "未缴费", CLERK, NOW)


def test_the_old_place_covers_until_the_day_before_and_the_new_one_from_then_on() -> None:
    events = history(enrol(), TRANSFER)
    assert events[-1] == InsuranceTransferred(
        person=insured_after(events).person,
        from_region=GUIGANG,
        to_region=NANNING,
        insured_as="resident",
        person_class="ordinary",
        insured_from=DAY,
        recorded_by=CLERK,
        recorded_at=NOW,
    )
    insured = insured_after(events)
    periods = [insured.period_on(day) for day in (date(2023, 1, 1), date(2023, 7, 31), DAY, date(2023, 12, 24))]
    assert [period.region if period else None for period in periods] == [GUIGANG, GUIGANG, NANNING, NANNING]
    assert insured.region == NANNING


def test_asked_again_it_changes_nothing() -> None:
    assert history(enrol(), TRANSFER, TRANSFER) == history(enrol(), TRANSFER)


def test_the_class_of_the_new_place_holds_from_its_day_on() -> None:
    insured = insured_after(history(enrol(), replace(TRANSFER, person_class="poor_2")))
    assert [insured.class_on(day) for day in (date(2023, 7, 31), DAY)] == ["ordinary", "poor_2"]


def test_a_class_before_the_transfer_is_the_old_places_to_say() -> None:
    events: list[Command] = [enrol(), TRANSFER]
    with pytest.raises(Refused, match="class_before_transfer"):
        history(*events, AssignClass("poor_2", date(2023, 7, 31), CLERK, NOW))
    after = history(*events, AssignClass("poor_2", DAY, CLERK, NOW))
    assert [insured_after(after).class_on(day) for day in (date(2023, 7, 31), DAY)] == ["ordinary", "poor_2"]


def test_a_lapse_in_the_new_place_moves_no_bound_and_a_transfer_back_does() -> None:
    lapse = replace(LAPSE, lapsed_from=date(2023, 9, 1))
    events = history(enrol(), TRANSFER, lapse, ReturnInsurance(date(2023, 10, 1), CLERK, NOW))
    assert insured_after(events).transferred_on == DAY
    assert insured_after(history(enrol())).transferred_on is None
    back = replace(TRANSFER, region=GUIGANG, insured_from=date(2023, 11, 1))
    home = history(enrol(), TRANSFER, back)
    assert insured_after(home).transferred_on == date(2023, 11, 1)


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        ([], "no_such_insured"),
        ([enrol(), LAPSE], "already_lapsed"),
        ([enrol(region=NANNING)], "same_region"),
        ([enrol(insured_from=DAY)], "dates_out_of_order"),
        ([enrol(), settle(claim(discharged=DAY))], "settled_since"),
    ],
)
def test_what_cannot_be_transferred_is_refused(commands: list[Command], code: str) -> None:
    history(*commands)
    with pytest.raises(Refused) as refusal:
        history(*commands, TRANSFER)
    assert refusal.value.code == code


def test_nobody_is_transferred_before_the_day_has_come() -> None:
    history(enrol(), replace(TRANSFER, insured_from=date(2023, 12, 24)))
    with pytest.raises(Refused):
        history(enrol(), replace(TRANSFER, insured_from=date(2023, 12, 25)))


def test_a_settlement_that_is_reversed_or_of_the_day_before_does_not_hinder() -> None:
    before: list[Command] = [enrol(), settle(claim(discharged=DAY))]
    [bill] = settled(history(*before))
    history(*before, reverse(bill.settlement), TRANSFER)
    history(enrol(), settle(claim(discharged=date(2023, 7, 31))), TRANSFER)


def test_a_bill_is_settled_by_the_place_that_covers_its_discharge() -> None:
    old, new = settled(
        history(
            enrol(),
            TRANSFER,
            settle(claim("A", discharged=date(2023, 7, 31))),
            settle(claim("B", discharged=DAY)),
        )
    )
    assert [(one.region, one.place) for one in (old, new)] == [(GUIGANG, "region"), (NANNING, "city")]
    assert new.before == old.after  # the year's totals stay with the person


def test_settling_anew_after_a_transfer_stays_with_the_old_place() -> None:
    before: list[Command] = [enrol(), settle(claim(discharged=date(2023, 7, 31))), TRANSFER]
    [first] = settled(history(*before))
    assert settled(history(*before, anew(first.settlement, is_emergency=True)))[-1].region == GUIGANG


def test_an_allowance_is_paid_by_the_place_that_settled_the_birth() -> None:
    before: list[Command] = [enrol(WORKER), employ(), settle(claim(birth=Birth()), IN_GUILIN), TRANSFER]
    allowance = allowance_of(settled(history(*before))[0].settlement)
    paid = history(*before, ConfirmAllowance(allowance, directory(), NOW), NoteAllowancePaid(allowance, "R1", NOW))[-1]
    assert isinstance(paid, MaternityAllowancePaid)
    assert paid.region == GUILIN
