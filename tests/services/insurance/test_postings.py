"""Double entry: every event balances, and every account says what the sheets say."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.insurance.domain.insured import INSURED, Command
from services.insurance.domain.postings import cleared, postings_of
from shared.contracts.event import Event
from shared.contracts.insurance import ClaimSettled, SettlementReversed
from shared.standards.money import ZERO
from tests.services.insurance.examples import (
    AT_HOME,
    GUIGANG,
    GUILIN,
    IN_GUILIN,
    IN_YIBIN,
    REGIONAL,
    WORKER,
    claim,
    credit,
    enrol,
    history,
    insured_after,
    item,
    reverse,
    settle,
    state_after,
)


def ledger(events: Sequence[Event]) -> Counter[str]:
    """Credit less debit, by account."""
    balances: Counter[str] = Counter()
    for event in events:
        for posting in postings_of(event):
            assert posting.amount > ZERO
            assert posting.debit != posting.credit
            balances[posting.credit] += posting.amount  # type: ignore[assignment]
            balances[posting.debit] -= posting.amount  # type: ignore[assignment]
    return balances


def test_at_home_the_funds_pay_the_hospital() -> None:
    events = history(enrol(), settle(claim(), AT_HOME))
    sheet = events[-1].sheet  # type: ignore[attr-defined]
    balances = ledger(events)
    assert balances[f"hospital:{AT_HOME.code}"] == sheet.medfee_sumamt
    assert balances[f"pooled_fund:{GUIGANG}"] == -sheet.hifp_pay
    assert balances[f"insured_cash:{AT_HOME.code}"] == -sheet.psn_cash_pay
    assert not any(account.startswith("clearing:") for account in balances)


def test_away_the_money_goes_over_clearing_between_the_regions() -> None:
    events = history(enrol(), settle())
    settled = events[-1]
    assert isinstance(settled, ClaimSettled)
    balances = ledger(events)
    assert balances[f"hospital:{REGIONAL.code}"] == settled.sheet.medfee_sumamt
    assert balances[f"clearing:{GUIGANG}"] == settled.sheet.fund_pay_sumamt == cleared(settled)
    assert balances["clearing:450100000000"] == -settled.sheet.fund_pay_sumamt


STEPS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from([AT_HOME, REGIONAL, IN_GUILIN, IN_YIBIN]),
        st.integers(1, 30_000_000).map(lambda cents: f"{Decimal(cents) / 100:.2f}"),
    ),
    max_size=10,
)


@given(STEPS)
def test_whatever_happens_the_books_balance_and_agree_with_the_sheets(
    steps: list[tuple[bool, object, str]],
) -> None:
    events = history(enrol(WORKER), credit(amount="2000.00"))
    for number, (is_reversal, hospital, amount) in enumerate(steps):
        holding = insured_after(events).years.get(2023, ())
        command: Command = settle(claim(f"N{number}", items=[item(amount)]), hospital)
        if is_reversal and holding:
            command = reverse(holding[-1].settlement, holding[-1].hospital)
        events += INSURED.decide(state_after(events), command)
        balances = ledger(events)
        insured = insured_after(events)
        holding = insured.years.get(2023, ())
        assert sum(balances.values()) == 0
        assert balances[f"personal_account:{WORKER}"] == insured.account
        for one in (AT_HOME, REGIONAL, IN_GUILIN, IN_YIBIN):
            due = sum((h.sheet.medfee_sumamt for h in holding if h.hospital == one.code), ZERO)
            assert balances[f"hospital:{one.code}"] == due
        assert balances[f"pooled_fund:{GUILIN}"] == -sum((h.sheet.hifp_pay for h in holding), ZERO)
        regions = [amount for account, amount in balances.items() if account.startswith("clearing:")]
        assert sum(regions, ZERO) == ZERO
        owed = [cleared(e) for e in events if isinstance(e, ClaimSettled | SettlementReversed)]
        assert balances[f"clearing:{GUILIN}"] == sum(owed, ZERO)
