"""The rules of the register: read, checked, and told once a version."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from services.identity.domain.published_rules import PUBLISHED_RULES, PublishRules
from services.identity.domain.register_rules import in_force
from services.identity.register_rules_file import REGISTER_RULES, read_register_rules
from shared.contracts.errors import Misconfigured
from shared.contracts.identity import AgeRule, RegisterRulesPublished
from tests.services.identity.examples import NOW, decided
from tests.services.identity.office import Office

RULES = REGISTER_RULES[0]
SHIPPED = Path("services/identity/rules/register.yaml")
LATER = RULES.model_copy(update={"version": 2, "in_force_from": date(2024, 1, 1)})


def test_each_version_is_told_once() -> None:
    [told] = decided(PUBLISHED_RULES, [], PublishRules([RULES], NOW))
    assert isinstance(told, RegisterRulesPublished)
    assert (told.birth.posthumous_days, told.birth.delivery_days, told.birth.months) == (300, 240, 6)
    assert decided(PUBLISHED_RULES, [told], PublishRules([RULES], NOW)) == []
    [newer] = decided(PUBLISHED_RULES, [told], PublishRules([RULES, LATER], NOW))
    assert isinstance(newer, RegisterRulesPublished)
    assert newer.version == 2


def test_a_version_that_was_told_is_never_changed() -> None:
    told = decided(PUBLISHED_RULES, [], PublishRules([RULES], NOW))
    changed = RULES.model_copy(update={"sources": ("another",)})
    with pytest.raises(Misconfigured, match="version 1"):
        decided(PUBLISHED_RULES, told, PublishRules([changed], NOW))


def test_the_latest_rules_that_have_begun_hold() -> None:
    assert in_force([RULES, LATER], date(2023, 12, 31)) == RULES
    assert in_force([RULES, LATER], date(2024, 1, 1)) == LATER
    assert in_force([RULES, LATER], date(2020, 1, 1)) == RULES


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"months": 0}, "birth.months"),
        ({"ways": ["by stork"]}, "birth.ways"),
        ({"days": 1}, "birth.days"),
    ],
)
def test_a_rule_that_cannot_be_is_named_by_file_entry_and_field(
    tmp_path: Path, wrong: dict[str, object], named: str
) -> None:
    raw, _ = yaml.safe_load(SHIPPED.read_text("utf-8"))
    path = tmp_path / "register.yaml"
    path.write_text(yaml.safe_dump([{**raw, "birth": {**raw["birth"], **wrong}}]), "utf-8")
    with pytest.raises(Misconfigured, match=rf"register\.yaml, entry 1: {named}"):
        read_register_rules(path)


async def test_the_rules_are_published_at_the_start(identity: Office) -> None:
    [event, newer] = (await identity.store.load("rules-register", PUBLISHED_RULES)).events
    assert isinstance(event.data, RegisterRulesPublished)
    assert event.data.birth.ways == ("wedlock", "mother_alone", "acknowledged", "posthumous")
    assert isinstance(newer.data, RegisterRulesPublished)
    assert newer.data.parents
    assert newer.data.parents.mother_age == AgeRule(least=10, usual_from=14, usual_to=55)
