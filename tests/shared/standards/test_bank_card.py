"""Numbers of bank cards: 16 to 19 digits, the last a check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards.bank_card import BankCard
from shared.standards.errors import NotValid

CARD = "6222020000000000018"


@pytest.mark.parametrize(
    "text", [CARD, "6217 0000 0000 0000 020", "４１１１１１１１１１１１１１１１", " 6222020000000000018 "]
)
def test_a_number_is_read_in_whatever_width_and_groups(text: str) -> None:
    assert BankCard(text).isascii()
    assert BankCard(BankCard(text)) == BankCard(text)


@pytest.mark.parametrize("text", ["", "6222", "6222020000000000018x", "62220200000000000181234", "六二二二"])
def test_what_has_not_its_form_is_refused(text: str) -> None:
    with pytest.raises(NotValid, match="length"):
        BankCard(text)


@given(st.integers(0, 18), st.integers(1, 9))
def test_every_single_digit_changed_is_refused(place: int, by: int) -> None:
    changed = CARD[:place] + str((int(CARD[place]) + by) % 10) + CARD[place + 1 :]
    with pytest.raises(NotValid, match="check_digit"):
        BankCard(changed)
