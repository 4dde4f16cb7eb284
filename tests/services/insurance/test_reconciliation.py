"""A hospital's list against ours: what is missing on either side, and what differs."""

from decimal import Decimal

from services.insurance.domain.reconciliation import Difference, Entry, reconcile


def entry(number: str, fund: str = "60.00") -> Entry:
    return Entry(number, Decimal("100.00"), Decimal(fund), Decimal("100.00") - Decimal(fund))


def test_lists_that_agree_have_no_differences() -> None:
    found = reconcile([entry("1"), entry("2")], [entry("2"), entry("1")])
    assert (found.agreed, found.missing_here, found.missing_there, found.differing) == (2, (), (), ())


def test_every_difference_is_listed() -> None:
    found = reconcile([entry("1"), entry("2"), entry("3")], [entry("2", "61.00"), entry("3"), entry("4")])
    assert found.agreed == 1
    assert found.missing_here == (entry("1"),)
    assert found.missing_there == (entry("4"),)
    assert found.differing == (Difference("2", entry("2"), entry("2", "61.00")),)


def test_empty_lists_agree() -> None:
    assert reconcile([], []).agreed == 0
