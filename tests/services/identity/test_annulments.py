"""A wrong entry is annulled by two, and what rested on it ends."""

from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import httpx
import pytest

from services.identity.domain.annulment import ConfirmAnnulment, EndAnnulmentProposal, ProposeAnnulment
from services.identity.domain.person import PERSON, EnterPerson, MovePerson, RecordDeath
from services.identity.marriages import Marriages
from services.identity.use_cases.end_mandates import EndMandates
from services.identity.widowing import Widowing
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import EntryAnnulled, MandateEnded, MarriageEnded, Role
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import NAMESAKE, NOW, PINGNAN_VILLAGE, WANG_ENTERED, WANG_ID, decided, state
from tests.services.identity.office import Office, code, sign_in_of, someone
from tests.services.identity.test_births import (
    ask,
    child_of,
    desk_of,
    marry,
    parents,
    requested,
)
from tests.services.identity.test_mandates_api import family

E = TypeVar("E", bound=Event)
LI, ZHAO = UUID(int=11), UUID(int=12)
PROPOSAL = UUID(int=77)
PROPOSE = ProposeAnnulment(PROPOSAL, "重复登记", "分娩记录复印件", LI, NOW)
CONFIRM = ConfirmAnnulment(PROPOSAL, LI, ZHAO, NOW)
PROPOSED = decided(PERSON, [WANG_ENTERED], PROPOSE)
BODY = {"reason": "与前一日登记的为同一孩子", "basis": "分娩记录复印件"}


def test_two_officers_annul() -> None:
    [annulled] = decided(PERSON, [WANG_ENTERED, *PROPOSED], CONFIRM)
    assert isinstance(annulled, EntryAnnulled)
    assert (annulled.proposed_by, annulled.annulled_by, annulled.basis) == (LI, ZHAO, "分娩记录复印件")
    for command in (MovePerson(NAMESAKE, "3栋", NOW), RecordDeath(date(2023, 12, 23), NOW), PROPOSE):
        with pytest.raises(Refused, match="entry_annulled"):
            decided(PERSON, [WANG_ENTERED, *PROPOSED, annulled], command)
    assert decided(PERSON, [WANG_ENTERED, *PROPOSED, annulled], CONFIRM) == []


def test_one_officer_does_not() -> None:
    with pytest.raises(Refused, match="another_officer_needed"):
        decided(PERSON, [WANG_ENTERED, *PROPOSED], ConfirmAnnulment(PROPOSAL, LI, LI, NOW))


def test_an_entry_that_has_changed_since_is_looked_at_anew() -> None:
    moved = decided(PERSON, [WANG_ENTERED], MovePerson(NAMESAKE, "3栋", NOW))
    with pytest.raises(NotFound, match="no_such_proposal"):
        decided(PERSON, [WANG_ENTERED, *PROPOSED, *moved], CONFIRM)
    dead = decided(PERSON, [WANG_ENTERED], RecordDeath(date(2023, 12, 23), NOW))
    again = decided(PERSON, [WANG_ENTERED, *PROPOSED, *dead], PROPOSE)
    assert decided(PERSON, [WANG_ENTERED, *dead, *again], CONFIRM)


def test_what_was_withdrawn_or_declined_is_not_confirmed() -> None:
    ended = decided(PERSON, [WANG_ENTERED, *PROPOSED], EndAnnulmentProposal(PROPOSAL, LI, NOW))
    with pytest.raises(NotFound, match="no_such_proposal"):
        decided(PERSON, [WANG_ENTERED, *PROPOSED, *ended], CONFIRM)
    assert state(PERSON, WANG_ENTERED, *PROPOSED, *ended) == state(PERSON, WANG_ENTERED)


def test_the_number_of_an_annulled_entry_is_never_given_again() -> None:
    annulled = decided(PERSON, [WANG_ENTERED, *PROPOSED], CONFIRM)
    with pytest.raises(Refused, match="number_annulled"):
        decided(PERSON, [WANG_ENTERED, *PROPOSED, *annulled], EnterPerson(WANG_ID, "王小明", *_rest()))


def _rest() -> tuple[IdNumber, str, str, datetime]:
    return WANG_ENTERED.id_number, WANG_ENTERED.division, WANG_ENTERED.address, NOW


async def proposed(desk: httpx.AsyncClient, person: UUID) -> str:
    answer = await desk.post(f"/people/{person}/annulment", json=BODY)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["annulment"]["proposal"])


async def annul(identity: Office, person: UUID) -> None:
    async with await identity.desk(Role.registrar) as one, await identity.desk(Role.registrar) as other:
        proposal = await proposed(one, person)
        answer = await other.post(f"/people/{person}/annulment/confirm", json={"proposal": proposal})
    assert answer.status_code == 200, answer.text


