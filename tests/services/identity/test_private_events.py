"""What identity has stored must be readable for ever: each private event as it was first written."""

import pytest

from services.identity.domain.events import PRIVATE_EVENTS, PRIVATE_UPCASTS, SpouseClaimed
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.registry import Registry

PERSON = "0b0e7c3e-6d2b-8f0a-9c4d-1a2b3c4d5e6f"
AT = "2023-12-24T09:30:00Z"

GOLDEN = {
    "IdNumberClaimed": f'{{"person":"{PERSON}","edition":1,"claimed_at":"{AT}"}}',
    "IdNumberReleased": f'{{"person":"{PERSON}","released_at":"{AT}"}}',
    "BirthClaimed": f'{{"newborn":"{PERSON}","claimed_at":"{AT}"}}',
    "BirthReleased": f'{{"newborn":"{PERSON}","released_at":"{AT}"}}',
    "DeliveryBirthClaimed": f'{{"newborn":"{PERSON}","born_on":"2023-12-22","order":"first","claimed_at":"{AT}"}}',
    "DeliveryBirthHeld": f'{{"newborn":"{PERSON}","mother":"{PERSON}","case":"{PERSON}","reference":"{PERSON}",'
    f'"born_on":"2023-12-23","order":"first","child_name":"寓小满","division":"130123100242",'
    f'"reasons":["same_order"],"beside":["{PERSON}"],"held_at":"{AT}",'
    '"parentage_proof":"2026冀鉴字第0412号"}',
    "HeldBirthProposed": f'{{"newborn":"{PERSON}","proposal":"{PERSON}","decision":"refuse","reason":"重复登记",'
    f'"by":"{PERSON}","proposed_at":"{AT}"}}',
    "HeldBirthProposalEnded": f'{{"newborn":"{PERSON}","proposal":"{PERSON}","by":"{PERSON}","ended_at":"{AT}"}}',
    "HeldBirthDecided": f'{{"newborn":"{PERSON}","reference":"{PERSON}","proposal":"{PERSON}","decision":"refuse",'
    f'"reason":"重复登记","proposed_by":"{PERSON}","decided_by":"{PERSON}","decided_at":"{AT}"}}',
    "DeliveryBirthFreed": f'{{"newborn":"{PERSON}","freed_at":"{AT}"}}',
    "AnnulmentProposed": f'{{"person":"{PERSON}","proposal":"{PERSON}","reason":"重复登记","basis":"分娩记录复印件",'
    f'"by":"{PERSON}","proposed_at":"{AT}"}}',
    "ErasureProposed": f'{{"person":"{PERSON}","proposal":"{PERSON}","basis":"《个人信息保护法》第四十七条",'
    f'"by":"{PERSON}","proposed_at":"{AT}"}}',
    "ErasureProposalEnded": f'{{"person":"{PERSON}","proposal":"{PERSON}","by":"{PERSON}","ended_at":"{AT}"}}',
    "AnnulmentProposalEnded": f'{{"person":"{PERSON}","proposal":"{PERSON}","by":"{PERSON}","ended_at":"{AT}"}}',
    "NewbornNumberChosen": f'{{"newborn":"{PERSON}","id_number":"130123202312220024","chosen_at":"{AT}"}}',
    "SpouseClaimed": f'{{"marriage":"{PERSON}","claimed_at":"{AT}","edition":2}}',
    "SpouseReleased": f'{{"marriage":"{PERSON}","released_at":"{AT}"}}',
    "MarriageAttemptLapsed": f'{{"marriage":"{PERSON}","lapsed_at":"{AT}"}}',
    "AttemptFailed": f'{{"failed_at":"{AT}"}}',
    "AttemptsLocked": f'{{"until":"{AT}"}}',
    "FailuresForgiven": f'{{"forgiven_at":"{AT}"}}',
    "PasswordSet": f'{{"password_hash":"$argon2id$","set_at":"{AT}"}}',
    "InitialPasswordSet": f'{{"password_hash":"$argon2id$","set_at":"{AT}"}}',
    "VerifiedAtCounter": f'{{"citizen":"{PERSON}","by":"{PERSON}","document":"居民身份证","verified_at":"{AT}"}}',
    "VerifiedByProvider": f'{{"citizen":"{PERSON}","provider":"stand-in","provider_title_zh":"演示用替身",'
    f'"provider_title_en":"stand-in","is_stand_in":true,"method":"eid","assertion":"0123","verified_at":"{AT}"}}',
    "StaffLoginGiven": '{"login":"wang.police"}',
    "MandateAddressed": f'{{"mandate":"{PERSON}","id_number":"130123198503120019","addressee":"{PERSON}",'
    f'"principal":"{PERSON}"}}',
    "MandateCounted": f'{{"mandate":"{PERSON}","counted_at":"{AT}"}}',
    "StaffPersonNamed": f'{{"officer":"{PERSON}"}}',
    "OfficerPostGiven": f'{{"staff":"{PERSON}","roles":["reviewer"],"division":"130123100242",'
    f'"department":null,"given_at":"{AT}"}}',
    "OfficerPostEnded": f'{{"staff":"{PERSON}","ended_at":"{AT}"}}',
    "SessionOpened": f'{{"holder":"{PERSON}","kind":"citizen","refresh_hash":"00ff",'
    f'"opened_at":"{AT}","expires_at":"{AT}"}}',
    "SessionRefreshed": f'{{"refresh_hash":"00ff","refreshed_at":"{AT}"}}',
    "SessionClosed": f'{{"reason":"signed_out","closed_at":"{AT}"}}',
    "RegisterSecretPinned": f'{{"fingerprint":"00ff","pinned_at":"{AT}"}}',
}
REASONS = ["signed_out", "reuse", "dismissed", "password_changed", "died", "annulled"]
REGISTRY = Registry("identity", CONTRACTS, PRIVATE_EVENTS, PRIVATE_UPCASTS)


