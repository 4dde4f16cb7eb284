"""For a file or a pipe: lines as things happen, no control codes."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self, TextIO

from deploy.demo.expectations import Unmet
from deploy.demo.teller import Row, Told
from deploy.demo.wording import Spoken
from shared.standards.text import Text


class PlainTeller:
    """Writes to `out`, and flushes after each step."""

    def __init__(self, spoken: Spoken, out: TextIO) -> None:
        self._spoken = spoken
        self._out = out
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._out.flush()

    def chapter(self, title: Text) -> None:
        self._write(f"\n== {self._spoken.line(title)}")

    def told(self, told: Told) -> None:
        self._number += 1
        first, *others = self._spoken.lines(told.sentence)
        self._write(f"{self._number:2} {self._spoken.line(told.who)}: {first}", *others, told.request, *told.journeys)

    def note(self, sentence: str) -> None:
        self._write(f"   . {sentence}")

    def broken(self, unmet: Unmet, log_tail: str) -> None:
        self._write("", *broken_lines(self._spoken, unmet), f"{unmet.department}.log:", *log_tail.splitlines())

    def summary(self, title: Text, rows: Sequence[Row]) -> None:
        self._write(f"\n== {self._spoken.line(title)}")
        for row in rows:
            label, value = self._spoken.line(row.label), self._spoken.lines(row.value)
            self._write(f"{label}: {value[0]}", *value[1:])

    def _write(self, first: str, *others: str) -> None:
        self._out.write("\n".join([first, *(f"   {line}" for line in others if line)]) + "\n")
        self._out.flush()


def broken_lines(spoken: Spoken, unmet: Unmet) -> list[str]:
    """What was expected, and what came."""
    said = [
        spoken.line(Text("故事没有按预期进行：", "The story did not hold: ")) + spoken.line(unmet.what),
        spoken.line(Text("预期", "expected")) + f": {unmet.expected}",
        spoken.line(Text("实际", "came")) + f": {unmet.came}",
    ]
    return "\n".join(said).splitlines()
