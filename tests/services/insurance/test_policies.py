import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.rules import Factor, Points
from services.insurance.domain.settle import settle
from services.insurance.domain.situation import FILINGS, LEVELS, Filing, Place, Situation, place_of
from services.insurance.policies import FOLDER, load, policies
from shared.contracts.errors import Invalid, Misconfigured, NotFound
from tests.services.insurance.bills import named

LAST_OLD, FIRST_NEW = date(2023, 6, 30), date(2023, 7, 1)
GUANGXI = policies().named("guangxi-residents")
YIBIN = policies().named("yibin-residents")
EMPLOYEES = policies().named("guilin-employees")


def refused(policy_text: str, tmp_path: Path, name: str = "guangxi-residents.yaml") -> str:
    (tmp_path / name).write_text(policy_text, "utf-8")
    with pytest.raises(Misconfigured) as error:
        load(tmp_path)
    return str(error.value)


def shipped(name: str = "guangxi-residents") -> str:
    return (FOLDER / f"{name}.yaml").read_text("utf-8")


def line_of(text: str, what: str, occurrence: int = 1) -> int:
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if what in line]
    return lines[occurrence - 1]


@pytest.mark.parametrize(
    ("day", "place", "filing", "points"),
    [
        (LAST_OLD, "city", "none", "0"),
        (LAST_OLD, "region", "filed", "0"),
        (LAST_OLD, "region", "referred", "0"),
        (LAST_OLD, "region", "emergency", "0"),
        (LAST_OLD, "region", "none", "0.15"),
        (FIRST_NEW, "region", "none", "0"),
        (LAST_OLD, "across", "referred", "0.10"),
        (FIRST_NEW, "across", "referred", "0.10"),
        (FIRST_NEW, "across", "emergency", "0.10"),
        (FIRST_NEW, "across", "none", "0.20"),
    ],
)
def test_treatment_away_from_guangxi_costs_points(day: date, place: Place, filing: Filing, points: str) -> None:
    chosen = GUANGXI.rules_for(day, Situation("level3_city", place, filing))
    assert chosen.rules.reduction == Points(value=points)


@pytest.mark.parametrize(
    ("example", "day", "situation"),
    [
        ("S01", FIRST_NEW, Situation("level1")),
        ("S02", FIRST_NEW, Situation("level2")),
        ("S04a", LAST_OLD, Situation("level3_region", "region")),
        ("S04b", FIRST_NEW, Situation("level3_region", "region")),
        ("S08", FIRST_NEW, Situation("level3_city")),
        ("S12", FIRST_NEW, Situation("level3_city", insured_class="poor_2")),
    ],
)
def test_the_rules_of_guangxi_give_the_worked_examples(example: str, day: date, situation: Situation) -> None:
    bill = named(example)
    chosen = GUANGXI.rules_for(day, situation)
    assert settle(chosen.rules, Accumulators(), bill.items).as_json() == bill.expect


def test_the_rules_of_other_places_give_theirs() -> None:
    stay, referred = named("S18"), named("S19")
    level3 = EMPLOYEES.rules_for(FIRST_NEW, Situation("level3_city")).rules
    across = YIBIN.rules_for(FIRST_NEW, Situation("level3_city", "across", "referred")).rules
    assert settle(level3, Accumulators(), stay.items).as_json() == stay.expect
    assert settle(across, Accumulators(), referred.items).as_json() == referred.expect


def test_every_case_of_guangxi_has_its_rule_on_every_day() -> None:
    for version in GUANGXI.versions:
        for day in (version.valid_from, version.valid_to):
            for insured_class in version.classes:
                for level in LEVELS:
                    for filing in FILINGS:
                        for place in ("city", "region", "across"):
                            GUANGXI.rules_for(day, Situation(level, place, filing, insured_class))


def test_the_rules_used_are_named_with_their_version() -> None:
    chosen = GUANGXI.rules_for(LAST_OLD, Situation("level3_city", "region", "none", "poor_1"))
    assert chosen.version == "guangxi-residents-2023-01"
    assert chosen.ids["ratio"] == "guangxi-residents-2023-01/ratio.level3_city"
    assert chosen.ids["reduction"] == "guangxi-residents-2023-01/away.in_region_unfiled"
    assert chosen.ids["ma"] == "guangxi-residents-2023-01/ma.poor_1"