def test_every_private_event_has_its_golden_form() -> None:
    assert GOLDEN.keys() == {event.__name__ for event in PRIVATE_EVENTS}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_stored_event_is_read_and_written_as_it_was(name: str) -> None:
    event = REGISTRY.decode(f"identity.{name}", 1, GOLDEN[name])

    assert type(event).__name__ == name
    assert REGISTRY.encode(event) == GOLDEN[name]


def test_a_claim_of_a_spouse_from_before_it_told_the_edition_is_for_the_first() -> None:
    event = REGISTRY.decode("identity.SpouseClaimed", 1, f'{{"marriage":"{PERSON}","claimed_at":"{AT}"}}')

    assert isinstance(event, SpouseClaimed)
    assert event.edition == 0


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_a_session_ever_ended_for_is_read(reason: str) -> None:
    stored = GOLDEN["SessionClosed"].replace("signed_out", reason)

    assert REGISTRY.encode(REGISTRY.decode("identity.SessionClosed", 1, stored)) == stored


def test_password_hashes_and_id_numbers_are_marked_personal() -> None:
    marked = {event.__name__: event.personal_fields() for event in PRIVATE_EVENTS if event.personal_fields()}

    assert marked == {
        "PasswordSet": frozenset({"password_hash"}),
        "InitialPasswordSet": frozenset({"password_hash"}),
        "DeliveryBirthHeld": frozenset({"child_name", "parentage_proof"}),
        "HeldBirthProposed": frozenset({"reason"}),
        "HeldBirthDecided": frozenset({"reason"}),
        "AnnulmentProposed": frozenset({"reason", "basis"}),
        "NewbornNumberChosen": frozenset({"id_number"}),
        "MandateAddressed": frozenset({"id_number"}),
        "VerifiedAtCounter": frozenset({"document"}),
    }
