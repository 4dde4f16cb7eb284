import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.standards.errors import NotValid
from shared.standards.phone import MobileNumber

NUMBER = "13831100000"


class Contact(BaseModel):
    mobile: MobileNumber


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        "138 3110 0000",
        "138-3110-0000",
        "138–3110–0000",
        "+86 138 3110 0000",
        "+8613831100000",
        "＋８６－１３８３１１０００００",
        " 13831100000\n",
    ],
)
def test_a_number_may_be_written_in_many_ways(typed: str) -> None:
    assert MobileNumber.parse(typed) == NUMBER


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "alphabet"),
        ("1383110000a", "alphabet"),
        ("1383110000٣", "alphabet"),
        ("+85213831100000", "alphabet"),
        ("1383110000", "length"),
        ("138311000001", "length"),
        ("0311-8802123", "mobile_prefix"),
        ("12831100000", "mobile_prefix"),
        ("23831100000", "mobile_prefix"),
    ],
)
def test_a_refusal_names_its_reason_and_not_the_number(typed: str, code: str) -> None:
    with pytest.raises(NotValid) as refused:
        MobileNumber.parse(typed)
    assert refused.value.code == code
    assert not typed or typed not in f"{refused.value}{refused.value.zh}"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mainland_mobile_number_is_taken_and_fits_the_json_schema(number: str) -> None:
    assert MobileNumber(number) == number
    assert re.search(TypeAdapter(MobileNumber).json_schema()["pattern"], number)


def test_a_masked_number_keeps_three_and_four_digits() -> None:
    mobile = MobileNumber(NUMBER)
    assert mobile.masked == "138****0000"
    assert NUMBER not in repr([mobile])


def test_it_travels_through_a_model_as_a_json_string() -> None:
    contact = Contact.model_validate_json('{"mobile": "+86 138 3110 0000"}')
    assert isinstance(contact.mobile, MobileNumber)
    assert contact.model_dump_json() == f'{{"mobile":"{NUMBER}"}}'
    assert {contact.mobile} == {MobileNumber(NUMBER)}


@pytest.mark.parametrize(("sent", "code"), [("12831100000", "mobile_prefix"), (13831100000, "string_type")])
def test_a_model_refuses_with_the_reason(sent: object, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Contact.model_validate({"mobile": sent})
    assert refused.value.errors()[0]["type"] == code
