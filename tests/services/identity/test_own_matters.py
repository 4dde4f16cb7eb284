"""Registrars stand aside from themselves, their spouse, parents and children, whatever they would do."""

import httpx
import pytest

from shared.contracts.identity import Role
from shared.standards.id_number import IdNumber
from tests.services.identity.office import Office, code
from tests.services.identity.test_births import ask, child_of, desk_of, marry, parents, requested

ACTS = {
    "correct": {"name": "季试用", "id_number": "11010519491231002X", "reason": "录入错误"},
    "move": {"division": "130123100242", "address": "13号"},
    "household": {"household_number": "1"},
    "death": {"died_on": "2023-12-24"},
    "death/withdraw": {"reason": "错", "basis": "报告"},
    "annulment": {"reason": "错", "basis": "报告"},
}


@pytest.fixture(scope="session")
async def family(identity: Office) -> tuple[dict[str, str], dict[str, str]]:
    """The paths of mother, father and child; and the mother's ID number, who is a registrar."""
    of = await parents(identity)
    await marry(identity, of)
    request = requested(of)
    await ask(identity, request)
    await desk_of(identity).work()
    child = await child_of(identity, request)
    mother, father = child.guardians
    return {"mother": str(mother), "father": str(father), "child": str(child.person)}, of


@pytest.mark.parametrize("who", ["mother", "father", "child"])
@pytest.mark.parametrize("act", ACTS)
async def test_no_registrar_acts_on_their_own(
    identity: Office, family: tuple[dict[str, str], dict[str, str]], act: str, who: str
) -> None:
    people, of = family
    async with await desk(identity, of) as registrar:
        answer = await registrar.post(f"/people/{people[who]}/{act}", json=ACTS[act])
    assert code(answer) == (409, "not_ones_own_matter")


async def test_nor_on_their_own_marriage(identity: Office, family: tuple[dict[str, str], dict[str, str]]) -> None:
    people, of = family
    async with await desk(identity, of) as registrar:
        body = {
            "husband_id_number": of["father_id_number"],
            "wife_id_number": of["mother_id_number"],
            "licence": "J130123-2023-999999",
            "married_on": "2023-05-20",
        }
        assert code(await registrar.post("/marriages", json=body)) == (409, "not_ones_own_matter")
    father, _ = await identity.household.find(IdNumber(of["father_id_number"]))
    assert str(father) == people["father"]


async def desk(identity: Office, of: dict[str, str]) -> httpx.AsyncClient:
    return await identity.desk_of({"id_number": of["mother_id_number"]}, Role.registrar)
