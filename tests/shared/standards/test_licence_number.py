import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.standards.check_digits import DIGITS_AND_CAPITALS
from shared.standards.errors import NotValid
from shared.standards.licence_number import ROOT, LicenceNumber
from tests.shared.standards import examples
from tests.shared.standards.strategies import licence_numbers, single_changes


class Licence(BaseModel):
    number: LicenceNumber


def code_of(text: str) -> str:
    with pytest.raises(NotValid) as refused:
        LicenceNumber.parse(text)
    return refused.value.code


PUBLISHED = (examples.PUBLISHED_LICENCE, examples.VILLAGE_LICENCE, examples.VILLAGE_LICENCE_2)


@pytest.mark.parametrize("text", PUBLISHED)
def test_a_right_identifier_is_read_and_written_alike(text: str) -> None:
    assert str(LicenceNumber.parse(text)) == text


def test_a_new_identifier_gets_its_check() -> None:
    made = LicenceNumber.make(examples.RESIDENCE_PROOF_TYPE, examples.VILLAGE, "202312230000000001", 1)
    assert str(made) == examples.VILLAGE_LICENCE


def test_the_next_version_differs_in_version_and_check_only() -> None:
    assert str(LicenceNumber.parse(examples.VILLAGE_LICENCE).next_version()) == examples.VILLAGE_LICENCE_2


def test_there_is_no_version_after_999() -> None:
    last = LicenceNumber.make(examples.RESIDENCE_PROOF_TYPE, examples.VILLAGE, "1", 999)
    with pytest.raises(NotValid) as refused:
        last.next_version()
    assert refused.value.code == "version"


@given(licence_numbers(last_version=998))
def test_what_was_made_can_be_parsed_and_renewed(number: LicenceNumber) -> None:
    assert LicenceNumber.parse(str(number)) == number
    assert LicenceNumber.parse(str(number.next_version())).version == number.version + 1


@settings(max_examples=25)
@given(licence_numbers())
def test_every_single_changed_character_is_refused(number: LicenceNumber) -> None:
    parts = str(number).removeprefix(f"{ROOT}.")
    for changed in single_changes(parts, DIGITS_AND_CAPITALS):
        with pytest.raises(NotValid):
            LicenceNumber.parse(f"{ROOT}.{changed}")


@given(licence_numbers())
def test_every_swap_of_neighbours_is_refused_but_the_pair_the_standard_cannot_see(number: LicenceNumber) -> None:
    for swapped, is_blind_spot in _swaps(str(number)):
        if not is_blind_spot:
            with pytest.raises(NotValid):
                LicenceNumber.parse(swapped)


@given(licence_numbers())
def test_every_swap_within_the_two_credit_codes_is_refused(number: LicenceNumber) -> None:
    start = len(ROOT) + 1
    type_body, issuer = range(start, start + 17), range(start + 22, start + 39)
    text = str(number)
    for place in (*type_body, *issuer):
        if text[place] != text[place + 1]:
            with pytest.raises(NotValid):
                LicenceNumber.parse(text[:place] + text[place + 1] + text[place] + text[place + 2 :])


def test_the_blind_spot_is_real() -> None:
    """At any place exactly one pair of successive characters keeps its check either way round."""
    pairs = list(pairwise(DIGITS_AND_CAPITALS + "0"))
    blind = [(a, b) for a, b in pairs if _check_of_serial(a + b) == _check_of_serial(b + a)]
    assert len(blind) == 1


def _check_of_serial(serial: str) -> str:
    return LicenceNumber.make(examples.RESIDENCE_PROOF_TYPE, examples.VILLAGE, serial).check


