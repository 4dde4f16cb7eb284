"""What a caller may do."""

from uuid import uuid4

import pytest

from shared.contracts.errors import NotAllowed
from shared.contracts.identity import Role
from shared.department.sign_in import Caller

ZHAO = "130433200000"  # a township
COUNTY = "130433000000"


def reviewer(division: str | None) -> Caller:
    return Caller("staff", uuid4(), frozenset({Role.reviewer}), division)


def test_staff_serve_within_their_division() -> None:
    reviewer(COUNTY).serve(Role.reviewer, ZHAO)
    reviewer(ZHAO).serve(Role.reviewer, ZHAO)


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (reviewer(ZHAO), "outside_division"),
        (reviewer(None), "role_needed"),
        (Caller("staff", uuid4(), frozenset({Role.registrar}), COUNTY), "role_needed"),
        (Caller("citizen", uuid4(), frozenset({Role.reviewer}), COUNTY), "role_needed"),
    ],
)
def test_nobody_else_may_review(caller: Caller, code: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        caller.serve(Role.reviewer, COUNTY)
    assert refusal.value.code == code
    assert refusal.value.text.zh
    assert refusal.value.text.en


def test_a_citizen_acts_for_himself() -> None:
    caller = Caller("citizen", uuid4())
    assert caller.citizen() == caller.id
    assert caller.actor == f"citizen:{caller.id}"


def test_staff_do_not_act_as_citizens() -> None:
    with pytest.raises(NotAllowed):
        reviewer(COUNTY).citizen()
