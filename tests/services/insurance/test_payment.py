"""A payment: ordered, then settled or rejected; whatever the bank says, however often, it is paid once."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.insurance.domain.events import (
    PaymentAccepted,
    PaymentBooked,
    PaymentOrdered,
    PaymentRejected,
    PaymentSettled,
    Side,
)
from services.insurance.domain.payment import (
    PAYMENT,
    Accepted,
    Awaiting,
    Command,
    NoteOutcome,
    Outcome,
    Paid,
    Pay,
    Rejected,
    Settled,
    State,
    TurnedDown,
    bank_order_of,
)
from services.insurance.domain.postings import postings_of
from shared.contracts.event import Event
from tests.services.insurance.banks import CLOSED
from tests.services.insurance.examples import GUIGANG, GUILIN, NOW

ORDER = UUID(int=7)
PAY = Pay(
    order=ORDER,
    attempt=1,
    kind="clearing",
    payer=Side(account=f"clearing:{GUIGANG}", region=GUIGANG),
    payee=GUILIN,
    payee_account=f"region:{GUILIN}",
    receiver=Side(account=f"clearing:{GUILIN}", region=GUILIN),
    amount=Decimal("120.00"),
    purpose="异地就医清算2023-07",
    now=NOW,
)


def after(events: list[Event]) -> State:
    return reduce(PAYMENT.evolve, events, PAYMENT.initial)


def history(*commands: Command) -> list[Event]:
    events: list[Event] = []
    for command in commands:
        events += PAYMENT.decide(after(events), command)
    return events


def say(outcome: Outcome, attempt: int = 1) -> NoteOutcome:
    return NoteOutcome(attempt, outcome, NOW)


def test_an_order_is_accepted_then_settled_each_told_once() -> None:
    accepted, settled = say(Accepted("B1")), say(Settled("R1"))
    events = history(PAY, PAY, accepted, accepted, settled, settled, accepted, PAY)
    assert [type(event) for event in events] == [PaymentOrdered, PaymentAccepted, PaymentSettled]
    assert after(events) == Paid("R1", 1)


def test_what_was_rejected_is_ordered_anew_only_as_a_further_attempt() -> None:
    rejected = history(PAY, say(CLOSED))
    assert after(rejected) == TurnedDown(1, CLOSED.code, CLOSED.reason)
    assert PAYMENT.decide(after(rejected), PAY) == []
    [again] = PAYMENT.decide(after(rejected), replace(PAY, attempt=2, payee_account="region:other"))
    assert isinstance(again, PaymentOrdered)
    assert (again.attempt, again.payee_account) == (2, "region:other")
    first = rejected[0]
    assert isinstance(first, PaymentOrdered)
    assert bank_order_of(first) == ORDER != bank_order_of(again)


def test_what_the_bank_says_of_an_attempt_that_is_over_changes_nothing() -> None:
    events = history(PAY, say(CLOSED), replace(PAY, attempt=2))
    assert PAYMENT.decide(after(events), say(Settled("late"), attempt=1)) == []
    assert isinstance(after(events), Awaiting)


def test_what_the_ledger_booked_in_earlier_days_stays_paid() -> None:
    booked = PaymentBooked(
        order=ORDER,
        debit=f"maternity_benefits:{GUILIN}",
        credit=f"bank:{GUILIN}",
        region=GUILIN,
        amount=Decimal("1.00"),
        booked_at=NOW,
    )
    assert PAYMENT.decide(after([booked]), PAY) == []
    assert after([booked]) == Paid(f"ledger-{ORDER}")


OUTCOMES: st.SearchStrategy[Outcome] = st.sampled_from([Accepted("B1"), Settled("R1"), CLOSED, Rejected("x", "y")])
SAID = st.lists(
    st.one_of(
        st.builds(lambda attempt: replace(PAY, attempt=attempt), st.integers(1, 4)),
        st.builds(lambda outcome, attempt: say(outcome, attempt), OUTCOMES, st.integers(1, 4)),
    ),
    max_size=14,
)


@given(SAID, st.booleans())
def test_whatever_is_said_in_whatever_order_the_ledger_is_right_throughout(commands: list[Command], both: bool) -> None:
    """Ordered: on its way; settled: moved, once; rejected: as if it had never been ordered."""
    sides = [Side(account=f"maternity_benefits:{GUIGANG}", region=GUIGANG), None]
    payer, receiver = (PAY.payer, PAY.receiver) if both else sides
    assert payer is not None
    events: list[Event] = []
    balances: Counter[str] = Counter()
    for command in commands:
        if isinstance(command, Pay):
            command = replace(command, payer=payer, receiver=receiver)
        new = PAYMENT.decide(after(events), command)
        events += new
        for event in new:
            for posting in postings_of(event):
                balances[posting.debit] -= posting.amount  # type: ignore[assignment]
                balances[posting.credit] += posting.amount  # type: ignore[assignment]
        assert sum(balances.values()) == 0
        state = after(events)
        ordered, paid = isinstance(state, Awaiting), isinstance(state, Paid)
        amount = Decimal("120.00")
        assert balances[payer.account] == (-amount if ordered or paid else 0)
        assert balances[f"in_transit:{GUIGANG}"] == (amount if ordered else 0)
        assert balances[f"bank:{GUIGANG}"] == (amount if paid else 0)
        if receiver:
            assert balances[receiver.account] == (amount if ordered or paid else 0)
            assert balances[f"bank:{GUILIN}"] == (-amount if paid else 0)
    assert sum(isinstance(event, PaymentSettled) for event in events) <= 1
    assert all(isinstance(e, PaymentOrdered | PaymentAccepted | PaymentSettled | PaymentRejected) for e in events)
