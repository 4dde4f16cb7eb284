"""A mother under full age: whose certificate it is, and who must act."""

from services.certificates.domain.application_state import InReview
from shared.contracts.cases import CertificatesItemRequested
from shared.contracts.certificates import CertificatesItemRefused, CertificatesItemWaiting
from tests.services.certificates.case_world import A_WHILE_AGO, CARD, CHILD, PAPER, World, requested

OF_SIXTEEN, OF_ELEVEN = "130123201003020024", "130123201503020020"


def asked(number: str) -> CertificatesItemRequested:
    inputs = PAPER | {"holder_name": "季少女", "holder_id_number": number}
    return requested("birth_medical", "birth_medical", inputs, at=A_WHILE_AGO)


async def test_a_mother_of_sixteen_applies_for_herself(world: World) -> None:
    await world.know(CHILD, "季少女", OF_SIXTEEN)
    await world.ask(asked(OF_SIXTEEN))
    state = await world.comes_to_stand("birth_medical", InReview)
    assert (state.of.citizen, state.of.guardian) == (CHILD, None)


async def test_of_a_mother_of_eleven_it_is_said_who_must_act(world: World) -> None:
    await world.know(CHILD, "季少女", OF_ELEVEN)
    await world.ask(asked(OF_ELEVEN))
    refused = await world.comes_to("birth_medical", CertificatesItemRefused)
    assert (refused.code, refused.may_retry) == ("too_young", True)
    assert "监护人" in refused.reason.zh


async def test_a_child_without_guardians_waits_for_its_guardians(world: World) -> None:
    await world.know(CHILD, CARD["holder_name"], CARD["holder_id_number"])
    await world.ask(requested("social_security_card", "social_security_card", CARD, at=A_WHILE_AGO))
    waiting = await world.comes_to("social_security_card", CertificatesItemWaiting)
    assert "监护人" in waiting.waits_for.zh
