import pytest

from services.identity.domain.events import IdNumberClaimed, IdNumberReleased
from services.identity.domain.id_claim import ID_CLAIM, Claimed, ClaimIdNumber, Free, ReleaseIdNumber
from shared.contracts.errors import Refused
from tests.services.identity.examples import LI_ID, NOW, WANG_ID, decided, state

WANGS = IdNumberClaimed(person=WANG_ID, edition=1, claimed_at=NOW)
FREED = IdNumberReleased(person=WANG_ID, released_at=NOW)


def test_a_free_number_is_claimed() -> None:
    assert decided(ID_CLAIM, [], ClaimIdNumber(WANG_ID, 1, NOW)) == [WANGS]


def test_claiming_again_for_the_same_entry_says_nothing() -> None:
    assert decided(ID_CLAIM, [WANGS], ClaimIdNumber(WANG_ID, 1, NOW)) == []


def test_a_number_cannot_stand_for_two() -> None:
    with pytest.raises(Refused) as refusal:
        decided(ID_CLAIM, [WANGS], ClaimIdNumber(LI_ID, 1, NOW))
    assert refusal.value.code == "id_number_taken"


def test_a_released_number_is_free_for_another() -> None:
    assert decided(ID_CLAIM, [WANGS, FREED], ClaimIdNumber(LI_ID, 1, NOW))


def test_a_number_counts_its_claims() -> None:
    assert state(ID_CLAIM) == Free(0)
    assert state(ID_CLAIM, WANGS) == Claimed(WANG_ID, 1, 1)
    assert state(ID_CLAIM, WANGS, FREED) == Free(1)


def test_a_correction_releases_what_the_edition_before_bore() -> None:
    assert decided(ID_CLAIM, [WANGS], ReleaseIdNumber(WANG_ID, 2, NOW)) == [FREED]


def test_a_late_release_does_not_take_away_what_a_later_edition_claimed() -> None:
    back_again = decided(ID_CLAIM, [WANGS], ClaimIdNumber(WANG_ID, 3, NOW))

    assert decided(ID_CLAIM, [WANGS, *back_again], ReleaseIdNumber(WANG_ID, 2, NOW)) == []


def test_what_is_anothers_is_not_released() -> None:
    assert decided(ID_CLAIM, [WANGS], ReleaseIdNumber(LI_ID, 5, NOW)) == []


def test_a_free_number_need_not_be_released() -> None:
    assert decided(ID_CLAIM, [WANGS, FREED], ReleaseIdNumber(WANG_ID, 2, NOW)) == []