async def test_nobody_finds_an_annulled_entry_but_registrars(identity: Office) -> None:
    wang = someone()
    person = await identity.register(wang)
    async with await identity.desk(Role.registrar) as one, await identity.desk(Role.registrar) as other:
        proposal = await proposed(one, person)
        alone = await one.post(f"/people/{person}/annulment/confirm", json={"proposal": proposal})
        assert code(alone) == (409, "another_officer_needed")
        answer = await other.post(f"/people/{person}/annulment/confirm", json={"proposal": proposal})
        assert answer.status_code == 200, answer.text
        found = await one.post("/people/find", json={"id_number": wang["id_number"]})
        assert [row["annulled_at"] is not None for row in found.json()["people"]] == [True]
        by_name = await one.post("/people/find", json={"name": wang["name"]})
        assert str(person) not in by_name.text
        shown = await one.get(f"/people/{person}")
        assert shown.json()["annulled_at"] is not None
        assert code(await one.post(f"/people/{person}/move", json={"division": NAMESAKE, "address": "1号"})) == (
            404,
            "no_such_person",
        )
        again = await one.post("/people", json=wang)
        assert code(again) == (409, "number_annulled")
    async with identity.client() as citizen:
        assert (await citizen.post("/sign-in", json=sign_in_of(wang))).status_code == 401


async def test_a_registrar_of_another_place_sees_nothing(identity: Office) -> None:
    person = await identity.enter(someone())
    async with await identity.desk(Role.registrar, division=PINGNAN_VILLAGE) as far:
        assert code(await far.post(f"/people/{person}/annulment", json=BODY)) == (404, "no_such_person")


async def test_two_logins_of_one_person_are_one_officer(identity: Office) -> None:
    person, officer = await identity.enter(someone()), someone()
    one, other = await identity.desk_of(officer, Role.registrar), await identity.desk_of(officer, Role.registrar)
    async with one, other:
        proposal = await proposed(one, person)
        answer = await other.post(f"/people/{person}/annulment/confirm", json={"proposal": proposal})
    assert code(answer) == (409, "another_officer_needed")


async def test_officers_stand_aside_from_spouse_parents_and_children(new_identity: Office) -> None:
    of = await parents(new_identity)
    await marry(new_identity, of)
    request = requested(of)
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    child = await child_of(new_identity, request)
    mother, father = child.guardians
    async with await new_identity.desk_of({"id_number": of["mother_id_number"]}, Role.registrar) as desk:
        for person in (mother, father, child.person):
            answer = await desk.post(f"/people/{person}/annulment", json=BODY)
            assert code(answer) == (409, "not_ones_own_matter")


async def test_the_proposal_is_withdrawn_by_its_own_officer(identity: Office) -> None:
    person = await identity.enter(someone())
    async with await identity.desk(Role.registrar) as one:
        proposal = await proposed(one, person)
        answer = await one.post(f"/people/{person}/annulment/end", json={"proposal": proposal})
    assert (answer.status_code, answer.json()["annulment"]) == (200, None)


async def test_marriage_and_mandates_end(identity: Office) -> None:
    of = await parents(identity)
    await marry(identity, of)
    husband, _ = await identity.household.find(IdNumber(of["father_id_number"]))
    await annul(identity, husband)
    pool = identity.department.engine.pool
    await Widowing(Marriages(identity.household), pool).sweep()
    assert [one.reason for one in await said(identity, MarriageEnded, husband)] == ["annulled"]

    them = await family(identity)
    await them.given()
    await annul(identity, them.mother)
    assert await EndMandates(identity.store, pool).sweep() == 1
    [ended] = await said(identity, MandateEnded, them.mother)
    assert ended.reason == "principal_annulled"


async def said(identity: Office, kind: type[E], about: UUID) -> list[E]:
    """Events of one kind that name a person."""
    rows = await identity.department.engine.pool.fetch(
        "select id, type, schema, data::text as data from events where type = $1 and data::text like $2",
        f"identity.{kind.__name__}",
        f"%{about}%",
    )
    read = [identity.store.registry.decode(row["type"], row["schema"], row["data"], row["id"]) for row in rows]
    return [event for event in read if isinstance(event, kind)]


async def test_after_the_wrong_entry_is_annulled_the_right_birth_is_entered(new_identity: Office) -> None:
    of = await parents(new_identity)
    wrong = requested(of, child_sex="male")
    await ask(new_identity, wrong)
    await desk_of(new_identity).work()
    child = await child_of(new_identity, wrong)
    await annul(new_identity, child.person)

    right = requested(of, birth_certificate=wrong.inputs["birth_certificate"])
    await ask(new_identity, right)
    await desk_of(new_identity).work()

    entered = await child_of(new_identity, right)
    assert entered.id_number != child.id_number
    mother = entered.guardians[0]
    async with new_identity.client(new_identity.department.token("citizen", mother)) as client:
        mine = (await client.get("/households/mine")).json()
    assert [one["person"] for one in mine["children"]] == [str(entered.person)]
