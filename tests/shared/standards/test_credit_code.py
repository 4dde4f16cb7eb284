import re

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.standards.check_digits import GB_32100_ALPHABET, gb_32100
from shared.standards.credit_code import CreditCode
from shared.standards.errors import NotValid
from tests.shared.standards import examples
from tests.shared.standards.strategies import credit_code, credit_codes, neighbour_swaps, single_changes


class Body(BaseModel):
    code: CreditCode


def code_of(text: str) -> str:
    with pytest.raises(NotValid) as refused:
        CreditCode.parse(text)
    return refused.value.code


@pytest.mark.parametrize("code", examples.CREDIT_CODES)
def test_a_right_code_is_taken_as_it_is(code: str) -> None:
    assert CreditCode.parse(code) == code


def test_a_code_tells_its_parts() -> None:
    village = CreditCode(examples.VILLAGE)
    assert (village.authority, village.kind, village.division, village.organisation) == (
        "5",
        "4",
        "130123",
        "ME000124X",
    )


@pytest.mark.parametrize(
    "typed", ["54130123me000124xw", "５４１３０１２３ＭＥ０００１２４ＸＷ", " 54130123ME000124XW "]
)
def test_full_width_and_small_letters_are_the_same_code(typed: str) -> None:
    assert CreditCode(typed) == examples.VILLAGE


@settings(max_examples=30)
@given(credit_codes())
def test_every_single_changed_character_is_refused(code: str) -> None:
    for changed in single_changes(code, GB_32100_ALPHABET):
        with pytest.raises(NotValid):
            CreditCode(changed)


@given(credit_codes())
def test_every_swap_of_different_neighbours_is_refused(code: str) -> None:
    for swapped in neighbour_swaps(code):
        with pytest.raises(NotValid):
            CreditCode(swapped)


def test_an_exchange_of_the_first_and_last_character_is_not_found() -> None:
    """The limit the class states: both have weight 1."""
    exchanged = f"W{examples.VILLAGE[1:17]}5"
    assert CreditCode(exchanged) == exchanged


def test_the_organisations_own_check_is_enforced_though_the_last_one_fits() -> None:
    front = credit_code("54", "130123", "ME000124")[:16] + "7"
    assert code_of(front + gb_32100(front)) == "check_digit"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "length"),
        (examples.VILLAGE[:17], "length"),
        ("5413012OME000124XW", "alphabet"),
        ("54130A23ME000124XW", "alphabet"),
        ("54130123ME00012٤XW", "alphabet"),
        ("54130123ME000124XI", "alphabet"),
        ("54130123ME000124XY", "check_digit"),
    ],
)
def test_a_refusal_names_its_reason(text: str, code: str) -> None:
    assert code_of(text) == code


def test_it_travels_through_a_model_as_a_json_string() -> None:
    body = Body.model_validate_json(f'{{"code": "{examples.VILLAGE.lower()}"}}')
    assert isinstance(body.code, CreditCode)
    assert body.model_dump_json() == f'{{"code":"{examples.VILLAGE}"}}'
    assert {body.code} == {CreditCode(examples.VILLAGE)}


def test_a_model_refuses_with_the_same_code() -> None:
    with pytest.raises(ValidationError) as refused:
        Body.model_validate({"code": "54130123ME000124XY"})
    assert refused.value.errors()[0]["type"] == "check_digit"


@given(credit_codes())
def test_the_json_schema_describes_every_valid_code(code: str) -> None:
    assert re.search(TypeAdapter(CreditCode).json_schema()["pattern"], code)
