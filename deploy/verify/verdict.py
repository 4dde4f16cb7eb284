"""What is found out about one department, and how it is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deploy.verify.examination import ITSELF, Examination
from deploy.verify.record import Entry, stranger
from deploy.verify.testimony import Testimony
from shared.eventstore.database import Connection
from shared.eventstore.ledger_keys import LedgerKeys

Progress = Callable[[int, int], None]
"""Told now and then: events done, events in all."""


@dataclass(frozen=True, slots=True)
class Altered:
    """The first event that is not what it was."""

    position: int
    stream: str | None
    version: int | None
    type: str | None
    what: str
    proved_by: tuple[str, ...]  # witnesses; ITSELF: what the log says of it does not fit it

    def __str__(self) -> str:
        event = (
            f"{self.stream} version {self.version}, {self.type or 'type unknown'}" if self.stream else "unknown event"
        )
        return f"position {self.position} ({event}): {self.what}; proved by {', '.join(self.proved_by)}"


@dataclass(frozen=True, slots=True)
class WitnessVerdict:
    name: str
    size: int  # events it answers for
    trouble: str | None  # why it could not be heard or relied on
    alarms: tuple[str, ...]  # those that stand
    closed_eras: tuple[str, ...]  # in words; what was alarming then has been looked into there
    key: str | None  # what it verifies the department's heads with
    statements: tuple[str, ...] = ()  # about keys, as it was told


@dataclass(frozen=True, slots=True)
class Verdict:
    department: str
    events: int
    altered: Altered | None
    witnesses: tuple[WitnessVerdict, ...]
    other_findings: list[str] = field(default_factory=list)

    @property
    def is_altered(self) -> bool:
        return bool(self.altered or self.other_findings)

    @property
    def is_bad(self) -> bool:
        """Something was altered, or an alarm stands."""
        return self.is_altered or any(one.alarms for one in self.witnesses)

    @property
    def is_whole(self) -> bool:
        """Every witness could be heard."""
        return not any(one.trouble for one in self.witnesses)


async def verify(
    department: str, connection: Connection, testimonies: Sequence[Testimony], progress: Progress
) -> Verdict:
    """One pass over the department's history; memory does not grow with it. Raises database errors."""
    for testimony in testimonies:  # before looking: what is witnessed now must be there then
        await testimony.ask()
    examination = Examination(testimonies)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await examination.of(connection, progress)
        beside = await stranger(connection)
    verdict = Verdict(
        department, examination.events, _first_altered(examination), tuple(_told(one) for one in testimonies)
    )
    if beside:
        verdict.other_findings.append(f"{beside}: stored, but not in the log")
    if examination.differing_node and verdict.altered is None:
        level, index = examination.differing_node
        first = index << level
        verdict.other_findings.append(
            f"one of the events {first + 1} to {first + (1 << level)} was altered together with its leaf: "
            "they do not come to the node that was kept when they were numbered"
        )
    if not _are_of_one_ledger(verdict.witnesses):
        verdict.other_findings.append(
            "its neighbours hold different keys of it: it has shown them different ledgers,"
            " or its new key is not settled with all of them"
        )
    return verdict


def _are_of_one_ledger(witnesses: Sequence[WitnessVerdict]) -> bool:
    """Whether all their keys follow one another: one that was away may still hold an earlier one."""
    keys = [one.key for one in witnesses if one.key]
    statements = [told for one in witnesses for told in one.statements]
    return not keys or set(keys) <= set(LedgerKeys.around(keys[0], keys[0].partition("+")[0], statements).keys)


def _first_altered(examination: Examination) -> Altered | None:
    found = examination.differences
    if not found:
        return None
    position = min(found[name].position for name in found)
    proving = tuple(name for name in found if found[name].position == position)
    # a witness tells more than the log, which may have been rewritten along with the event
    teller = next((name for name in proving if name != ITSELF), ITSELF)
    entry = found[teller].entry or Entry(position)
    return Altered(position, entry.stream, entry.version, entry.type, found[teller].what, proving)


def _told(testimony: Testimony) -> WitnessVerdict:
    held = testimony.held
    if held is None:
        return WitnessVerdict(testimony.witness, testimony.size, testimony.trouble, (), (), None)
    return WitnessVerdict(
        testimony.witness,
        testimony.size,
        testimony.trouble,
        alarms=tuple(f"{one.kind} at {one.raised_at:%Y-%m-%d %H:%M}" for one in held.alarms),
        closed_eras=tuple(f"era {one.era} on {one.closed_at:%Y-%m-%d %H:%M}: {one.reason}" for one in held.closed_eras),
        key=held.key,
        statements=tuple(held.statements),
    )
