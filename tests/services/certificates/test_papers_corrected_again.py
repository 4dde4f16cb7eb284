"""One correction after another: a paper holds again, is issued anew, or lies before the body that must look at it."""

from itertools import permutations
from uuid import UUID

import pytest

from services.certificates.domain.certificate_state import Issued, Suspended
from services.certificates.domain.officer import Officer
from services.certificates.domain.reviewer import Reviewer
from services.certificates.read_models.holdings import to_look_at
from shared.contracts.identity import PersonDied, Role
from shared.department.paging import Place
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber
from tests.services.certificates.examples import NOW, TODAY
from tests.services.certificates.office import Office
from tests.services.certificates.sealed import COUNTY
from tests.services.certificates.test_papers_follow import (
    CHILD,
    FATHER,
    MOTHER,
    NAMES,
    NOW_TODAY,
    NUMBERS,
    NURSE,
    Register,
    born,
    register,
)

__all__ = ["register"]

CORRECTED = {MOTHER: "季适用", FATHER: "甄样本", CHILD: "季晓满"}
OTHER_NUMBER = IdNumber("13012320231220100X")  # of the same day and sex


async def looked_at(register: Register) -> list[UUID]:
    found = await to_look_at(register.pool, COUNTY, ["birth_medical"], after=Place.first(), limit=10)
    return [one.certificate for one in found]


async def test_what_the_register_takes_back_holds_again(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(CHILD, CORRECTED[CHILD])
    await register.settle()
    assert await looked_at(register) == [birth]
    await register.correct(CHILD, NAMES[CHILD])
    await register.settle()
    assert isinstance(await register.stands(birth), Issued)
    assert await looked_at(register) == []


async def test_what_was_replaced_once_waits_for_its_body_and_holds_again(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(FATHER, CORRECTED[FATHER])
    await register.settle()
    await register.correct(CHILD, CORRECTED[CHILD], OTHER_NUMBER)
    await register.settle()
    second = await register.last_word(birth)
    assert isinstance(second, Suspended)
    assert "正定县妇幼保健院" in second.explanation
    assert await looked_at(register) == [second.as_issued.certificate]
    await register.correct(CHILD, NAMES[CHILD], NUMBERS[CHILD])
    await register.settle()
    assert isinstance(await register.last_word(birth), Issued)


async def test_a_childs_number_that_is_not_on_it_changes_nothing(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(CHILD, NAMES[CHILD], OTHER_NUMBER)
    await register.settle()
    assert isinstance(await register.stands(birth), Issued)


async def test_what_differs_besides_is_replaced_once_the_look_is_over(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(CHILD, CORRECTED[CHILD])
    await register.settle()
    await register.correct(MOTHER, CORRECTED[MOTHER])
    await register.settle()
    await register.correct(CHILD, NAMES[CHILD])
    await register.settle()
    new = await register.last_word(birth)
    assert isinstance(new, Issued)
    assert new.as_issued.holder_name == CORRECTED[MOTHER]


async def test_what_a_body_has_looked_at_leaves_its_list(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(CHILD, CORRECTED[CHILD])
    await register.settle()
    await correct(register, birth)
    assert await looked_at(register) == []
    assert (await register.last_word(birth)).as_issued.content["child_name"] == CORRECTED[CHILD]


async def test_a_death_withdrawn_after_the_register_took_back_leaves_it_holding(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(CHILD, CORRECTED[CHILD])
    await register.settle()
    await register.tell(MOTHER, PersonDied(person=MOTHER, died_on=TODAY, recorded_at=NOW))
    await register.correct(CHILD, NAMES[CHILD])
    await register.settle()
    assert isinstance(await register.stands(birth), Issued)


@pytest.mark.parametrize("at_once", [False, True])
async def test_in_every_order_the_last_word_is_the_registers(register: Register, at_once: bool) -> None:
    birth, _ = await born(register)
    for order in permutations((MOTHER, FATHER, CHILD)):
        for names in (CORRECTED, NAMES):
            for person in order:
                await register.correct(person, names[person])
                if not at_once:
                    await register.settle()
            await register.settle()
            last = await register.last_word(birth)
            if isinstance(last, Suspended):
                assert await looked_at(register) == [last.as_issued.certificate]
                await correct(register, last.as_issued.certificate)
                last = await register.last_word(birth)
            assert isinstance(last, Issued)
            says = last.as_issued
            assert (says.holder_name, says.content["father_name"], says.content["child_name"]) == (
                names[MOTHER],
                names[FATHER],
                names[CHILD],
            )
            assert await looked_at(register) == []


async def correct(register: Register, certificate: UUID) -> None:
    """As the body does in one act: nothing typed, all of it from the register."""
    officer = Officer(Reviewer(NURSE, COUNTY, frozenset({Role.health_reviewer})), Role.health_reviewer)
    await register.replacing.correct(certificate, officer, {}, "按户籍登记换发", NOW_TODAY, Context())
    await register.settle()
    await register.replacing.sweep()


async def test_a_reviewer_sees_what_differs(register: Register) -> None:
    birth, _ = await born(register)
    await register.correct(CHILD, CORRECTED[CHILD])
    await register.settle()
    nurse = await Office(register.department).reviewer(COUNTY, NURSE, role=Role.health_reviewer, has_seals=False)
    [paper] = (await nurse.get("/review-queue/papers")).json()["papers"]
    [line] = paper["differs"]
    assert (paper["certificate"], line["before"], line["now"]) == (str(birth), NAMES[CHILD], CORRECTED[CHILD])
