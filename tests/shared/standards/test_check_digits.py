from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards.check_digits import (
    DIGITS_AND_CAPITALS,
    GB_32100_ALPHABET,
    gb_11714,
    gb_32100,
    mod_11_2,
    mod_37_36,
)
from tests.shared.standards import examples
from tests.shared.standards.strategies import neighbour_swaps, single_changes


@pytest.mark.parametrize("number", examples.ID_NUMBERS)
def test_mod_11_2_gives_the_last_character_of_an_id_number(number: str) -> None:
    assert mod_11_2(number[:17]) == number[17]


@pytest.mark.parametrize("code", examples.CREDIT_CODES)
def test_both_checks_of_a_credit_code_are_found_anew(code: str) -> None:
    assert (gb_11714(code[8:16]), gb_32100(code[:17])) == (code[16], code[17])


def test_mod_37_36_gives_the_check_of_the_published_grid_sample() -> None:
    assert mod_37_36("A12425GABC1234002") == "M"  # the Global Release Identifier handbook's A1-2425G-ABC1234002-M


@given(st.text(DIGITS_AND_CAPITALS, min_size=1, max_size=40))
def test_mod_37_36_agrees_with_the_standards_definition(text: str) -> None:
    """ISO 7064 defines a right string by its last carry: P(n) + check = 1 (mod 36)."""
    carry = 36
    for character in text:
        carry = ((carry + int(character, 36)) % 36 or 36) * 2 % 37
    assert (carry + int(mod_37_36(text), 36)) % 36 == 1


@given(st.text(DIGITS_AND_CAPITALS, min_size=1, max_size=40))
def test_mod_37_36_finds_every_single_change(text: str) -> None:
    assert all(mod_37_36(changed) != mod_37_36(text) for changed in single_changes(text, DIGITS_AND_CAPITALS))


def test_mod_37_36_misses_one_pair_of_swapped_neighbours_for_each_carry() -> None:
    """Every carry is reached by one character, so strings of three characters show every case."""
    missed = [
        (_carry_after(first), left, right)
        for first in DIGITS_AND_CAPITALS
        for left, right in product(range(36), repeat=2)
        if left != right and _check(first, left, right) == _check(first, right, left)
    ]
    assert {carry for carry, _, _ in missed} == set(range(1, 37))
    assert len(missed) == 2 * 36
    for carry, left, right in missed:
        lower = (18 - carry) % 36
        assert {left, right} == {lower, (lower + 1) % 36}


def _carry_after(character: str) -> int:
    return ((36 + int(character, 36)) % 36 or 36) * 2 % 37


def _check(first: str, second: int, third: int) -> str:
    return mod_37_36(first + DIGITS_AND_CAPITALS[second] + DIGITS_AND_CAPITALS[third])


@given(st.text(GB_32100_ALPHABET, min_size=17, max_size=17))
def test_gb_32100_finds_every_single_change_and_every_swap_of_neighbours(text: str) -> None:
    slips = [*single_changes(text, GB_32100_ALPHABET), *neighbour_swaps(text)]
    assert all(gb_32100(slip) != gb_32100(text) for slip in slips)


def test_gb_11714_alone_misses_a_change_by_eleven() -> None:
    assert gb_11714("00000000") == gb_11714("B0000000")


@pytest.mark.parametrize("character", ["٣", "３", "a", "-", ""])
def test_a_character_outside_the_alphabet_is_an_error(character: str) -> None:
    with pytest.raises(ValueError):
        mod_11_2(character + "0" * 16)
    with pytest.raises(ValueError):
        gb_11714("0" * 7 + (character or "I0"))
