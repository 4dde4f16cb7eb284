import pytest

from services.identity.domain.password import check_password
from services.identity.passwords import HASHER, NOBODYS, hashed, is_right
from shared.contracts.errors import Invalid
from tests.services.identity.examples import PHONE, WANG_NUMBER

GOOD = "correct horse battery"


@pytest.mark.parametrize("password", [GOOD, "一二三四五六七八九十", "x" * 128])
def test_a_password_of_10_to_128_characters_will_do(password: str) -> None:
    check_password(password, known_to_others=(PHONE, WANG_NUMBER))


@pytest.mark.parametrize("password", ["", "x" * 9, "x" * 129])
def test_a_password_too_short_or_too_long_will_not(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_password(password, known_to_others=())
    assert list(refusal.value.fields) == ["password"]


@pytest.mark.parametrize(
    "password", [str(PHONE), f"{PHONE}!", str(WANG_NUMBER), "11010519491231002x", "１３８００００００００"]
)
def test_a_password_may_not_hold_what_others_know(password: str) -> None:
    with pytest.raises(Invalid):
        check_password(password, known_to_others=(PHONE, WANG_NUMBER, "11010519491231002X"))


async def test_a_hash_knows_its_password_and_no_other() -> None:
    made = await hashed(GOOD)

    assert await is_right(GOOD, made)
    assert not await is_right(f"{GOOD}!", made)


async def test_two_hashes_of_one_password_differ() -> None:
    assert await hashed(GOOD) != await hashed(GOOD)


async def test_nobody_has_a_right_password() -> None:
    assert not await is_right(GOOD, None)


def test_checking_nobodys_password_costs_what_checking_a_real_one_does() -> None:
    assert not HASHER.check_needs_rehash(NOBODYS)
