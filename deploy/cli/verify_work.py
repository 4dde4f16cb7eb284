"""Verifies departments one after the other, and shows what came of it."""

from rich.console import Console
from rich.table import Table

from deploy import health
from deploy.cli.bars import bar_of_events
from deploy.cli.each import Heard, each
from deploy.known_stack import KnownStack
from deploy.reach import Reached, reached_of
from deploy.verify.testimony import Testimony
from deploy.verify.verdict import Verdict
from deploy.verify.verdict import verify as verify_department

ALTERED, NOT_WHOLE = 1, 3  # exit codes


def show(verdicts: list[Verdict], output: Console) -> int:
    """The table and what is to be said beside it. Returns the exit code."""
    output.print(_table(verdicts))
    for line in _remarks(verdicts):
        output.print(line, markup=False, soft_wrap=True)
    if any(one.is_bad for one in verdicts):
        return ALTERED
    return 0 if all(one.is_whole for one in verdicts) else NOT_WHOLE


async def verify_all(stack: KnownStack, names: list[str] | None) -> Heard[Verdict]:
    """StackError: there is no such department, or no database is known."""
    with bar_of_events() as bar:

        async def verified(reached: Reached) -> Verdict:
            task = bar.add_task(reached.name, total=None)
            async with health.client() as http, reached.pool() as pool, pool.acquire() as connection:
                testimonies = [
                    Testimony(http, one.name, one.http, str(reached.registry.member))
                    for one in stack.departments.values()
                    if one.name != reached.name
                ]
                return await verify_department(
                    reached.name,
                    connection,
                    testimonies,
                    lambda done, total: bar.update(task, completed=done, total=total),
                )

        return await each(reached_of(stack, names), verified)


def _table(verdicts: list[Verdict]) -> Table:
    table = Table("department", "events", "verdict", "witnessed by", box=None)
    for one in verdicts:
        verdict = "ALTERED" if one.is_altered else "ALARM" if one.is_bad else "intact"
        witnesses = ", ".join(f"{witness.name} {witness.size}" for witness in one.witnesses if witness.size)
        table.add_row(one.department, str(one.events), verdict, witnesses or "nobody yet")
    return table


def _remarks(verdicts: list[Verdict]) -> list[str]:
    lines = []
    for one in verdicts:
        if one.altered:
            lines.append(f"{one.department}: first altered event: {one.altered}")
        lines += [f"{one.department}: {finding}" for finding in one.other_findings]
        for witness in one.witnesses:
            lines += [f"{one.department}: ALARM raised by {witness.name}: {alarm}" for alarm in witness.alarms]
            lines += [f"{one.department}: {witness.name} closed {era}" for era in witness.closed_eras]
            if witness.trouble:
                lines.append(f"{one.department}: witness {witness.name} {witness.trouble}")
        if not any(witness.size for witness in one.witnesses):
            lines.append(
                f"{one.department}: no witness holds anything of it: "
                "a rewriting that also rewrote the ledger would not show"
            )
    return lines