@pytest.mark.parametrize(
    ("choose", "code", "field"),
    [
        (lambda: GUANGXI.rules_for(date(2022, 12, 31), Situation("level1")), "no_policy", "discharged_on"),
        (lambda: GUANGXI.rules_for(date(2028, 1, 1), Situation("level1")), "no_policy", "discharged_on"),
        (lambda: YIBIN.rules_for(FIRST_NEW, Situation("level1", "region")), "not_in_policy", "filing"),
        (
            lambda: YIBIN.rules_for(FIRST_NEW, Situation("level1", insured_class="poor_1")),
            "not_in_policy",
            "person_class",
        ),
        (lambda: GUANGXI.rules_for(FIRST_NEW, Situation("level9")), "unknown_tier", "level"),  # type: ignore[arg-type]
        (lambda: policies().of("511500000000", "employee"), "no_policy", "region"),
    ],
)
def test_where_nothing_is_laid_down_nothing_is_settled(choose: Callable[[], object], code: str, field: str) -> None:
    with pytest.raises(Invalid) as error:
        choose()
    assert (error.value.code, list(error.value.fields)) == (code, [field])


def test_a_policy_is_found_by_a_beginning_that_no_other_has() -> None:
    assert policies().named("guangxi") is GUANGXI
    for name in ("gu", "", "beijing"):
        with pytest.raises(NotFound, match=r"\(guangxi-residents\), .*\(guilin-employees\), .*\(yibin-residents\)"):
            policies().named(name)


def test_a_policy_is_found_by_the_place_of_insurance() -> None:
    assert policies().of("450800000000", "resident") is GUANGXI
    assert policies().of("450300000000", "employee") is EMPLOYEES


def test_a_narrower_place_comes_before_a_wider_one(tmp_path: Path) -> None:
    (tmp_path / "guangxi-residents.yaml").write_text(shipped(), "utf-8")
    city = shipped().replace("policy: guangxi-residents", "policy: guigang").replace("450000000000", "450800000000")
    (tmp_path / "guigang.yaml").write_text(city, "utf-8")
    both = load(tmp_path)
    assert both.of("450800000000", "resident").policy == "guigang"
    assert both.of("450100000000", "resident").policy == "guangxi-residents"


