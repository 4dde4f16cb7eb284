"""Hospitals and maternity parameters are data: right as shipped, and an error names file, entry and field."""

from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from services.insurance.directory import FOLDER, directory, load
from shared.contracts.errors import Invalid, Misconfigured
from tests.services.insurance.examples import GUILIN, REGIONAL, YIBIN


def test_a_hospital_is_found_by_its_code_and_by_where_it_stands() -> None:
    assert directory().hospital(REGIONAL.code.lower()) == REGIONAL
    assert directory().hospitals_in("450103001000") == [REGIONAL]
    assert len(directory().hospitals_in("450821000000")) == 2
    with pytest.raises(Invalid, match="unknown_hospital"):
        directory().hospital("12450100MC0000100B")


def test_the_parameters_of_the_day_and_the_region_hold() -> None:
    found = [directory().maternity_rules(GUILIN, date(year, 12, 31)) for year in (2022, 2023, 2024)]
    assert [rules and rules.id for rules in found] == [None, "guangxi.maternity.2023", "guangxi.maternity.2024"]
    assert directory().maternity_rules(YIBIN, date(2023, 12, 31)) is None


@pytest.mark.parametrize(
    ("file", "entry", "changed", "complaint"),
    [
        ("hospitals.yaml", 1, {"code": "12450100MC0000100B"}, "hospitals.yaml: entry 2, code"),
        ("hospitals.yaml", 0, {"level": "level9"}, "hospitals.yaml: entry 1, level"),
        ("hospitals.yaml", 0, {"division": "999999000000"}, "hospitals.yaml: entry 1, division"),
        ("hospitals.yaml", 1, {"code": "12450821MC0000311B"}, "a code occurs twice"),
        ("maternity.yaml", 0, {"fund_days": "many"}, "maternity.yaml: entry 1, fund_days"),
        ("retirement.yaml", 1, {"sex": "male"}, "hold at the same time"),
        ("retirement.yaml", 0, {"least_age": "old"}, "retirement.yaml: entry 1, least_age"),
        ("maternity.yaml", 0, {"valid_to": date(2024, 6, 30)}, "hold at the same time"),
    ],
)
def test_what_is_wrong_stops_the_start_and_is_named(
    tmp_path: Path, file: str, entry: int, changed: dict[str, object], complaint: str
) -> None:
    folder = copytree(FOLDER, tmp_path / "directory")
    rows = yaml.safe_load((folder / file).read_text("utf-8"))
    rows[entry] |= changed
    (folder / file).write_text(yaml.safe_dump(rows, allow_unicode=True), "utf-8")
    with pytest.raises(Misconfigured, match=complaint):
        load(folder)


def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        load(tmp_path)
