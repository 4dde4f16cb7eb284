"""One fault's outcome: the fault under load, the verdict afterwards, a row of the table."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from tests.faults.commands import Record
from tests.faults.fault import Fault
from tests.faults.load import Crew, at_work
from tests.faults.town import Scene
from tests.faults.verdict import Verdict, judge

BEFORE = 1.0  # seconds of load
AFTER = 1.0
LOG_LINES = 25


@dataclass
class Outcome:
    fault: str
    note: str = ""  # what the fault told of itself
    impossible: str = ""  # why it could not be had here
    seconds: float = 0.0  # of load
    sent: int = 0
    accepted: int = 0
    repeated: int = 0  # answers and errors beyond one a command
    unanswered: int = 0
    verdict: Verdict | None = None

    @property
    def is_good(self) -> bool:
        return bool(self.impossible) or (self.verdict is not None and self.verdict.is_good)

    def told(self) -> str:
        """In a sentence, what is not as it should be."""
        if self.verdict is None:
            return self.impossible
        counted = {
            "lost": self.verdict.lost,
            "doubled": self.verdict.doubled,
            "skipped": self.verdict.skipped,
            "untold": self.verdict.untold,
        }
        found = [f"{number} {what}" for what, number in counted.items() if number]
        return "; ".join([*found, *self.verdict.troubles, *self.verdict.differences, *self.verdict.rebuilt])


async def strike(fault: Fault, scene: Scene, crew: Crew, *, rebuilds: bool = True) -> Outcome:
    """Put people to work, let the fault strike, let them finish, judge. Raises NotHere."""
    began = time.monotonic()
    failed = ""
    scene.losses = None
    note = ""
    async with at_work(scene.town, scene.stack.addresses, scene.rng, crew) as (client, record):
        await asyncio.sleep(BEFORE)
        try:
            note = await fault.strike(scene, client)
        except AssertionError as error:
            failed = str(error)
        await asyncio.sleep(AFTER)
    seconds = time.monotonic() - began
    verdict = await judge(
        scene.departments,
        scene.catalogue,
        scene.stack.addresses,
        record,
        fault.patience,
        scene.losses,
        rebuilds=rebuilds,
    )
    if failed:
        verdict.troubles.insert(0, failed)
    return Outcome(
        fault=fault.name,
        note=note,
        seconds=seconds,
        sent=len(record.commands),
        accepted=len(record.accepted),
        repeated=_repeated(record),
        unanswered=record.unanswered,
        verdict=verdict,
    )


def _repeated(record: Record) -> int:
    return record.statuses.total() + record.unanswered - len(record.commands)


def table(outcomes: list[Outcome]) -> Table:
    shown = Table("fault", box=None)
    for column in ("load s", "sent", "accepted", "repeated", "lost", "doubled", "skipped", "caught up s"):
        shown.add_column(column, justify="right")
    shown.add_column("same everywhere")
    shown.add_column("as rebuilt")
    shown.add_column("", overflow="fold")
    for one in outcomes:
        shown.add_row(one.fault, *_cells(one), one.told() or one.note, style=None if one.is_good else "red")
    return shown


def in_a_line(one: Outcome) -> str:
    """For a log."""
    if one.verdict is None:
        return f"{one.fault}: cannot be had here, {one.impossible}"
    caught_up = "never" if one.verdict.caught_up_in is None else f"after {one.verdict.caught_up_in:.1f} s"
    return (
        f"{one.fault}: {one.sent} sent and {one.accepted} accepted in {one.seconds:.0f} s, {one.verdict.lost} lost, "
        f"{one.verdict.doubled} doubled, {one.verdict.skipped} skipped, the same everywhere {caught_up}; "
        f"{one.told() or one.note}"
    )


def _cells(one: Outcome) -> list[str]:
    if one.verdict is None:
        return ["not here", *[""] * 9]
    caught_up = one.verdict.caught_up_in
    return [
        f"{one.seconds:.0f}",
        *(f"{number:,}" for number in (one.sent, one.accepted, one.repeated)),
        *(f"{number:,}" for number in (one.verdict.lost, one.verdict.doubled, one.verdict.skipped)),
        "never" if caught_up is None else f"{caught_up:.1f}",
        "no" if one.verdict.differences else "yes",
        "no" if one.verdict.rebuilt else "yes",
    ]


def log_tails(directory: Path) -> str:
    """The last lines of every log of a stack."""
    return "\n".join(
        f"--- {log.relative_to(directory)}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
        for log in sorted(directory.glob("*/*.log"))
    )
