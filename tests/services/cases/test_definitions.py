"""Definitions are data: what does not hold together is refused when it is read, with file and place."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from services.cases.definitions import FOLDER, definitions, load
from services.cases.domain.definition import Definition
from services.cases.domain.eligibility import Within
from services.cases.domain.opening import Persons, TakenIn, open_case
from shared.contracts.cases import CaseOpened
from shared.contracts.errors import Invalid, Misconfigured, NotFound
from shared.contracts.identity import AgeRule, ParentRule, RegisterRulesPublished
from shared.standards.check_digits import mod_11_2
from shared.standards.surnames import surname_of
from tests.services.cases.examples import FATHER, MOTHER
from tests.services.cases.histories import RULES

TODAY = date(2023, 12, 22)
NOW = datetime(2023, 12, 22, 2, 0, tzinfo=UTC)
IN_APP = TakenIn("app", None, NOW, TODAY)
KNOWN = {
    "mother.name": "欧阳如意",
    "mother.id_number": "130123199202189981",
    "mother.division": "130123100242",
    "mother.address": "西街5排1号",
    "mother.phone": "13800138001",
    "father.name": "寓客来",
    "father.id_number": "130123198808169999",
    "father.phone": "13800138000",
    "marriage.licence": "J130123-2020-000123",
}
PARENTS = {"mother": MOTHER, "father": FATHER}
FORM = {
    "child_name": "寓小满",
    "child_sex": "female",
    "birth_date": "2023-12-20",
    "birth_order": "first",
    "hospital": "zhengding_people",
    "householder": "mother",
    "card_bank": "icbc",
}


def birth() -> Definition:
    return definitions().current("birth", TODAY)


def case(applicant: UUID = MOTHER, **changed: Any) -> CaseOpened:
    return open_case(birth(), {**FORM, **changed}, Persons(PARENTS, KNOWN, applicant), IN_APP)


def test_the_form_comes_filled_and_the_case_keeps_its_plan() -> None:
    opened = case()
    assert opened.form["mother_name"] == "欧阳如意"
    assert opened.form["marriage_licence"] == "J130123-2020-000123"
    assert opened.division == "130123100242"
    assert [item.code for item in opened.plan] == [item.code for item in birth().items]
    assert (opened.effort.forms, opened.effort.visits) == (1, 1)
    assert opened.effort_separately.visits > 10
    assert [(one.role, one.person) for one in opened.consents] == [("father", FATHER)]


BORN = {
    "gestation_weeks": "39",
    "weight_grams": "3200",
    "length_cm": "50",
    "naming": "surname",
    "way": "acknowledged",
    "acknowledged_name": "寓客来",
    "acknowledged_id_number": "130123198808169999",
}


def newest(rules: RegisterRulesPublished = RULES, known: Mapping[str, str] = KNOWN, **changed: str) -> CaseOpened:
    """A birth by the newest definition, handed in at 17:30 in China."""
    now = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    definition = definitions().current("birth", now.date())
    known = {**KNOWN, **known, "mother.residence": "西街5排1号", "father.residence": "西街5排1号"}
    persons = Persons(PARENTS, known, MOTHER, definition.way_called("acknowledged"))
    given = {**FORM, **BORN, "birth_date": "2026-11-27", "birth_time": "17:30", **changed}
    return open_case(definition, given, persons, TakenIn("app", None, now, now.date()), rules=rules)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"birth_time": "17:31"}, "birth_time"),
        ({"parentage_proof": "x"}, "parentage_proof"),
        ({"parentage_proof": "冀司鉴所"}, "parentage_proof"),
    ],
)
def test_what_cannot_be_yet_or_is_not_whole_is_refused(changed: dict[str, Any], field: str) -> None:
    assert newest(birth_time="17:30", parentage_proof="冀司鉴[2026]法物鉴字第12号").way == "acknowledged"
    assert newest(birth_date="2026-11-26", birth_time="17:31").way == "acknowledged"
    with pytest.raises(Invalid) as refused:
        newest(**changed)
    assert list(refused.value.fields) == [field]


AGES = AgeRule(least=10, usual_from=14, usual_to=55)
WITH_AGES = RULES.model_copy(update={"parents": ParentRule(mother_age=AGES, father_age=AGES, acknowledging_age=18)})


@pytest.mark.parametrize(
    ("role", "born", "field"),
    [
        ("mother", 20170101, "mother_id_number"),
        ("mother", 20130101, "mother_id_number"),
        ("mother", 19500101, "mother_id_number"),
        ("father", 20180101, "father_id_number"),
        ("father", 20090101, "father_id_number"),  # acknowledges, and is 17
    ],
)
def test_parents_of_an_impossible_age_are_told_before_anything_begins(role: str, born: int, field: str) -> None:
    body = f"130123{born}{'021' if role == 'father' else '022'}"
    number = body + mod_11_2(body)
    assert newest(rules=WITH_AGES).way == "acknowledged"
    with pytest.raises(Invalid) as refused:
        newest(rules=WITH_AGES, known={f"{role}.id_number": number})
    assert list(refused.value.fields) == [field]
    assert "派出所" in refused.value.fields[field].zh


def test_a_newborn_is_not_asked_for_an_id_card() -> None:
    with pytest.raises(Invalid) as refused:
        newest(child_name="寓1满")
    assert "拟登记" in refused.value.fields["child_name"].zh
    assert "身份证" not in refused.value.fields["child_name"].zh


def test_the_other_parent_meets_the_same_case_and_a_twin_does_not() -> None:
    assert case().case == case(FATHER).case
    assert [one.role for one in case(FATHER).consents] == ["mother"]
    assert case(birth_order="second").case != case().case
    assert case(birth_date="2023-12-19").case != case().case


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"child_name": "王小满"}, "child_name"),
        ({"birth_date": "2023-06-21"}, "birth_date"),
        ({"birth_date": "2023-12-23"}, "birth_date"),
        ({"hospital": "elsewhere"}, "hospital"),
        ({"mother_id_number": "130123198503120019"}, "mother_id_number"),
        ({"father_name": "别人"}, "father_name"),
        ({"birth_order": ""}, "birth_order"),
        ({"child_id_number": "130123202312200028"}, "child_id_number"),  # made by an item, never asked
    ],
)
def test_what_is_wrong_or_not_eligible_is_told_at_once(changed: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        case(MOTHER, **changed)
    assert set(refusal.value.fields) == {field}


@pytest.mark.parametrize(
    ("born", "last"),
    [
        ("2023-05-30", "2023-11-30"),
        ("2023-08-31", "2024-02-29"),
        ("2022-08-31", "2023-02-28"),
        ("2023-12-31", "2024-06-30"),
    ],
)
def test_the_last_day_counts(born: str, last: str) -> None:
    rule = Within(rule="within", field="birth_date", months=6, source="民法典第二百零二条")
    day = date.fromisoformat(last)
    assert rule.objection({"birth_date": born}, {}, day) is None
    assert rule.objection({"birth_date": born}, {}, day + timedelta(days=1)) is not None


def test_a_double_surname_is_one() -> None:
    assert (surname_of("欧阳如意"), surname_of("欧阳"), surname_of("寓客来")) == ("欧阳", "欧", "寓")
    assert case(child_name="欧阳小满").form["child_name"] == "欧阳小满"
    with pytest.raises(Invalid):
        case(child_name="欧小满")


def test_an_unknown_definition_is_told() -> None:
    with pytest.raises(NotFound, match="unknown_definition"):
        definitions().current("retirement", TODAY)
    with pytest.raises(NotFound):
        definitions().current("birth", date(2023, 11, 30))
    assert {one.code for one in definitions().in_force(TODAY)} == {"birth", "disaster"}


def _drop(entry: Any, *path: Any) -> None:
    for step in path[:-1]:
        entry = entry[step]
    del entry[path[-1]]


BROKEN: dict[str, tuple[Callable[[Any], object], str]] = {
    "a cycle": (lambda e: e["items"][0].update(needs=["enrolment"]), "wait for each other"),
    "an unknown item": (lambda e: e["items"][2].update(needs=["birth_medical", "christening"]), "christening"),
    "a result nobody makes": (lambda e: e["items"][2].update(makes=["child"]), "nothing gives"),
    "an input of an item it does not need": (lambda e: e["items"][2].update(needs=[]), "which it does not need"),
    "a field nobody has": (lambda e: e["items"][0]["inputs"].update(child_name="form.nickname"), "form.nickname"),
    "a paper that an item makes": (
        lambda e: e["fields"].append({"name": "child_id_number", "type": "text", "label": {"zh": "号", "en": "no"}}),
        "must not be asked",
    ),
    "a hospital that stands nowhere": (
        lambda e: e["hospitals"]["divisions"].update(zhengding_people="990000000000"),
        "there is no division 990000000000",
    ),
    "a hospital that is not placed": (
        lambda e: e["hospitals"]["divisions"].pop("zhengding_people"),
        "zhengding_people",
    ),
    "hospitals of a field that is no choice": (lambda e: e["hospitals"].update(field="child_name"), "no choice"),
    "an unknown department": (lambda e: e["items"][0].update(department="church"), "no department church"),
    "an unknown source": (lambda e: e["fields"][5].update(prefill="mother.religion"), "no source mother.religion"),
    "an unknown person": (lambda e: e.update(consents=["uncle"]), "no person uncle"),
    "about nothing": (lambda e: e.update(about=["mother", "star_sign"]), "star_sign"),
    "no source": (lambda e: _drop(e, "source"), "source"),
    "an unknown rule": (lambda e: e["eligibility"][0].update(rule="lucky"), "eligibility"),
}


@pytest.mark.parametrize("change", BROKEN)
def test_what_does_not_hold_together_is_refused_when_it_is_read(change: str, tmp_path: Path) -> None:
    entries = yaml.safe_load((FOLDER / "birth.yaml").read_text("utf-8"))
    breaking, told = BROKEN[change]
    breaking(entries[0])
    (tmp_path / "birth.yaml").write_text(yaml.safe_dump(entries, allow_unicode=True), "utf-8")
    with pytest.raises(Misconfigured, match=told) as refusal:
        load(tmp_path)
    assert str(refusal.value).startswith("birth.yaml: entry 1")
