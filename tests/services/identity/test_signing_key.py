import pytest

from services.identity.domain.signing_key import SIGNING_KEY, PublishSigningKey, RetireSigningKey
from shared.contracts.errors import NotFound, Refused
from shared.contracts.identity import SigningKeyPublished, SigningKeyRetired
from tests.services.identity.examples import NOW, decided

PUBLISH = PublishSigningKey("kid", "x", NOW)
PUBLISHED = SigningKeyPublished(kid="kid", public_key="x", published_at=NOW)
RETIRED = SigningKeyRetired(kid="kid", retired_at=NOW)


def test_a_key_is_published() -> None:
    assert decided(SIGNING_KEY, [], PUBLISH) == [PUBLISHED]


def test_publishing_again_says_nothing() -> None:
    assert decided(SIGNING_KEY, [PUBLISHED], PUBLISH) == []


def test_a_key_out_of_use_is_retired() -> None:
    assert decided(SIGNING_KEY, [PUBLISHED], RetireSigningKey("another", NOW)) == [RETIRED]


def test_the_key_in_use_is_not_retired() -> None:
    with pytest.raises(Refused) as refusal:
        decided(SIGNING_KEY, [PUBLISHED], RetireSigningKey("kid", NOW))
    assert refusal.value.code == "key_in_use"


def test_retiring_again_says_nothing() -> None:
    assert decided(SIGNING_KEY, [PUBLISHED, RETIRED], RetireSigningKey("another", NOW)) == []


def test_a_retired_key_does_not_come_back() -> None:
    with pytest.raises(Refused) as refusal:
        decided(SIGNING_KEY, [PUBLISHED, RETIRED], PUBLISH)
    assert refusal.value.code == "key_retired"


def test_an_unknown_key_is_not_retired() -> None:
    with pytest.raises(NotFound):
        decided(SIGNING_KEY, [], RetireSigningKey("another", NOW))
