"""`tongban settle`: sheets on standard output, what is wrong on standard error."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli.main import app
from tests.services.insurance.bills import EXAMPLES, YEAR

BILLS = json.loads(EXAMPLES.read_text("utf-8"))
UNFILED = BILLS[2]


def settle(*arguments: str | Path, given: object = None) -> Result:
    text = None if given is None else json.dumps(given)
    return CliRunner().invoke(app, ["settle", *map(str, arguments)], input=text)


def of_guangxi(*arguments: str, day: str = "2023-06-28") -> Any:
    result = settle("--policy", "guangxi", "--date", day, *arguments, "-", given=UNFILED)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_list_gives_a_list() -> None:
    result = settle(EXAMPLES)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == [bill["expect"] for bill in BILLS]


def test_one_bill_gives_one_sheet() -> None:
    assert json.loads(settle("-", given=UNFILED).stdout) == UNFILED["expect"]


def test_no_bills_give_no_sheets() -> None:
    assert json.loads(settle("-", given=[]).stdout) == []


def test_a_year_carries_what_it_used() -> None:
    result = settle("--year", YEAR)
    assert json.loads(result.stdout) == [stay["expect"] for stay in json.loads(YEAR.read_text("utf-8"))]


def test_one_wrong_bill_and_nothing_is_printed() -> None:
    wrong = UNFILED | {"items": [{"amt": "-1.00"}]}
    result = settle("-", given=[UNFILED, wrong])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "tongban: bill 2 (S04a), items.0.amt: An amount cannot be negative.\n"


def test_what_is_no_part_of_a_bill_is_told() -> None:
    result = settle("-", given=UNFILED | {"acct_balnce": "5"})
    assert result.exit_code == 0
    assert result.stderr == "tongban: bill 1 (S04a), acct_balnce is no part of a bill and was left out\n"


@pytest.mark.parametrize(("content", "told"), [(b"\xff", "not UTF-8"), (b"{", "not valid JSON")])
def test_an_unreadable_file_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "bill.json").write_bytes(content)
    result = settle(tmp_path / "bill.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    result = settle(tmp_path / "none.json")
    assert result.exit_code == 1
    assert "cannot be read: No such file" in result.stderr


@pytest.mark.parametrize(("day", "expected"), [("2023-06-30", BILLS[2]), ("2023-07-01", BILLS[3])])
def test_the_day_of_discharge_decides_the_policy(day: str, expected: dict[str, Any]) -> None:
    assert of_guangxi("--level", "level3_region", "--place", "region", day=day) == expected["expect"]


def test_without_a_level_the_one_that_pays_least_is_taken_and_told() -> None:
    result = settle("--policy", "guangxi", "--date", "2023-07-15", "-", given=UNFILED)
    assert json.loads(result.stdout)["effective_ratio"] == "0.55"
    assert "level3_region" in result.stderr


def test_filing_and_class_count() -> None:
    sheet = of_guangxi("--place", "across", "--filing", "emergency", "--class", "poor_2", "--level", "level3_city")
    assert sheet["effective_ratio"] == "0.50"
    assert sheet["maf_pay"] != "0.00"


def test_two_days_are_compared_line_by_line() -> None:
    found = of_guangxi("--level", "level3_region", "--place", "region", "--compare-date", "2023-07-01")
    pool = next(line for line in found["lines"] if line["field"] == "hifp_pay")
    assert (pool["one"], pool["other"], pool["difference"]) == ("11173.33", "15363.33", "4190.00")
    assert found["saves"] == "4190.00"
    assert found["told"]["en"] == "Discharge on 2023-07-01 saves you 4,190.00 yuan."


def test_two_filings_are_compared() -> None:
    found = of_guangxi("--level", "level3_region", "--place", "region", "--compare-filing", "filed")
    assert found["told"]["zh"] == "已备案为您节省4,190.00元。"


def test_a_sheet_is_explained_with_the_rules_it_rests_on() -> None:
    found = of_guangxi("--level", "level3_region", "--place", "region", "--explain")
    assert found["sheet"] == UNFILED["expect"]
    assert found["acc_after"]["stays"] == "1"
    penalty = next(line for line in found["lines"] if line["field"] == "penalty_share")
    assert penalty["rules"][1] == "guangxi-residents-2023-01/away.in_region_unfiled"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ["--policy", "guangxi", "--date", "2019-06-28"],
            1,
            "--date: Guangxi residents' medical insurance has no rules",
        ),
        (["--policy", "yibin", "--date", "2023-06-28", "--place", "region"], 1, "--filing: Not in the"),
        (["--policy", "guangxi", "--date", "2023-06-28", "--class", "rich"], 1, "--class: Not in the"),
        (["--policy", "beijing", "--date", "2023-06-28"], 1, "(guangxi-residents), Guilin"),
        (["--policy", "guangxi"], 2, "--date"),
        (["--date", "2023-06-28"], 2, "--policy"),
        (["--filing", "filed"], 2, "--policy"),
        (["--policy", "guangxi", "--date", "28.06.2023"], 2, "--date"),
        (["--policy", "guangxi", "--date", "2023-06-28", "--level", "level9"], 2, "--level"),
    ],
)
def test_what_no_policy_answers_is_told(arguments: list[str], code: int, told: str) -> None:
    result = settle(*arguments, "-", given=UNFILED)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr


def test_a_bill_without_rules_needs_a_policy() -> None:
    bill = {"items": [{"amt": "10.00"}]}
    assert "bill 1, rules: This bill has no rules" in settle("-", given=bill).stderr
    assert settle("--policy", "guangxi", "--date", "2023-07-15", "-", given=bill).exit_code == 0


def test_it_starts_without_the_rest_of_the_stack() -> None:
    program = "import sys, deploy.cli.main, deploy.cli.settle; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.split()
    assert not {"litestar", "nats", "faststream", "asyncpg", "httpx", "hypothesis"} & set(loaded)
