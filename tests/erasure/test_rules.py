"""Retention rules are data: read and checked at the start, and their end dates follow."""

from datetime import date
from pathlib import Path

import pytest

from deploy.compatibility.check import services
from shared.contracts.errors import Misconfigured
from shared.department.erasure_rules import OPEN_BASIS, Found, Rule, read_rules, reason

TODAY = date(2026, 12, 1)
RULE = "- rule: one\n  keeps: {zh: 一, en: one}\n  basis: {zh: 法, en: law}\n  until: open\n"


def rule(until: object) -> Rule:
    return Rule.model_validate({"rule": "one", "keeps": {"zh": "一", "en": "one"}, "until": until})


@pytest.mark.parametrize(
    ("until", "last", "end"),
    [
        ("open", date(2020, 1, 1), None),
        ("told", date(2027, 5, 1), date(2027, 5, 1)),
        ("told", None, None),
        ({"years": 30}, date(2023, 2, 3), date(2053, 12, 31)),
        ({"days": 30}, date(2026, 11, 30), date(2026, 12, 30)),
    ],
)
def test_the_end_follows_from_the_last_day(until: object, last: date | None, end: date | None) -> None:
    found = reason(rule(until), Found(last), TODAY)
    assert found is not None
    assert (found.until, found.basis) == (end, OPEN_BASIS)


def test_what_has_ended_keeps_nobody() -> None:
    assert reason(rule("told"), Found(date(2026, 11, 30)), TODAY) is None
    assert reason(rule({"years": 1}), Found(date(2025, 1, 1)), TODAY) is not None
    assert reason(rule({"years": 1}), Found(date(2024, 12, 31)), TODAY) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rule: one", "is no list"),
        (RULE + RULE, "names twice: one"),
        (RULE.replace("one\n", "two\n", 1), "do not name the same rules: one, two"),
        (RULE.replace("open", "soon"), "entry 1: until"),
        (RULE.replace("open", "{years: 0}"), "entry 1: until"),
        ("- {", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_entry(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "erasure.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(Misconfigured, match=told):
        read_rules(path, ["one"])


def test_every_department_has_rules_that_can_be_read() -> None:
    for service in services():
        assert service.erasure is not None
        assert service.erasure.rules
