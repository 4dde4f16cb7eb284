"""Who may appoint whom, and what nobody may be at once: the rules as they are shipped, and a file that is wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from services.identity import appointing_file
from services.identity.appointing_file import RULES, read_rules
from services.identity.domain.appointing_rules import Post
from shared.contracts.errors import Invalid, Misconfigured, NotAllowed, Refused
from shared.contracts.identity import Role
from shared.standards.divisions import WHOLE_COUNTRY
from tests.services.identity.examples import NAMESAKE, TAYUANZHUANG, ZHENGDING

FILE = Path(appointing_file.__file__).with_name("appointing.yaml")
HEBEI = "130000000000"
TOWNSHIP = "130123100000"


def post(*roles: Role, division: str = ZHENGDING, department: str | None = None) -> Post:
    return Post(uuid4(), frozenset(roles), division, department)


@pytest.mark.parametrize(
    ("area", "role"),
    [
        (HEBEI, Role.operator),
        (TAYUANZHUANG, Role.operator),
        (TOWNSHIP, Role.registrar),
        (TAYUANZHUANG, Role.reviewer),
        (TAYUANZHUANG, Role.administrator),
        (TOWNSHIP, Role.insurance_clerk),
        (TOWNSHIP, Role.seal_keeper),
        (ZHENGDING, Role.catalogue_editor),
    ],
)
def test_an_administrator_appoints_to_no_role_above_their_level(area: str, role: Role) -> None:
    with pytest.raises(NotAllowed) as refusal:
        RULES.check_power(area, {role})
    assert refusal.value.code == "not_yours_to_appoint"
    assert RULES.roles[role].reason.en in refusal.value.text.en


def test_the_whole_country_appoints_to_every_role() -> None:
    RULES.check_power(WHOLE_COUNTRY, Role)


def test_a_village_appoints_its_helpers() -> None:
    RULES.check_power(TAYUANZHUANG, {Role.helper})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (post(Role.registrar, division=TAYUANZHUANG), "division"),
        (post(Role.reviewer, division=HEBEI), "division"),
        (post(Role.operator, division=HEBEI, department="cases"), "division"),
        (post(Role.operator, division=WHOLE_COUNTRY), "department"),
        (post(Role.registrar, department="cases"), "department"),
    ],
)
def test_a_place_or_department_that_does_not_suit_is_named(wrong: Post, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        RULES.check_post(wrong)
    assert list(refusal.value.fields) == [field]


def test_an_operator_is_appointed_for_one_department() -> None:
    RULES.check_post(post(Role.operator, division=WHOLE_COUNTRY, department="cases"))


def test_only_a_verified_person_becomes_a_helper() -> None:
    with pytest.raises(Refused) as refusal:
        RULES.check_person(post(Role.helper), fits=True, is_verified=False)
    assert refusal.value.code == "not_verified"
    RULES.check_person(post(Role.helper), fits=True, is_verified=True)


@pytest.mark.parametrize(
    "roles",
    [
        (Role.administrator, Role.leader),
        (Role.administrator, Role.insurance_clerk),
        (Role.seal_keeper, Role.police_reviewer),
        (Role.hospital_window, Role.insurance_clerk),
        (Role.reviewer, Role.window),
        (Role.reviewer, Role.helper),
        (Role.reviewer, Role.kiosk),
        (Role.window, Role.kiosk),
        (Role.window, Role.registrar),
        (Role.registrar, Role.insurance_clerk),
        (Role.registrar, Role.health_reviewer),
        (Role.hospital_window, Role.health_reviewer),
        (Role.administrator, Role.window),
        (Role.insurance_clerk, Role.social_security_clerk),
    ],
)
def test_one_login_holds_no_two_roles_that_do_not_go_together(roles: tuple[Role, ...]) -> None:
    with pytest.raises(Refused) as refusal:
        RULES.check_post(post(*roles))
    assert refusal.value.code == "not_together"
    for role in roles:
        assert RULES.roles[role].name.en in refusal.value.text.en
        assert RULES.roles[role].name.zh in refusal.value.text.zh


@pytest.mark.parametrize("role", [Role.administrator, Role.registrar, Role.catalogue_editor, Role.seal_keeper])
def test_some_roles_are_held_alone(role: Role) -> None:
    assert not [rule for rule in RULES.together if role in rule.roles]


def test_a_login_has_so_many_roles_and_no_more() -> None:
    roles = post(Role.reviewer, Role.leader, division=TAYUANZHUANG)
    one = replace(RULES, otherwise=RULES.otherwise.model_copy(update={"most_roles": 1}))
    with pytest.raises(Invalid, match="wrong_roles"):
        one.check_post(roles)


@pytest.mark.parametrize("role", [Role.police_reviewer, Role.insurance_clerk, Role.window])
def test_a_body_has_its_own_leaders(role: Role) -> None:
    RULES.check_post(post(role, Role.leader))


def test_roles_that_no_rule_joins_are_apart_over_logins_too() -> None:
    with pytest.raises(Refused, match="not_together"):
        RULES.check_beside(post(Role.kiosk), [post(Role.reviewer, division=TAYUANZHUANG)])


def test_an_operator_is_nothing_else_wherever_it_is() -> None:
    operator = post(Role.operator, division=WHOLE_COUNTRY, department="cases")
    for role in set(Role) - {Role.operator}:
        with pytest.raises(Refused) as refusal:
            RULES.check_beside(post(role), [operator])
        assert refusal.value.code == "not_together"


def test_reviewer_and_leader_go_together_under_one_login() -> None:
    RULES.check_post(post(Role.reviewer, Role.leader, division=TAYUANZHUANG))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (post(Role.administrator), post(Role.reviewer, division=TAYUANZHUANG)),
        (post(Role.administrator, division=TAYUANZHUANG), post(Role.reviewer)),
        (post(Role.seal_keeper), post(Role.leader, division=TAYUANZHUANG)),
    ],
)
def test_roles_are_kept_apart_where_one_place_lies_in_the_other(one: Post, other: Post) -> None:
    with pytest.raises(Refused) as refusal:
        RULES.check_beside(one, [other])
    assert refusal.value.code == "not_together"


def test_what_is_kept_apart_in_one_place_may_be_held_in_two() -> None:
    RULES.check_beside(post(Role.administrator), [post(Role.reviewer, division=NAMESAKE)])


def test_nobody_has_two_logins_where_two_persons_are_told_apart() -> None:
    with pytest.raises(Refused) as refusal:
        RULES.check_beside(post(Role.leader), [post(Role.reviewer, division=TAYUANZHUANG)])
    assert refusal.value.code == "has_a_login"


def test_one_person_answers_for_several_kiosks() -> None:
    RULES.check_beside(post(Role.kiosk), [post(Role.kiosk), post(Role.window)])


def change_role(number: int, **changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda rules: rules["roles"][number].update(changes)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (change_role(0, by=["kingdom"]), "roles, entry 1: by.0"),
        (change_role(1, to=[]), "roles, entry 2: to"),
        (change_role(2, reason={"zh": "因为"}), "roles, entry 3: "),
        (change_role(3, colour="red"), "roles, entry 4: colour"),
        (change_role(0, role="registrar"), "not exactly one entry for administrator, registrar"),
        (lambda rules: rules["roles"].pop(), "not exactly one entry for operator"),
        (lambda rules: rules["not_together"][1].update(one="king"), "not_together, entry 2: one"),
        (lambda rules: rules["together"][0].update(roles=["reviewer"]), "together, entry 1: roles"),
        (lambda rules: rules["otherwise"].pop("reason"), "otherwise, entry 1: reason"),
        (lambda rules: rules.pop("not_together"), "cannot be read"),
        (lambda rules: rules["ages"].update(least=-1), "ages, entry 1: least"),
        (lambda rules: rules.update(more=[]), "unknown parts: more"),
    ],
)
def test_a_file_that_is_wrong_is_told_by_entry(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    rules = yaml.safe_load(FILE.read_text("utf-8"))
    change(rules)
    path = tmp_path / "appointing.yaml"
    path.write_text(yaml.safe_dump(rules, allow_unicode=True), "utf-8")
    with pytest.raises(Misconfigured, match=r"appointing\.yaml") as error:
        read_rules(path)
    assert told in str(error.value)
