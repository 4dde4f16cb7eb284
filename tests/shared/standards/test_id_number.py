import copy
import pickle
import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from tests.shared.standards import examples
from tests.shared.standards.strategies import id_number, id_numbers, neighbour_swaps, single_changes

TODAY = date(2023, 12, 24)


class Person(BaseModel):
    id_number: IdNumber


def code_of(text: str, today: date = TODAY) -> str:
    with pytest.raises(NotValid) as refused:
        IdNumber.parse(text, today)
    return refused.value.code


@pytest.mark.parametrize("number", examples.ID_NUMBERS)
def test_a_right_number_is_taken_as_it_is(number: str) -> None:
    assert IdNumber.parse(number, TODAY) == number


def test_a_number_tells_division_birth_and_sex() -> None:
    tenant = IdNumber(examples.TENANT)
    assert (tenant.division, tenant.birth_date, tenant.is_male) == ("130123", date(1985, 3, 12), True)
    assert not IdNumber(examples.CHILD).is_male


def test_a_masked_number_shows_neither_birth_day_nor_repr_of_it() -> None:
    tenant = IdNumber(examples.TENANT)
    assert tenant.masked == "130123********0019"
    assert examples.TENANT not in repr({"id": tenant})


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 11010519491231002ｘ\n"]
)
def test_full_width_digits_and_a_small_x_are_the_same_number(typed: str) -> None:
    assert IdNumber(typed) == examples.GB_11643_SAMPLE


@settings(max_examples=30)
@given(id_numbers())
def test_every_single_changed_character_is_refused(number: str) -> None:
    for changed in single_changes(number, "0123456789X"):
        with pytest.raises(NotValid):
            IdNumber(changed)


@given(id_numbers())
def test_every_swap_of_different_neighbours_is_refused(number: str) -> None:
    for swapped in neighbour_swaps(number):
        with pytest.raises(NotValid):
            IdNumber(swapped)


@pytest.mark.parametrize("born", ["20230229", "19000229", "20230431", "20231301", "20230010", "20230100", "00000101"])
def test_an_impossible_date_is_refused_though_its_check_fits(born: str) -> None:
    assert code_of(id_number("130123", born, "001")) == "impossible_date"


@pytest.mark.parametrize("born", ["20000229", "20240229", "19040229"])
def test_a_leap_day_is_a_birthday(born: str) -> None:
    assert IdNumber(id_number("130123", born, "123")).birth_date.day == 29


def test_born_today_is_right_and_born_tomorrow_is_not() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert IdNumber.parse(id_number("130123", f"{TODAY:%Y%m%d}", "002"), TODAY)
    assert code_of(id_number("130123", f"{tomorrow:%Y%m%d}", "002")) == "future_date"


def test_an_abolished_division_is_no_obstacle() -> None:
    assert IdNumber(id_number("132421", "19600101", "003")).division == "132421"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "length"),
        ("130123850312001", "length"),
        (examples.TENANT + "0", "length"),
        ("13012319850312001A", "alphabet"),
        ("1301231985O3120019", "alphabet"),
        ("1301231985٠3120019", "alphabet"),
        ("X30123198503120019", "alphabet"),
        (id_number("030123", "19850312", "001"), "alphabet"),
        ("130123198503120018", "check_digit"),
    ],
)
def test_a_refusal_names_its_reason(text: str, code: str) -> None:
    assert code_of(text) == code


@given(st.text(min_size=1) | st.from_regex(r"[0-9]{18}", fullmatch=True))
def test_a_refusal_speaks_two_languages_and_never_repeats_the_number(text: str) -> None:
    try:
        IdNumber(text)
    except NotValid as wrong:
        assert re.search("[一-鿿]", wrong.zh)
        assert wrong.en.isascii()
        assert len(text) < 15 or text not in str(wrong) + wrong.zh


def test_it_travels_through_a_model_as_a_json_string() -> None:
    person = Person.model_validate_json(f'{{"id_number": "{examples.GB_11643_SAMPLE.lower()}"}}')
    assert isinstance(person.id_number, IdNumber)
    assert person.model_dump_json() == f'{{"id_number":"{examples.GB_11643_SAMPLE}"}}'
    assert Person.model_validate(person.model_dump()) == person


def test_a_model_refuses_with_the_same_code_and_both_languages() -> None:
    with pytest.raises(ValidationError) as refused:
        Person.model_validate({"id_number": id_number("130123", "20230229", "001")})
    [error] = refused.value.errors()
    assert error["type"] == "impossible_date"
    assert error["loc"] == ("id_number",)
    assert set(error["ctx"]) == {"zh", "en"}


@pytest.mark.parametrize("value", [130123198503120019, None, b"130123198503120019", ["1"]])
def test_a_model_refuses_what_is_not_text(value: object) -> None:
    with pytest.raises(ValidationError, match="string_type"):
        Person.model_validate({"id_number": value})


def test_a_model_does_not_need_todays_date() -> None:
    born_later = id_number("130123", "21000101", "001")
    assert Person.model_validate({"id_number": born_later}).id_number == born_later


@given(id_numbers())
def test_the_json_schema_describes_every_valid_number(number: str) -> None:
    schema = TypeAdapter(IdNumber).json_schema()
    assert schema["type"] == "string"
    assert re.search(schema["pattern"], number)
    assert all(IdNumber(example) for example in schema["examples"])


def test_it_is_a_key_and_survives_copying() -> None:
    tenant = IdNumber(examples.TENANT)
    assert {tenant: 1}[IdNumber(examples.TENANT)] == 1
    assert TypeAdapter(dict[IdNumber, int]).dump_json({tenant: 1}) == b'{"130123198503120019":1}'
    for same in (copy.deepcopy(tenant), pickle.loads(pickle.dumps(tenant))):
        assert same == tenant
        assert isinstance(same, IdNumber)


def test_a_refusal_survives_pickling() -> None:
    wrong = NotValid("length", "请核对。", "Please check.")
    same = pickle.loads(pickle.dumps(wrong))
    assert (same.code, same.text) == (wrong.code, wrong.text)
