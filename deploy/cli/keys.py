"""`tongban keys`: keys of neighbours that a department's feeds wait for, and giving up one that never comes.

It works on the department's database, whether the department runs or not; one that runs goes on within seconds.
"""

from collections.abc import Iterator
from typing import Annotated

import typer

from deploy import reach
from deploy.cli.listed import show_rows
from deploy.cli.terminal import FOUND, StackPath, failures_told, operator, run, tell
from deploy.reach import Reached
from shared.eventstore import missing_keys
from shared.eventstore.missing_keys import MissingKey

PAGE = 500  # rows

app = typer.Typer(name="keys", help="Keys of neighbours that do not come.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """Keys of neighbours that do not come."""


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    stack: StackPath = None,
    given_up: Annotated[bool, typer.Option("--given-up", help="Those too that were given up.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """What is waited for: key, provider, feed, and since when.

    Exit code 1 when anything is, when there is no stack, or when a department's database does not answer.
    """
    with failures_told():
        departments = reach.reach_all(stack, [department] if department else None)

    async def missing(reached: Reached) -> list[MissingKey]:
        async with reached.reading() as connection:
            found: list[MissingKey] = []
            after = ("", "")
            while page := await missing_keys.page(connection, after=after, with_given_up=given_up, limit=PAGE):
                found += page
                after = page[-1].provider, page[-1].id
            return found

    nothing = "no key is missing"
    found, is_partial = show_rows(departments, missing, _lines, as_json=as_json, count="keys", nothing=nothing)
    if is_partial or any(one.given_up_at is None for one in found):
        raise typer.Exit(FOUND)


@app.command("give-up")
def give_up(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT")],
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="As the list names it, such as local.identity.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with your name.")],
    stack: StackPath = None,
) -> None:
    """Wait for one no longer: what it seals reads as empty, and its feed goes on.

    Ask the provider first. Should it come after all, it opens again, and read models of its feed are built anew; what
    the department decided meanwhile stays. Put -- before an id that begins with a dash.
    """
    if len(reason.strip()) < 3:
        raise typer.BadParameter("say why, in a few words", param_hint="--reason")
    with failures_told():
        reached = reach.reach(stack, department)

    async def work() -> bool:
        async with reached.pool() as pool:
            return await missing_keys.give_up(pool, provider, key, operator(), reason)

    if not run(work()):
        tell(f"tongban: {reached.name} waits for no key {key} of {provider}")
        raise typer.Exit(FOUND)
    tell(f"{key} of {provider} given up; what it seals reads as empty")


def _lines(name: str, one: MissingKey) -> Iterator[str]:
    yield f"{name}: {one.id} of {one.provider}, for {one.feed}"
    yield f"  since {one.since:%Y-%m-%d %H:%M:%S}Z"
    if one.given_up_at is not None:
        came = f"; came {one.came_at:%Y-%m-%d %H:%M:%S}Z" if one.came_at else ""
        yield f"  given up by {one.given_up_by}: {one.reason}{came}"
