"""对账: a hospital's list of a day against what is settled here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """One bill: total, what the funds pay, and what the person pays."""

    bill_number: str
    total: Decimal
    fund: Decimal
    person: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    bill_number: str
    theirs: Entry
    ours: Entry


@dataclass(frozen=True, slots=True)
class Reconciliation:
    agreed: int
    missing_here: tuple[Entry, ...]  # the hospital has them
    missing_there: tuple[Entry, ...]  # we have them
    differing: tuple[Difference, ...]


def reconcile(theirs: Iterable[Entry], ours: Iterable[Entry]) -> Reconciliation:
    """Bill numbers are each list's keys."""
    there, here = _by_number(theirs), _by_number(ours)
    both = [number for number in there if number in here]
    differing = [Difference(number, there[number], here[number]) for number in both if there[number] != here[number]]
    return Reconciliation(
        agreed=len(both) - len(differing),
        missing_here=tuple(entry for number, entry in there.items() if number not in here),
        missing_there=tuple(entry for number, entry in here.items() if number not in there),
        differing=tuple(differing),
    )


def _by_number(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    return {entry.bill_number: entry for entry in entries}
