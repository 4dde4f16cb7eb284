"""Bars that show how far long work is, on standard error and on a terminal only."""

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from deploy.cli.terminal import console


def bar_of_lines() -> Progress:
    """For a file's lines: how long it took so far."""
    return _bar(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def bar_of_events(*speed: ProgressColumn) -> Progress:
    """For what is as long as history: how long it will take. It goes when all is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *speed, TimeRemainingColumn())
    return _bar(*columns, is_transient=True)


def _bar(*columns: ProgressColumn, is_transient: bool = False) -> Progress:
    return Progress(*columns, console=console(), transient=is_transient, disable=not console().is_terminal)
