"""Given events, when a window settles, reverses or settles anew, then events or refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.enrolment import AssignClass, FileTreatmentAway, LapseInsurance
from services.insurance.domain.insured import INSURED, Command
from services.insurance.domain.insured_state import settlement_of
from services.insurance.domain.policy import InsuredAs, Policy
from services.insurance.domain.pricing import totals_of
from services.insurance.policies import policies
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.insurance import ClaimSettled, SettlementReversed
from shared.standards.money import ZERO
from tests.services.insurance.examples import (
    AT_HOME,
    CLERK,
    IN_GUILIN,
    IN_YIBIN,
    NOW,
    REGIONAL,
    WORKER,
    anew,
    claim,
    credit,
    enrol,
    history,
    insured_after,
    item,
    reverse,
    settle,
    settled,
    state_after,
)

JUNE = date(2023, 6, 28)
FILED = FileTreatmentAway(UUID(int=7), "filed", "450100000000", date(2023, 6, 1), date(2023, 12, 31), CLERK, NOW)
ID = settlement_of(REGIONAL.code, claim().bill_number)


def refused(events: Sequence[Event], command: Command) -> str:
    """The code; the state is as it was, for nothing was decided."""
    with pytest.raises(Refused) as refusal:
        INSURED.decide(state_after(events), command)
    return refusal.value.code


def only(events: Sequence[Event]) -> ClaimSettled:
    [one] = settled(events)
    return one


@pytest.mark.parametrize(
    ("discharged", "is_emergency", "before", "part", "relief", "filing"),
    [
        (date(2023, 6, 30), False, [], "19778.00", "0.00", "none"),
        (date(2023, 7, 1), False, [], "15588.00", "4190.00", "none"),
        (date(2023, 6, 30), True, [], "15588.00", "0.00", "emergency"),
        (date(2023, 6, 30), False, [FILED], "15588.00", "0.00", "filed"),
        (date(2023, 7, 1), False, [FILED], "15588.00", "0.00", "filed"),
    ],
)
def test_filing_counts_until_the_day_it_was_given_up(
    discharged: date, is_emergency: bool, before: list[Command], part: str, relief: str, filing: str
) -> None:
    of = claim(discharged=discharged, is_emergency=is_emergency)
    one = only(history(enrol(), *before, settle(of)))
    assert (one.place, one.filing) == ("region", filing)
    assert (one.sheet.psn_part_amt, one.relief) == (Decimal(part), Decimal(relief))


def test_a_filing_counts_where_and_when_it_was_made_for() -> None:
    elsewhere = replace(FILED, area="450300000000")
    too_late = replace(FILED, valid_from=date(2023, 6, 21))
    for filing in (elsewhere, too_late):
        assert only(history(enrol(), filing, settle(claim(discharged=JUNE)))).filing == "none"


def test_at_home_and_in_another_province_nothing_is_relieved() -> None:
    at_home = only(history(enrol(), settle(claim(), AT_HOME)))
    across = only(history(enrol(), settle(claim(), IN_YIBIN)))
    assert [(one.place, one.relief) for one in (at_home, across)] == [("city", ZERO), ("across", ZERO)]
    assert across.sheet.effective_ratio == "0.40"  # 60 % less 20 points


def test_a_poor_class_is_assisted_from_its_day_on() -> None:
    poor = AssignClass("poor_2", date(2023, 7, 5), CLERK, NOW)
    one = only(history(enrol(), poor, settle()))
    assert one.person_class == "poor_2"
    assert one.sheet.maf_pay > ZERO
    assert only(history(enrol(), poor, settle(claim(discharged=date(2023, 7, 4))))).sheet.maf_pay == ZERO


def test_the_year_of_the_discharge_is_the_one_that_counts() -> None:
    across_new_year = claim("A", admitted=date(2022, 12, 20), discharged=date(2023, 1, 4))
    first, second = settled(history(enrol(), settle(across_new_year), settle(claim("B"))))
    assert (first.year, first.before.stays, second.before) == (2023, 0, first.after)


def test_the_deductible_follows_the_order_of_settlement_not_of_treatment() -> None:
    late, early = claim("late"), claim("early", admitted=date(2023, 2, 1), discharged=date(2023, 2, 9))
    events = settled(history(enrol(), settle(late), settle(early)))
    assert [one.sheet.act_pay_dedc for one in events] == [Decimal(600), Decimal(300)]


def test_the_personal_account_pays_first_and_gets_it_back() -> None:
    events = history(enrol(WORKER), credit(), settle(claim(), IN_GUILIN))
    one = only(events)
    assert (one.sheet.acct_pay, insured_after(events).account) == (Decimal("120.00"), ZERO)
    undone = INSURED.decide(state_after(events), reverse(one.settlement, IN_GUILIN.code))
    assert insured_after([*events, *undone]).account == Decimal("120.00")


@pytest.mark.parametrize(
    ("of", "code"),
    [
        (claim(discharged=date(2023, 6, 19)), "dates_out_of_order"),
        (claim(discharged=date(2023, 12, 25)), "dates_out_of_order"),  # tomorrow
        (claim(admitted=date(2022, 1, 1), discharged=date(2022, 1, 9)), "not_yet_insured"),
        (claim(discharged=date(2023, 9, 1)), "insurance_lapsed"),
    ],
)
def test_dates_that_cannot_be_or_are_not_covered_are_refused(of: object, code: str) -> None:
    lapsed = history(enrol(), LapseInsurance(date(2023, 9, 1), "未缴费", CLERK, NOW))
    assert refused(lapsed, settle(of)) == code  # type: ignore[arg-type]


def test_a_year_without_a_policy_is_refused() -> None:
    insured_before = history(enrol(insured_from=date(2022, 1, 1)))
    of = claim(admitted=date(2022, 1, 1), discharged=date(2022, 1, 9))
    assert refused(insured_before, settle(of)) == "no_policy"


def test_treatment_that_the_policy_lays_nothing_down_for_is_refused() -> None:
    assert refused(history(enrol(region="511500000000")), settle()) == "not_in_policy"


class LevelTwoOnly:
    """Guangxi's policy, had it rules for hospitals of level 2 alone."""

    def of(self, division: str, insured_as: InsuredAs) -> Policy:
        whole = policies().of(division, insured_as)
        narrowed = tuple(one.model_copy(update={"tiers": {"level2": one.tiers["level2"]}}) for one in whole.versions)
        return whole.model_copy(update={"versions": narrowed})


