"""`tongban parked`: events that could not be handled and wait, and what an operator does about them.

It works on the department's database, whether the department runs or not; one that runs notices at once.
"""

import json
from collections.abc import Iterator
from typing import Annotated

import typer

from deploy import reach
from deploy.cli.listed import show_rows
from deploy.cli.terminal import FOUND, StackPath, answer, failures_told, operator, run, tell
from deploy.reach import Reached
from shared.messaging import parked_list
from shared.messaging.parked_list import Parked

PAGE = 500  # rows

app = typer.Typer(
    name="parked", help="Events that could not be handled and wait.", no_args_is_help=True, rich_markup_mode=None
)

Department = Annotated[str, typer.Argument(metavar="DEPARTMENT")]
Feed = Annotated[str, typer.Argument(metavar="FEED", help="Its full name, such as identity.people.")]
Sequence = Annotated[int, typer.Argument(min=1)]


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    stack: StackPath = None,
    dropped: Annotated[bool, typer.Option("--dropped", help="Those too that were given up.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """What waits, by department and feed.

    Exit code 1 when anything does, when there is no stack, or when a department's database does not answer.
    """
    with failures_told():
        departments = reach.reach_all(stack, [department] if department else None)

    async def waiting(reached: Reached) -> list[Parked]:
        async with reached.reading() as connection:
            found: list[Parked] = []
            after = ("", 0)
            while page := await parked_list.page(connection, after=after, with_dropped=dropped, limit=PAGE):
                found += page
                after = page[-1].feed, page[-1].sequence
            return found

    found, is_partial = show_rows(
        departments, waiting, _lines, as_json=as_json, count="events", nothing="nothing is parked"
    )
    if is_partial or any(one.dropped_at is None for one in found):
        raise typer.Exit(FOUND)


@app.command()
def show(department: Department, feed: Feed, sequence: Sequence, stack: StackPath = None) -> None:
    """One of them with its envelope, as JSON. Personal fields, and fields nobody knows, are shown as "…"."""

    from deploy.cli import parked_work

    with failures_told():
        reached = reach.reach(stack, department)
    answer(json.dumps(run(parked_work.shown(reached, feed, sequence)), indent=1, default=str, ensure_ascii=False))


@app.command()
def retry(
    department: Department,
    stack: StackPath = None,
    feed: Annotated[str | None, typer.Option(help="Of this feed only.")] = None,
    stream: Annotated[str | None, typer.Option(help="Of this stream only.")] = None,
) -> None:
    """Try again, each stream in its order. Exit code 1 when some are still parked."""

    from deploy.cli import parked_work

    with failures_told():
        reached = reach.reach(stack, department)
    retried = run(parked_work.retried(reached, feed, stream))
    tell(f"{retried.applied} applied, {retried.still_parked} still parked")
    if retried.still_parked:
        raise typer.Exit(FOUND)


@app.command()
def drop(
    department: Department,
    feed: Feed,
    sequence: Sequence,
    reason: Annotated[str, typer.Option(help="Why; it is kept with your name.")],
    stack: StackPath = None,
) -> None:
    """Give one up: it is never applied. What waits behind it goes on with the next `retry`."""

    from deploy.cli import parked_work

    if len(reason.strip()) < 3:
        raise typer.BadParameter("say why, in a few words", param_hint="--reason")
    with failures_told():
        reached = reach.reach(stack, department)
    run(parked_work.dropped(reached, feed, sequence, operator(), reason))
    tell(f"{feed} {sequence} dropped; `tongban parked retry {department} --feed {feed}` lets the others go on")


def _lines(name: str, one: Parked) -> Iterator[str]:
    """Three lines an event; a table of these columns would fit no terminal."""
    what = f"dropped by {one.dropped_by}: {one.reason}" if one.dropped_at else one.error or "waits behind another"
    yield f"{name}: {one.feed} {one.sequence}  {one.type}"
    yield f"  {one.stream}  since {one.parked_at:%Y-%m-%d %H:%M:%S}Z, tried {one.attempts} times"
    yield f"  {what}"
