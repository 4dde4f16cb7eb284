"""A person's data are to be erased: asked by the citizen, or by two officers by law; every department answers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.identity.domain.erasure import (
    ASKING,
    AskErasure,
    ConfirmErasure,
    EndErasureProposal,
    ProposeErasure,
    TellAnswered,
)
from services.identity.erasing import ERASURE
from shared.contracts.case_items import Words
from shared.contracts.cases import CasesErased
from shared.contracts.certificates import CertificatesErased, CertificatesKept
from shared.contracts.erasure import PersonErased, PersonKept, Reason
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import ErasureAnswered, ErasureAsked, Role
from shared.contracts.insurance import InsuranceErased
from shared.contracts.notification import NotificationErased
from shared.department.erasure import Erasing
from tests.services.identity.examples import NOW, PINGNAN_VILLAGE, decided
from tests.services.identity.office import Office, code, sign_in_of, someone
from tests.services.identity.test_annulments import annul
from tests.services.identity.test_marriages_api import adult, newborn

PERSON, REQUEST, PROPOSAL = UUID(int=1), UUID(int=2), UUID(int=3)
LI, ZHAO = UUID(int=11), UUID(int=12)
LAW = "《个人信息保护法》第四十七条第一款第一项"
ASK = AskErasure(PERSON, REQUEST, NOW)
PROPOSE = ProposeErasure(PERSON, PROPOSAL, LAW, LI, NOW)
CONFIRM = ConfirmErasure(PERSON, PROPOSAL, LI, ZHAO, REQUEST, NOW)
WORDS = Words(zh="持有有效证照。", en="A certificate is in force.")


def test_a_citizen_asks_once_until_all_have_answered() -> None:
    asked = decided(ASKING, [], ASK)
    assert decided(ASKING, asked, AskErasure(PERSON, UUID(int=9), NOW)) == []
    told = decided(ASKING, asked, TellAnswered(REQUEST, ("cases",), ("certificates",), NOW))
    assert isinstance(told[0], ErasureAnswered)
    assert decided(ASKING, [*asked, *told], TellAnswered(REQUEST, ("cases",), ("certificates",), NOW)) == []
    assert decided(ASKING, [*asked, *told], AskErasure(PERSON, UUID(int=9), NOW))


def test_two_officers_ask_by_law() -> None:
    proposed = decided(ASKING, [], PROPOSE)
    [asked] = decided(ASKING, proposed, CONFIRM)
    assert isinstance(asked, ErasureAsked)
    assert (asked.by, asked.basis, asked.proposed_by, asked.confirmed_by) == ("law", LAW, LI, ZHAO)
    with pytest.raises(Refused, match="another_officer_needed"):
        decided(ASKING, proposed, ConfirmErasure(PERSON, PROPOSAL, LI, LI, REQUEST, NOW))
    with pytest.raises(Refused, match="erasure_under_way"):
        decided(ASKING, [*proposed, asked], ProposeErasure(PERSON, UUID(int=9), LAW, LI, NOW))


def test_what_was_withdrawn_or_declined_is_not_confirmed() -> None:
    proposed = decided(ASKING, [], PROPOSE)
    ended = decided(ASKING, proposed, EndErasureProposal(PERSON, PROPOSAL, LI, NOW))
    with pytest.raises(NotFound, match="no_such_proposal"):
        decided(ASKING, [*proposed, *ended], CONFIRM)


async def answered(identity: Office, person: UUID, *kinds: type[PersonErased | PersonKept]) -> None:
    """These departments answer the last request; identity looks at it then."""
    state = (await identity.store.stand(ASKING.stream(person), ASKING)).state
    assert state.asked is not None
    now = datetime.now(UTC)
    for kind in kinds:
        told: Event
        if issubclass(kind, PersonKept):
            reason = Reason(rule="certificate_in_force", keeps=WORDS, basis=WORDS, until=now.date())
            told = kind(
                person=person,
                request=state.asked.request,
                reasons=(reason,),
                look_again_at=now + timedelta(days=1),
                kept_at=now,
            )
        else:
            told = kind(person=person, request=state.asked.request, erased_at=now)
        await identity.department.give(f"erasure-{person}", told)
    await Erasing(ERASURE, identity.store).sweep()


def of(answer: httpx.Response) -> dict[str, Any]:
    return {one["department"]: one for one in answer.json()["departments"]}


async def test_the_citizen_sees_who_erased_who_keeps_and_why(identity: Office) -> None:
    person = await identity.register(someone())
    async with identity.client(identity.department.token("citizen", person)) as citizen:
        asked = await citizen.post("/me/erasure")
        assert asked.status_code == 201, asked.text
        assert {one["status"] for one in of(asked).values()} == {"waiting"}
        await answered(identity, person, InsuranceErased, CertificatesKept)
        assert of(await citizen.get("/me/erasure"))["identity"]["status"] == "waiting"
        await answered(identity, person, CasesErased)
        shown = of(await citizen.get("/me/erasure"))
    assert {name: one["status"] for name, one in shown.items()} == {
        "certificates": "kept",
        "insurance": "erased",
        "cases": "erased",
        "notification": "waiting",
        "identity": "kept",
    }
    assert shown["certificates"]["reasons"][0]["keeps"] == {"zh": WORDS.zh, "en": WORDS.en}
    assert [one["until"] for one in shown["identity"]["reasons"]] == [None, None]


async def test_a_guardian_asks_for_a_minor_and_nobody_else_does(identity: Office) -> None:
    mother, other = await identity.enter(adult(male=False)), await identity.enter(adult(male=False))
    child = await newborn(identity, mother)
    async with identity.client(identity.department.token("citizen", mother)) as client:
        asked = await client.post("/me/erasure", params={"of": str(child)})
        assert asked.status_code == 201, asked.text
        assert (await client.get("/me/erasure")).json()["request"] is None
        shown = (await client.get("/me/erasure", params={"of": str(child)})).json()
        assert shown["request"] == asked.json()["request"]
        for stranger in (other, UUID(int=1)):
            assert code(await client.post("/me/erasure", params={"of": str(stranger)})) == (404, "no_such_ward")
    async with identity.client(identity.department.token("citizen", other)) as client:
        assert code(await client.get("/me/erasure", params={"of": str(child)})) == (404, "no_such_ward")
    state = (await identity.store.stand(ASKING.stream(child), ASKING)).state
    assert state.asked is not None
    assert (state.asked.by, state.asked.guardian) == ("citizen", mother)
    told = decided(ASKING, [state.asked], TellAnswered(state.asked.request, ("cases",), (), NOW))
    assert isinstance(told[0], ErasureAnswered)
    assert told[0].guardian == mother


async def test_an_annulled_person_is_erased_by_two_officers(identity: Office) -> None:
    """Last of all at identity, and nobody signs in."""
    wang = someone(name="王待删")
    person = await identity.register(wang)
    await annul(identity, person)
    async with await identity.desk(Role.registrar) as one, await identity.desk(Role.registrar) as other:
        proposed = await one.post(f"/people/{person}/erasure", json={"basis": LAW})
        assert proposed.status_code == 201, proposed.text
        proposal = {"proposal": proposed.json()["proposal"]["proposal"]}
        alone = await one.post(f"/people/{person}/erasure/confirm", json=proposal)
        assert code(alone) == (409, "another_officer_needed")
        confirmed = await other.post(f"/people/{person}/erasure/confirm", json=proposal)
        assert (confirmed.status_code, confirmed.json()["by"]) == (200, "law"), confirmed.text
        await answered(identity, person, InsuranceErased, CertificatesErased, CasesErased)
        assert of(await one.get(f"/people/{person}/erasure"))["identity"]["status"] == "kept"
        await answered(identity, person, NotificationErased)
        shown = of(await one.get(f"/people/{person}/erasure"))
        assert {one["status"] for one in shown.values()} == {"erased"}
    pool = identity.department.engine.pool
    assert await pool.fetchval("select name from household_register where person = $1", person) == ""
    async with identity.client() as citizen:
        assert (await citizen.post("/sign-in", json=sign_in_of(wang))).status_code == 401


async def test_a_registrar_of_another_place_sees_nothing(identity: Office) -> None:
    person = await identity.enter(someone())
    async with await identity.desk(Role.registrar, division=PINGNAN_VILLAGE) as far:
        assert code(await far.get(f"/people/{person}/erasure")) == (404, "no_such_person")
        assert code(await far.post(f"/people/{person}/erasure", json={"basis": LAW})) == (404, "no_such_person")