def test_a_level_that_the_policy_does_not_know_is_refused() -> None:
    assert refused(history(enrol()), replace(settle(), policies=LevelTwoOnly())) == "not_in_policy"
    assert INSURED.decide(state_after(history(enrol())), replace(settle(claim(), AT_HOME), policies=LevelTwoOnly()))


def test_who_is_not_insured_is_refused() -> None:
    assert refused([], settle()) == "not_insured"


def test_settling_anew_takes_the_filing_that_was_made_since() -> None:
    before = history(enrol(), settle(claim(discharged=JUNE)), FILED)
    undone, again = INSURED.decide(state_after(before), anew(ID))
    assert isinstance(undone, SettlementReversed)
    assert isinstance(again, ClaimSettled)
    assert (again.replaces, again.filing, again.before) == (ID, "filed", only(before).before)
    assert undone.sheet.psn_cash_pay - again.sheet.psn_cash_pay == Decimal("4190.00")
    assert again.items == only(before).items


def test_only_a_years_latest_is_reversed() -> None:
    events = history(
        enrol(),
        settle(),
        settle(claim("B", discharged=date(2023, 7, 6))),
        settle(claim("C", discharged=date(2023, 8, 1))),
    )
    first, second, third = settled(events)
    assert refused(events, reverse(first.settlement)) == "reversal_out_of_order"
    assert refused(events, anew(second.settlement)) == "reversal_out_of_order"
    for one in (third, second, first):
        events += INSURED.decide(state_after(events), reverse(one.settlement))
        assert totals_of(insured_after(events), 2023) == Accumulators(**one.before.model_dump())
    assert refused(events, reverse(first.settlement)) == "already_reversed"
    assert refused(events, anew(first.settlement)) == "already_reversed"


def test_what_is_unknown_or_another_hospitals_cannot_be_reversed() -> None:
    events = history(enrol(), settle())
    assert refused(events, reverse(UUID(int=3))) == "no_such_settlement"
    assert refused(events, reverse(ID, AT_HOME.code)) == "no_such_settlement"
    assert refused([], reverse(ID)) == "no_such_settlement"
    undone = [*events, *INSURED.decide(state_after(events), reverse(ID))]
    assert refused(undone, reverse(ID, AT_HOME.code)) == "no_such_settlement"


AMOUNTS = st.integers(1, 9_000_000).map(lambda cents: f"{Decimal(cents) / 100:.2f}")
STEPS = st.lists(
    st.tuples(st.sampled_from(["settle", "reverse", "anew"]), AMOUNTS, st.sampled_from("ABC")), max_size=12
)


@settings(deadline=None)
@given(STEPS)
def test_whatever_is_settled_and_undone_the_year_is_the_sum_of_what_holds(steps: list[tuple[str, str, str]]) -> None:
    """And undoing the rest brings every accumulator, and the account, back to where they began."""
    events = history(enrol(WORKER), credit())
    for number, (step, amount, category) in enumerate(steps):
        holding = insured_after(events).years.get(2023, ())
        if step == "settle" or not holding:
            first = "0.10" if category == "B" else "0"
            own = amount if category == "C" else "0.00"
            of = claim(f"N{number}", items=[item(amount, category, first=first, own=own)])
            command: Command = settle(of, REGIONAL)
        else:
            latest = holding[-1].settlement
            command = reverse(latest) if step == "reverse" else anew(latest, is_emergency=number % 2 == 0)
        events += INSURED.decide(state_after(events), command)
        insured = insured_after(events)
        holding = insured.years.get(2023, ())
        totals = totals_of(insured, 2023)
        assert totals.stays == len(holding)
        assert totals.pool_used == sum((one.sheet.hifp_pay for one in holding), ZERO)
        assert totals.ci_paid == sum((one.sheet.hifmi_pay for one in holding), ZERO)
        assert insured.account == Decimal("120.00") - sum((one.sheet.acct_pay for one in holding), ZERO)
        assert insured.account >= ZERO
    while left := insured_after(events).years.get(2023, ()):
        events += INSURED.decide(state_after(events), reverse(left[-1].settlement))
    assert totals_of(insured_after(events), 2023) == Accumulators()
    assert insured_after(events).account == Decimal("120.00")
