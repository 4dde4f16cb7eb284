"""`make attack`: every kind of attack on a running stack, told as a table. Exit code 1 unless all came out well."""

import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from tests.doors import (
    addresses,
    commands_twice,
    contents,
    described,
    documents,
    forged_tokens,
    hostile_load,
    oracles,
    powers_matrix,
    slow_senders,
    spoilt,
    storage_bound,
    wires,
)
from tests.doors.things import find_things
from tests.doors.town import Town, opened
from tests.doors.tried import Tried

console = Console(highlight=False, stderr=True, width=None if sys.stderr.isatty() else 200)
SHOWN = 5  # complaints of a kind on the screen; all are in the file
MIB = 1024 * 1024
EXAMPLES = 8  # of an operation and a caller, described and not


@dataclass(frozen=True, slots=True)
class Attack:
    """`does` asks a town that has things in it."""

    name: str
    does: Callable[[Town], Iterator[Tried]]


def _all_described(town: Town) -> Iterator[Tried]:
    return described.described(town, EXAMPLES)


ATTACKS: Sequence[Attack] = (
    # who may do what
    Attack("powers as nobody", powers_matrix.strangers),
    Attack("powers of citizens", powers_matrix.citizens),
    Attack("powers of roles", powers_matrix.roles),
    Attack("matters of others", powers_matrix.anothers_matters),
    Attack("dismissed", powers_matrix.dismissed),
    Attack("forged tokens", forged_tokens.forged_tokens),
    Attack("refresh tokens again", commands_twice.refresh_again),
    Attack("keys again", commands_twice.keys_again),
    Attack("odd keys", commands_twice.odd_keys),
    Attack("oracles", oracles.oracles),
    Attack("a sprayer", oracles.sprayer),
    # doors
    Attack("smuggling", wires.smuggling),
    Attack("broken heads", wires.broken_heads),
    Attack("slow senders", slow_senders.slow_senders),
    Attack("roundabout addresses", addresses.roundabout_addresses),
    Attack("method tricks", addresses.method_tricks),
    Attack("other hosts", addresses.other_hosts),
    Attack("caching", addresses.caching),
    Attack("hostile parameters", addresses.hostile_queries),
    Attack("confused contents", contents.confused_contents),
    Attack("file names", contents.file_names),
    Attack("more fields", contents.more_fields),
    Attack("hostile bodies", spoilt.corpus),
    Attack("spoilt", spoilt.spoilt),
    Attack("hostile files", hostile_load.hostile_files),
    Attack("approvals beside hostile files", hostile_load.approvals_beside),
    Attack("validators", documents.validated),
    # last: it does what it may
    Attack("described operations", _all_described),
)


def main(
    only: Annotated[
        str | None, typer.Option(help="Attacks whose name holds one of these words, comma-separated.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Name the attacks and stop.")] = False,
) -> None:
    """Try every door of a running stack in every way this package knows."""
    words = [word.strip() for word in only.split(",")] if only else [""]
    chosen = [attack for attack in ATTACKS if any(word in attack.name for word in words)]
    if listed:
        sys.stdout.writelines(f"{attack.name}\n" for attack in chosen)
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    began = time.perf_counter()
    tried = asyncio.run(_attack(chosen))
    console.print(table(tried))
    console.print(bounds())
    wrong = [sentence for one in tried for sentence in one.wrong]
    console.print(
        f"{sum(one.count for one in tried)} requests, {len(wrong)} wrong answers, {time.perf_counter() - began:.0f} s"
    )
    if wrong or not tried:
        raise typer.Exit(1)


async def _attack(attacks: Sequence[Attack]) -> list[Tried]:
    """On one stack; its logs are kept if something went wrong."""
    directory = Path(tempfile.mkdtemp(prefix="tongban-doors-"))
    tried: list[Tried] = []
    async with opened(directory) as town:
        await asyncio.to_thread(find_things, town)
        for attack in attacks:
            if console.is_terminal:
                console.print(f"… {attack.name}", end="\r")
            began = time.perf_counter()
            for one in await asyncio.to_thread(_tried, attack, town):
                tried.append(one)
                console.print(in_a_line(one, time.perf_counter() - began), markup=False)
    if any(one.wrong for one in tried):
        report = directory / "wrong.txt"
        report.write_text("\n\n".join(sentence for one in tried for sentence in one.wrong), "utf-8")
        console.print(f"logs and all wrong answers are in {directory}", markup=False)
    else:
        shutil.rmtree(directory)
    return tried


def _tried(attack: Attack, town: Town) -> list[Tried]:
    """What cannot be tried to its end is wrong, and the others are tried all the same."""
    done: list[Tried] = []
    try:
        done.extend(attack.does(town))
    except Exception as error:  # noqa: BLE001 - whatever it was, it is told
        broken = Tried(attack.name, "broken off")
        broken.complain("".join(traceback.format_exception(error)[-3:]))
        done.append(broken)
    return done


def in_a_line(tried: Tried, seconds: float) -> str:
    answers = ", ".join(f"{status or 'closed'} {count}" for status, count in sorted(tried.answers.items()))
    lines = [f"{'wrong' if tried.wrong else 'good '} {tried.kind}: {tried.count} in {seconds:.1f} s: {answers}"]
    lines += [f"    {sentence}" for sentence in tried.wrong[:SHOWN]]
    if len(tried.wrong) > SHOWN:
        lines.append(f"    and {len(tried.wrong) - SHOWN} more")
    return "\n".join(lines)


def table(tried: Sequence[Tried]) -> Table:
    """A line a kind."""
    made = Table("kind", "what was tried", "requests", "answers", "wrong", title="What was tried, what was answered")
    for one in tried:
        answers = ", ".join(f"{count}×{status or 'closed'}" for status, count in sorted(one.answers.items()))
        made.add_row(one.kind, one.what, str(one.count), answers, str(len(one.wrong)) if one.wrong else "")
    return made


def bounds() -> Table:
    """What strangers and citizens can have stored at most; test_storage_bound.py compares it with a running stack."""
    made = Table("who", "department", "what", "MiB a day", "MiB that stay", title="Storage: upper bounds")
    for one in (*storage_bound.of_strangers(), *storage_bound.of_a_client(), *storage_bound.of_a_citizen()):
        stays = "" if one.stays is None else f"{one.stays / MIB:.1f}"
        made.add_row(one.who, one.department, one.what, f"{one.a_day / MIB:.1f}", stays)
    return made


if __name__ == "__main__":
    typer.run(main)
