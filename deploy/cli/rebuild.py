"""`tongban rebuild`: build a read model anew beside the one that serves, and swap them."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import asyncpg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, console, failures_told, tell
from deploy.reach import Reached, reach
from deploy.runner.errors import StackError
from shared.contracts.errors import TongbanError
from shared.department import garbage
from shared.eventstore import building
from shared.eventstore.building import Build
from shared.eventstore.differences import Difference, differences
from shared.eventstore.pace import NICE, POLITE, Pace
from shared.eventstore.read_model import ReadModel
from shared.eventstore.rebuild import rebuild as build_and_swap

SHOWN = 20  # differences a table
INTERRUPTED = 130


def rebuild(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT")],
    model: Annotated[str | None, typer.Argument(metavar="MODEL")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    all_: Annotated[
        bool, typer.Option("--all", help="Every read model of the department, one after the other.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over, also where a build was left half done.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare with what serves. Exit code 1 when they differ.")
    ] = False,
    rate: Annotated[
        float | None,
        typer.Option(metavar="EVENTS", min=1, help="Events a second; without it, a quarter of the time."),
    ] = None,
) -> None:
    """Build a read model anew from the department's own database, while it serves or while it is stopped.

    Requests go on; readers and writers move to the new tables in one moment. Interrupted, the same command goes on
    where it was. Neither broker nor other departments are needed.
    """
    os.nice(NICE)
    with failures_told():
        reached = reach(data, department)
        chosen = _chosen(reached, model, is_all=all_)
        pace = POLITE if rate is None else Pace(rate=rate)
        garbage.search_seldom()
        try:
            with _database_failures_told(department):
                found = asyncio.run(_work(reached, chosen, pace, fresh=fresh, check=check))
        except KeyboardInterrupt:
            tell("stopped; the same command goes on from here")
            raise typer.Exit(INTERRUPTED) from None
    if found:
        raise typer.Exit(1)


def _chosen(reached: Reached, name: str | None, *, is_all: bool) -> Sequence[ReadModel]:
    if is_all == (name is not None):
        raise typer.BadParameter("name a read model, or say --all")
    models = {model.name: model for model in reached.read_models}
    if name is not None and name not in models:
        raise StackError(f"{reached.name} has no read model {name}; it has {', '.join(sorted(models))}")
    return [models[name]] if name else list(models.values())


async def _work(
    reached: Reached, models: Sequence[ReadModel], pace: Pace, *, fresh: bool, check: bool
) -> list[Difference]:
    """What a check found, of all."""
    found: list[Difference] = []
    for model in models:
        if check:
            found += await _check(reached, model, pace, fresh=fresh)
        else:
            await _rebuild(reached, model, pace, fresh=fresh)
    return found


async def _rebuild(reached: Reached, model: ReadModel, pace: Pace, *, fresh: bool) -> None:
    with _shown(model) as (begun, told):
        await build_and_swap(
            reached.database_url, model, reached.registry, pace=pace, fresh=fresh, begun=begun, told=told
        )
    tell(f"{model.name} is rebuilt and serves")


async def _check(reached: Reached, model: ReadModel, pace: Pace, *, fresh: bool) -> list[Difference]:
    with _shown(model) as (begun, told):
        found = await differences(
            reached.database_url, model, reached.registry, most=SHOWN, pace=pace, fresh=fresh, begun=begun, told=told
        )
    for difference in found:
        answer(str(difference))
    tell(f"{model.name} differs from a build from scratch" if found else f"{model.name} is as a build from scratch")
    return found


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f} events/s")


@contextmanager
def _shown(model: ReadModel) -> Iterator[tuple[building.Begun, building.Told]]:
    """A bar while it runs, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Speed(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(model.name, total=None)

        def begun(build: Build) -> None:
            if build.is_resumed:
                tell(f"{model.name}: going on with a build that was left half done (--fresh starts over)")

        def told(now: building.Progress) -> None:
            progress.update(bar, completed=now.done, total=now.total)

        yield begun, told


@contextmanager
def _database_failures_told(department: str) -> Iterator[None]:
    try:
        yield
    except TongbanError as error:
        raise StackError(str(error)) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StackError(f"the database of {department} gave up ({type(error).__name__}): try again") from error
