"""The `list` of a command: rows of several departments' databases, for people or for programs."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from deploy.cli.each import each
from deploy.cli.terminal import answer, run, tell
from deploy.reach import Reached

T = TypeVar("T")


def show_rows(
    departments: Sequence[Reached],
    question: Callable[[Reached], Awaitable[Sequence[T]]],
    lines: Callable[[str, T], Iterable[str]],
    *,
    as_json: bool,
    name_as: str = "department",
    count: str | None = None,
    nothing: str = "",
) -> tuple[list[T], bool]:
    """Prints each row, a JSON object or `lines` of it. Returns the rows, and whether a department did not answer.

    `count`: what so many of them are called, said at the end; `nothing`: the same of none.
    """
    heard = run(each(departments, question))
    found = [(name, one) for name, rows in heard.answers.items() for one in rows]
    for name, one in found:
        if as_json:
            row: Any = one
            answer(json.dumps({name_as: name, **asdict(row)}, default=str, ensure_ascii=False))
        else:
            for line in lines(name, one):
                answer(line)
    if count and not as_json and heard.answers:
        tell(f"{len(found)} {count}" if found else nothing)
    return [one for _, one in found], heard.tell_failures()
