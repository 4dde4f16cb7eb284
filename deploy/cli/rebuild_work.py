"""Builds read models anew, or compares them with a build from scratch, and shows how far it is."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import asyncpg
import typer
from rich.progress import ProgressColumn, Task
from rich.text import Text

from deploy.cli.bars import bar_of_events
from deploy.cli.terminal import answer, tell
from deploy.reach import Reached
from deploy.runner.errors import StackError
from shared.contracts.errors import TongbanError
from shared.contracts.registry import Registry
from shared.department import garbage
from shared.eventstore import building
from shared.eventstore.building import Build
from shared.eventstore.differences import Difference, differences
from shared.eventstore.pace import NICE, POLITE, Pace
from shared.eventstore.read_model import ReadModel
from shared.eventstore.rebuild import rebuild as build_and_swap

SHOWN = 20  # differences a table


def chosen(reached: Reached, name: str | None, *, is_all: bool) -> Sequence[ReadModel]:
    """StackError: there is no such read model."""
    if is_all == (name is not None):
        raise typer.BadParameter("name a read model, or say --all")
    models = {model.name: model for model in reached.read_models}
    if name is not None and name not in models:
        raise StackError(f"{reached.name} has no read model {name}; it has {', '.join(sorted(models))}")
    return [models[name]] if name else list(models.values())


async def work(
    reached: Reached, models: Sequence[ReadModel], rate: float | None, *, fresh: bool, check: bool
) -> list[Difference]:
    """The findings of a check, of all read models. StackError: the database gave up."""
    os.nice(NICE)
    garbage.search_seldom()
    pace = POLITE if rate is None else Pace(rate=rate)
    found: list[Difference] = []
    with _database_failures_told(reached.name):
        async with reached.opening() as registry:
            for model in models:
                if check:
                    found += await _check(reached, registry, model, pace, fresh=fresh)
                else:
                    await _rebuild(reached, registry, model, pace, fresh=fresh)
    return found


async def _rebuild(reached: Reached, registry: Registry, model: ReadModel, pace: Pace, *, fresh: bool) -> None:
    with _shown(model) as (begun, told):
        await build_and_swap(reached.database_url, model, registry, pace=pace, fresh=fresh, begun=begun, told=told)
    tell(f"{model.name} is rebuilt and serves")


async def _check(
    reached: Reached, registry: Registry, model: ReadModel, pace: Pace, *, fresh: bool
) -> list[Difference]:
    with _shown(model) as (begun, told):
        found = await differences(
            reached.database_url, model, registry, most=SHOWN, pace=pace, fresh=fresh, begun=begun, told=told
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
    with bar_of_events(_Speed()) as progress:
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
