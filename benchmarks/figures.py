"""What is measured, in turns: ours, limit, peer, ours, limit, peer … so that a noisy machine is fair to all."""

import math
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Role = Literal["ours", "limit", "peer"]


@dataclass(frozen=True)
class Options:
    """How long and how often."""

    seconds: float = 1.5  # of one measurement
    rounds: int = 3
    seed: int = 20231224
    events: int = 50_000  # stored beforehand, for the rows whose cost may depend on it
    plot: Path | None = None  # where the row that draws one leaves it


@dataclass(frozen=True)
class Figure:
    """One measurement. `rate` is per second; latencies are milliseconds, None where one has no meaning."""

    rate: float | None = None
    p50: float | None = None
    p99: float | None = None


@dataclass(frozen=True)
class Contender:
    name: str
    role: Role
    measure: Callable[[], Awaitable[Figure]]


@dataclass(frozen=True)
class Aim:
    """`bound` is what `value` should reach (at_least) or not exceed."""

    text: str
    value: float
    bound: float
    at_least: bool = True

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass(frozen=True)
class Line:
    """A contender's rounds within a case."""

    name: str
    role: Role
    figures: tuple[Figure, ...]

    @property
    def rate(self) -> float | None:
        return _median([f.rate for f in self.figures if f.rate is not None])

    @property
    def p50(self) -> float | None:
        return _median([f.p50 for f in self.figures if f.p50 is not None])

    @property
    def p99(self) -> float | None:
        return _median([f.p99 for f in self.figures if f.p99 is not None])


@dataclass(frozen=True)
class Case:
    """Contenders measured in the same rounds."""

    row: str
    name: str
    unit: str
    lines: tuple[Line, ...]
    aims: tuple[Aim, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        lines = [
            {**asdict(line), "median": {"rate": line.rate, "p50": line.p50, "p99": line.p99}} for line in self.lines
        ]
        aims = [{**asdict(aim), "is_met": aim.is_met} for aim in self.aims]
        return {**asdict(self), "lines": lines, "aims": aims}


async def in_turns(contenders: Sequence[Contender], rounds: int) -> tuple[Line, ...]:
    figures: dict[str, list[Figure]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            figures[contender.name].append(await contender.measure())
    return tuple(Line(c.name, c.role, tuple(figures[c.name])) for c in contenders)


def ratio(lines: Sequence[Line], other: str) -> float:
    """Ours to another's rate: the median over the rounds, each compared within itself."""
    ours = next(line for line in lines if line.role == "ours")
    theirs = next(line for line in lines if line.name == other)
    pairs = zip(ours.figures, theirs.figures, strict=True)
    return statistics.median((a.rate or 0.0) / b.rate for a, b in pairs if b.rate)


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p99 in milliseconds (nearest rank)."""
    ordered = sorted(seconds)
    median, late = (ordered[math.ceil(len(ordered) * part) - 1] * 1e3 for part in (0.5, 0.99))
    return median, late


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def median_rate(lines: Sequence[Line]) -> float:
    """Ours, per second."""
    return next(line for line in lines if line.role == "ours").rate or 0.0
