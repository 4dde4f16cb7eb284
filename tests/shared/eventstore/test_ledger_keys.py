"""What a key counts for follows from statements that the keys themselves have signed."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.eventstore.ledger_keys import CountsNoMore, LedgerKeys, rotation, withdrawal
from shared.eventstore.signed_head import HeadSigner, NotSigned

ORIGIN = "tongban/local/harbour"
NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
KEYS = [Ed25519PrivateKey.generate() for _ in range(4)]
SIGNERS = [HeadSigner("local.harbour", key) for key in KEYS]
NAMES = [one.key for one in SIGNERS]
TO_SECOND = rotation(ORIGIN, KEYS[0], KEYS[1], 100, NOW)
TO_THIRD = rotation(ORIGIN, KEYS[1], KEYS[2], 200, NOW)
STOLEN = withdrawal(ORIGIN, NAMES[0], 60, KEYS[2], NOW)
ALL = [TO_SECOND, TO_THIRD, STOLEN]


def head(nth: int, size: int) -> str:
    return SIGNERS[nth].sign(size, bytes(32)).note


def knowing(nth: int, *statements: str) -> LedgerKeys:
    return LedgerKeys.around(NAMES[nth], ORIGIN, statements)


@pytest.mark.parametrize("known", [0, 1, 2])
def test_whoever_knows_one_key_learns_them_all(known: int) -> None:
    keys = knowing(known, *ALL)
    assert keys.keys == tuple(NAMES[:3])
    assert keys.until == {NAMES[0]: 60, NAMES[1]: 200}
    assert keys.withdrawn == {NAMES[0]}


def test_one_who_was_away_for_two_rotations_follows_both() -> None:
    known = LedgerKeys.beginning_with(NAMES[0], ORIGIN)
    assert known.extended([TO_SECOND]).extended([TO_SECOND, TO_THIRD]).present == NAMES[2]
    assert known.extended([TO_SECOND, TO_THIRD]).present == NAMES[2]


def test_an_earlier_key_counts_up_to_the_tree_at_which_it_was_replaced() -> None:
    keys = knowing(2, TO_SECOND, TO_THIRD)
    assert keys.open(head(0, 100)).size == 100
    assert keys.open(head(2, 5)).size == 5
    with pytest.raises(CountsNoMore):
        keys.open(head(0, 101))
    assert keys.open(head(0, 101), whatever_became=True).size == 101


def test_a_withdrawn_key_counts_for_less() -> None:
    assert knowing(0, *ALL).open(head(0, 60)).size == 60
    with pytest.raises(CountsNoMore):
        knowing(0, *ALL).open(head(0, 61))


def test_a_head_of_a_key_without_a_chain_is_not_signed() -> None:
    with pytest.raises(NotSigned):
        knowing(2, *ALL).open(head(3, 10))


def test_a_rotation_that_one_of_the_two_has_not_signed_is_none() -> None:
    text, _, signatures = TO_SECOND.partition("\n\n")
    first, second = signatures.splitlines(keepends=True)
    for half in (first, second):
        assert knowing(0, f"{text}\n\n{half}").keys == (NAMES[0],)
        assert knowing(1, f"{text}\n\n{half}").keys == (NAMES[1],)


def test_a_key_that_was_replaced_can_name_no_other_successor() -> None:
    keys = knowing(0, TO_SECOND, rotation(ORIGIN, KEYS[0], KEYS[3], 100, NOW))
    assert keys.present == NAMES[1]


def test_a_key_withdraws_no_key_once_it_was_replaced() -> None:
    keys = knowing(0, TO_SECOND, TO_THIRD, withdrawal(ORIGIN, NAMES[0], 0, KEYS[1], NOW))
    assert keys.until[NAMES[0]] == 100


def test_the_present_key_is_not_withdrawn() -> None:
    assert knowing(0, withdrawal(ORIGIN, NAMES[0], 0, KEYS[0], NOW)).withdrawn == frozenset()


def test_statements_of_another_ledger_are_passed_over() -> None:
    other = rotation("tongban/local/customs", KEYS[0], KEYS[1], 100, NOW)
    assert knowing(0, other, TO_SECOND.replace("harbour", "customs")).keys == (NAMES[0],)


def test_a_head_passes_for_no_statement() -> None:
    assert knowing(0, head(0, 10), head(0, 10).replace("\n10\n", "\nkey rotated\n")).keys == (NAMES[0],)
