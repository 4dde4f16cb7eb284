import re
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from shared.standards.errors import NotValid
from shared.standards.money import LIMIT, Yuan, as_yuan, round_yuan

cents = st.integers(-(10**15) + 1, 10**15 - 1)


class Bill(BaseModel):
    total: Yuan = Decimal(0)


class Payment(BaseModel):
    paid: Annotated[Yuan, Field(ge=0)]


def refusal_of(value: object) -> str:
    with pytest.raises(NotValid) as refused:
        as_yuan(value)  # type: ignore[arg-type]
    return refused.value.code


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12.30", "12.30"),
        ("12.3", "12.30"),
        ("12.300", "12.30"),
        (12, "12.00"),
        (Decimal("1E+2"), "100.00"),
        ("-0.01", "-0.01"),
        ("-0.00", "0.00"),
        (0, "0.00"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
def test_an_amount_has_two_places(value: Decimal | int | str, text: str) -> None:
    assert str(as_yuan(value)) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (12.3, "float"),
        (float("nan"), "float"),
        (True, "amount"),
        (None, "amount"),
        ("", "amount"),
        ("NaN", "amount"),
        ("Infinity", "amount"),
        (Decimal("NaN"), "amount"),
        (Decimal("sNaN"), "amount"),
        (Decimal("-Infinity"), "amount"),
        ("1e2", "amount"),
        ("1_000.00", "amount"),
        ("1,000.00", "amount"),
        ("１２.30", "amount"),
        ("٣.00", "amount"),
        (" 12.30", "amount"),
        ("12.30\n", "amount"),
        ("+1.00", "amount"),
        (".50", "amount"),
        ("12.345", "sub_cent"),
        (Decimal("0.001"), "sub_cent"),
        (Decimal("0.0000000000000000000000000000000000000001"), "sub_cent"),
        (LIMIT, "too_large"),
        (-LIMIT, "too_large"),
        (10**400, "too_large"),
        (Decimal("1E+1000"), "too_large"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(value: object, code: str) -> None:
    assert refusal_of(value) == code


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.004", "0.00"),
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("2.674999", "2.67"),
        ("-0.005", "-0.01"),
        ("-0.004", "0.00"),
        ("18946.666666666666666666", "18946.67"),
    ],
)
def test_half_a_cent_goes_away_from_zero(exact: str, rounded: str) -> None:
    assert str(round_yuan(Decimal(exact))) == rounded


@given(st.decimals(-(10**12), 10**12, places=6))
def test_rounding_moves_by_half_a_cent_at_most_and_alike_on_both_sides_of_zero(exact: Decimal) -> None:
    rounded = round_yuan(exact)
    assert abs(rounded - exact) <= Decimal("0.005")
    assert round_yuan(-exact) == -rounded
    assert as_yuan(rounded) == rounded


def test_rounding_does_not_depend_on_the_callers_context() -> None:
    with localcontext(rounding=ROUND_FLOOR):
        assert str(round_yuan(Decimal("0.005"))) == "0.01"
        assert str(round_yuan(Decimal("-0.001"))) == "0.00"


@pytest.mark.parametrize(
    ("exact", "code"), [("NaN", "amount"), ("Infinity", "amount"), ("9999999999999.995", "too_large")]
)
def test_rounding_refuses_what_cannot_be_an_amount(exact: str, code: str) -> None:
    with pytest.raises(NotValid) as refused:
        round_yuan(Decimal(exact))
    assert refused.value.code == code


@given(cents)
def test_it_travels_through_a_model_as_a_json_string(amount: int) -> None:
    bill = Bill(total=Decimal(amount) / 100)
    text = bill.model_dump_json()
    assert re.fullmatch(r'\{"total":"-?[0-9]+\.[0-9]{2}"\}', text)
    assert Bill.model_validate_json(text) == bill
    assert re.search(Bill.model_json_schema()["properties"]["total"]["pattern"], str(bill.total))


def test_a_model_keeps_a_decimal_of_two_places() -> None:
    total = Bill.model_validate({"total": "12.3"}).model_dump()["total"]
    assert isinstance(total, Decimal)
    assert str(total) == "12.30"


def test_a_default_is_written_with_two_places_too() -> None:
    assert Bill().model_dump_json() == '{"total":"0.00"}'


@pytest.mark.parametrize(("sent", "code"), [("12.30", "float"), ("NaN", "float"), ('"12.345"', "sub_cent")])
def test_a_model_refuses_json_numbers_with_a_fraction_and_parts_of_a_cent(sent: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Bill.model_validate_json(f'{{"total": {sent}}}')
    assert refused.value.errors()[0]["type"] == code


def test_an_amount_is_never_rounded_on_its_way_out() -> None:
    with pytest.raises(ValueError, match="sub_cent"):
        Bill.model_construct(total=Decimal("0.005")).model_dump_json()


def test_bounds_can_be_put_on_a_field() -> None:
    assert Payment.model_validate({"paid": "0.00"}).paid == 0
    with pytest.raises(ValidationError):
        Payment.model_validate({"paid": "-0.01"})


def test_the_json_schema_is_a_string() -> None:
    """`12.3` is read and written as `12.30`."""
    read, written = (TypeAdapter(Yuan).json_schema(mode=mode) for mode in ("validation", "serialization"))
    assert read["type"] == written["type"] == "string"
    assert re.search(read["pattern"], "12.30")
    assert re.search(written["pattern"], "12.30")
    assert re.search(read["pattern"], "12.3")
    assert not re.search(written["pattern"], "12.3")
    assert not re.search(read["pattern"], "12.345")