def test_a_new_region_is_a_new_file(tmp_path: Path) -> None:
    text = re.sub("yibin-residents", "luzhou-residents", shipped("yibin-residents")).replace("511500", "510500")
    text = text.replace(
        "filings: [filed, referred, emergency]\n        reduction: null", "reduction: {kind: factor, value: 0.9}"
    )
    (tmp_path / "luzhou-residents.yaml").write_text(text, "utf-8")
    chosen = load(tmp_path).of("510500000000", "resident").rules_for(FIRST_NEW, Situation("level1", "across"))
    assert chosen.rules.reduction == Factor(value="0.9")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("ratio: 0.75", "ratio: 1.75", "ratio: A ratio is a number from 0 to 1"),
        ("ratio: 0.75", "ratio: 75%", "ratio: A ratio is a number from 0 to 1"),
        ("value: 0.15", "value: -0.15", "A ratio is a number from 0 to 1"),
        ("kind: points, value: 0.15", "kind: dots, value: 0.15", "'points', 'prior_self_pay', 'factor'"),
        ("first: 300, later: 200", "first: 300, later: -200", "An amount cannot be negative"),
        ("first: 300, later: 200", "first: 300, latter: 200", "latter: Extra inputs are not permitted"),
        ("[[40000, 0.60], [60000, 0.70]", "[[60000, 0.60], [40000, 0.70]", "must rise"),
        ("[[40000, 0.60], [60000, 0.70]", "[[null, 0.60], [60000, 0.70]", "only the last may be without"),
        ("levels: [level2]", "levels: [level4]", "'level1', 'level2', 'level3_city' or 'level3_region'"),
        ("levels: [level2]", "levels: [level1]", "says the same case as level1"),
        ("filings: [none]", "filings: [none, filed]", "says the same case as in_region_filed"),
        ("valid_to: 2023-06-30", "valid_to: 2022-06-30", "lies before valid_from"),
        ("valid_from: 2023-07-01", "valid_from: 2023-06-30", "overlaps guangxi-residents-2023-01"),
        ("valid_from: 2023-07-01", "valid_from: 2023-07-02", "leaves a gap after guangxi-residents-2023-01"),
        ("valid_from: 2023-07-01", "valid_from: 2023-07-32", "valid date"),
        ("version: guangxi-residents-2023-07", "version: guangxi-residents-2023-01", "occurs twice"),
        ("policy: guangxi-residents", "policy: guangxi", "is not the name of its file"),
        ("division: 450000000000", "division: 459900000000", "no such division"),
        ("cap: &cap 238218", "cap: &cap 238218\n    cap: 1", "cap occurs twice"),
        ("      ordinary:", "      usual:", "lack ordinary"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_rule(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    text = shipped().replace(right, wrong, 1)
    assert text != shipped()
    message = refused(text, tmp_path)
    assert told in message
    assert (where := re.match(r"guangxi-residents\.yaml:(\d+): ", message))
    assert abs(int(where[1]) - line_of(shipped(), right)) <= 3, message


def test_a_line_is_told_exactly(tmp_path: Path) -> None:
    text = shipped().replace("ratio: 0.75", "ratio: 1.75")
    message = refused(text, tmp_path)
    assert message.startswith(f"guangxi-residents.yaml:{line_of(text, '1.75')}: versions.0.tiers.level2.ratio: ")


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    assert "guangxi-residents.yaml cannot be read" in refused("policy: [", tmp_path)
    assert "guangxi-residents.yaml:1" in refused("", tmp_path)


def test_two_policies_for_one_place_and_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "guangxi-residents.yaml").write_text(shipped(), "utf-8")
    other = shipped().replace("policy: guangxi-residents", "policy: guangxi-too")
    assert "guangxi-residents already holds" in refused(other, tmp_path, "guangxi-too.yaml")


@pytest.mark.parametrize(
    ("insured", "treated", "place"),
    [
        ("450821000000", "450802001000", "city"),
        ("450821000000", "450103001000", "region"),
        ("450821000000", "350302001000", "across"),
        ("110101000000", "110229000000", "city"),
    ],
)
def test_places_are_told_apart_by_their_codes(insured: str, treated: str, place: Place) -> None:
    assert place_of(insured, treated) == place


def test_the_guides_example_is_a_policy(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs/guides/policies.md").read_text("utf-8")
    example = re.search(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert example
    (tmp_path / "guigang-residents.yaml").write_text(example[1], "utf-8")
    chosen = load(tmp_path).named("guigang").rules_for(FIRST_NEW, Situation("level1", "region"))
    assert (chosen.rules.reduction, chosen.ids["ratio"]) == (
        Points(value="0.15"),
        "guigang-residents-2023/ratio.level1",
    )


def test_every_shipped_version_names_its_source_and_what_is_carried_on_is_said_to_be_assumed() -> None:
    for policy in policies().by_id.values():
        assert all(source.zh and source.en for version in policy.versions for source in version.source)
        last = policy.versions[-1]
        assert last.valid_to.year == last.valid_from.year or any("2027" in one.en for one in policy.assumed)
    assert any("away from home" in one.en for one in EMPLOYEES.assumed)


@pytest.mark.parametrize(
    ("day", "place", "filing", "points"),
    [
        (FIRST_NEW, "region", "none", "0.15"),
        (FIRST_NEW, "region", "filed", None),
        (FIRST_NEW, "across", "none", None),
        (FIRST_NEW, "city", "none", None),
        (LAST_OLD, "region", "none", None),
    ],
)
def test_what_a_relief_spares_is_said_by_the_policy(
    day: date, place: Place, filing: Filing, points: str | None
) -> None:
    for policy in (GUANGXI, EMPLOYEES):
        found = policy.unrelieved(day, Situation("level3_city", place, filing))
        expected = None if points is None else (Points(value=points), f"{policy.policy}-2023-07/relief")
        assert found == expected


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("compared_with: guangxi-residents-2023-07", "is no earlier version"),
        ("compared_with: guangxi-residents-2022", "is no earlier version"),
        ("compared_with: x y", "relief"),
    ],
)
def test_a_relief_is_measured_against_an_earlier_version(changed: str, told: str, tmp_path: Path) -> None:
    assert told in refused(shipped().replace("compared_with: guangxi-residents-2023-01", changed), tmp_path)


def test_a_relief_is_measured_where_the_earlier_version_says_what_it_took_off(tmp_path: Path) -> None:
    text = shipped().replace(
        "filings: [none]\n        reduction: {kind: points, value: 0.15}",
        "filings: [filed]\n        reduction: {kind: points, value: 0.15}",
    )
    text = text.replace(
        "filings: [filed, referred, emergency]\n        reduction: null",
        "filings: [referred, emergency]\n        reduction: null",
    )
    assert "says nothing of region, none" in refused(text, tmp_path)