def _swaps(text: str) -> Iterator[tuple[str, bool]]:
    """Each swap of two different neighbours (dots left in their places), and whether MOD 37,36 is blind to it."""
    places = [place for place in range(len(ROOT), len(text)) if text[place] != "."]
    carry = 36
    for place, following in pairwise(places):
        left, right = int(text[place], 36), int(text[following], 36)
        if left != right:
            characters = list(text)
            characters[place], characters[following] = text[following], text[place]
            lower = (18 - carry) % 36
            yield "".join(characters), {left, right} == {lower, (lower + 1) % 36}
        carry = ((carry + left) % 36 or 36) * 2 % 37


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "form"),
        ("1.2.156.3005.3" + examples.VILLAGE_LICENCE.removeprefix(ROOT), "form"),
        (examples.VILLAGE_LICENCE.removeprefix(f"{ROOT}."), "form"),
        (f" {examples.VILLAGE_LICENCE}", "form"),
        (f"{examples.VILLAGE_LICENCE}\n", "form"),
        (f"{examples.VILLAGE_LICENCE}.0", "form"),
        (examples.VILLAGE_LICENCE[:-1], "form"),
        (examples.VILLAGE_LICENCE.replace(".001.Y", ".1.Y"), "form"),
        (examples.VILLAGE_LICENCE.replace(".001.Y", ".000.Y"), "form"),
        (examples.VILLAGE_LICENCE.replace(".001.Y", ".00١.Y"), "form"),
        (examples.VILLAGE_LICENCE.replace(".2023", ".a023"), "serial"),
        (examples.VILLAGE_LICENCE.replace("202312230000000001", ""), "serial"),
        (examples.VILLAGE_LICENCE.replace("202312230000000001", "0" * 65), "serial"),
        (examples.VILLAGE_LICENCE.replace("1310001.", "131000A."), "type_code"),
        (examples.VILLAGE_LICENCE.replace("54130123", "5413012"), "issuer"),
        (examples.VILLAGE_LICENCE[:-1] + "Z", "check_digit"),
    ],
)
def test_a_refusal_names_its_reason(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("type_code", "issuer", "serial", "version", "code"),
    [
        ("11130000MB00001311001", examples.VILLAGE, "1", 1, "type_code"),
        (examples.RESIDENCE_PROOF_TYPE, "54130123ME000124XX", "1", 1, "issuer"),
        (examples.RESIDENCE_PROOF_TYPE, examples.VILLAGE.lower(), "1", 1, "issuer"),
        (examples.RESIDENCE_PROOF_TYPE, examples.VILLAGE, "一", 1, "serial"),
        (examples.RESIDENCE_PROOF_TYPE, examples.VILLAGE, "1", 0, "version"),
        (examples.RESIDENCE_PROOF_TYPE, examples.VILLAGE, "1", 1000, "version"),
    ],
)
def test_nothing_is_issued_under_a_wrong_part(
    type_code: str, issuer: str, serial: str, version: int, code: str
) -> None:
    with pytest.raises(NotValid) as refused:
        LicenceNumber.make(type_code, issuer, serial, version)
    assert refused.value.code == code


def test_what_others_issued_is_read_with_a_warning() -> None:
    foreign = "1.2.156.3005.2.11130000MB00001311001.54130123ME000124XX.1.001.0"
    assert [problem.code for problem in LicenceNumber.read(foreign).problems()] == [
        "check_digit",
        "type_code",
        "issuer",
    ]
    assert not list(LicenceNumber.read(examples.PUBLISHED_LICENCE).problems())


def test_it_travels_through_a_model_as_a_json_string() -> None:
    licence = Licence.model_validate_json(f'{{"number": "{examples.VILLAGE_LICENCE}"}}')
    assert licence.number == LicenceNumber.parse(examples.VILLAGE_LICENCE)
    assert licence.model_dump_json() == f'{{"number":"{examples.VILLAGE_LICENCE}"}}'
    assert Licence.model_validate(licence.model_dump()) == licence


def test_a_model_is_strict() -> None:
    with pytest.raises(ValidationError) as refused:
        Licence.model_validate({"number": examples.VILLAGE_LICENCE[:-1] + "Z"})
    assert refused.value.errors()[0]["type"] == "check_digit"


@given(licence_numbers())
def test_the_json_schema_describes_every_valid_identifier(number: LicenceNumber) -> None:
    assert re.search(TypeAdapter(LicenceNumber).json_schema()["pattern"], str(number))


def test_equal_identifiers_are_one_key() -> None:
    number = LicenceNumber.parse(examples.VILLAGE_LICENCE)
    assert {number, LicenceNumber.parse(examples.VILLAGE_LICENCE), number.next_version()} == {
        number,
        LicenceNumber.parse(examples.VILLAGE_LICENCE_2),
    }
