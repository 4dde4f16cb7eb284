"""The benchmarks run and reckon rightly. How fast things are is theirs to tell, not a test's."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import measure
from benchmarks.figures import Aim, Figure, Line, Options, percentiles, ratio


async def test_a_row_is_measured_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    await measure(["relay"], Options(seconds=0.01, rounds=2), file)
    told = json.loads(file.read_text("utf-8"))
    assert told["machine"]["fdatasync_us"] > 0
    (case,) = told["cases"]
    assert [(line["role"], len(line["figures"])) for line in case["lines"]] == [("ours", 2), ("limit", 2), ("peer", 2)]
    assert all(line["median"]["rate"] > 0 for line in case["lines"])
    assert "times publish_async" in capsys.readouterr().out


def line(role: str, *rates: float) -> Line:
    return Line(role, role, tuple(Figure(rate) for rate in rates))  # type: ignore[arg-type]


def test_a_ratio_is_the_median_of_rounds_compared_each_within_itself() -> None:
    slow_round_between = [line("ours", 20, 2, 30), line("peer", 10, 1, 10)]
    assert ratio(slow_round_between, "peer") == 2


def test_percentiles_are_nearest_ranks_in_milliseconds() -> None:
    assert percentiles([second / 1000 for second in range(1, 101)]) == (50, 99)


@pytest.mark.parametrize(("value", "at_least", "met"), [(2, True, True), (1, True, False), (1, False, True)])
def test_an_aim_is_a_floor_or_a_ceiling(value: float, at_least: bool, met: bool) -> None:
    assert Aim("", value, 1.5, at_least).is_met is met
