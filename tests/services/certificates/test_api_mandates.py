"""An agent over HTTP: what they may do for their principal, what says so, and when it is over."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.certificates.domain.application import APPLICATION
from shared.contracts.certificates import ApplicationSubmitted
from shared.contracts.identity import CitizenRegistered, Role, StaffAppointed
from shared.department import files
from shared.standards.phone import MobileNumber
from shared.standards.shanghai import day_in_shanghai
from tests.department import Department
from tests.mandates import end_mandate, let_act
from tests.services.certificates.examples import GIVEN, ID_NUMBER, LI, NOW, VILLAGE, WOMANS_NUMBER, ZHANG
from tests.services.certificates.lives import another, hold
from tests.services.certificates.office import Office, bring, problem, submission
from tests.services.certificates.test_api_counters import asked, know

TODAY = day_in_shanghai(datetime.now(UTC))
MOTHER, SON = LI, ZHANG
OF = {"of": str(MOTHER)}
FOR_MOTHER = {"name": "李四", "id_number": str(WOMANS_NUMBER)}
NOT_A_WARD = (404, "no_such_ward")
NO_APPLICATION = (404, "no_such_application")


async def accepted(department: Department, *matters: str, until: date = TODAY) -> UUID:
    return await let_act(department, MOTHER, SON, *matters, until=until)


async def ended(department: Department, mandate: UUID) -> None:
    await end_mandate(department, MOTHER, SON, mandate)


@dataclass
class Family:
    office: Office
    mother: httpx.AsyncClient
    son: httpx.AsyncClient

    async def applied(self) -> str:
        answer = await self.son.post("/applications", json=submission(), params=OF)
        assert answer.status_code == 201, answer.text
        application: str = answer.json()["application"]
        return application


async def family(office: Office) -> Family:
    await know(office.department, ZHANG, LI)
    return Family(office, await office.citizen(MOTHER), await office.citizen(SON))


async def test_an_agent_applies_and_the_application_says_so(office: Office) -> None:
    them = await family(office)
    mandate = await accepted(office.department, "certificates.apply")
    application = await them.applied()
    loaded = await office.department.engine.store.load(APPLICATION.stream(application), APPLICATION)
    [event] = [event.data for event in loaded.events]
    assert isinstance(event, ApplicationSubmitted)
    assert (event.citizen, event.mandate, event.agent, event.agent_name) == (MOTHER, mandate, SON, "张三")
    assert event.guardian is None
    reviewer = await office.reviewer()
    for reader in (them.mother, them.son, reviewer):
        shown = (await reader.get(f"/applications/{application}")).json()
        [act] = shown["acts_under_mandate"]
        assert (act["what"], act["agent_name"], act["mandate"]) == ("submitted", "张三", str(mandate))
        assert shown["assisted_by"]["name"] == "张三"
    listed = (await them.mother.get("/applications")).json()["applications"]
    assert [one["application"] for one in listed] == [application]


async def test_an_agent_may_name_the_principal_instead(office: Office) -> None:
    them = await family(office)
    await accepted(office.department, "certificates.apply")
    answer = await them.son.post("/applications", json=asked(FOR_MOTHER))
    assert answer.json()["acts_under_mandate"][0]["agent"] == str(SON)


async def test_an_agent_does_all_that_applying_takes(office: Office) -> None:
    them = await family(office)
    await accepted(office.department, "certificates.apply")
    assert (await them.son.get("/catalogue/residence/form", params=OF)).status_code == 200
    await bring(them.son)
    application = await them.applied()
    reviewer = await office.reviewer()
    wrote = await them.son.post(f"/applications/{application}/messages", json={"text": "请尽快"})
    assert (wrote.json()["name"], wrote.json()["sender"]) == ("张三", "citizen")
    marked = {"wrong_fields": {"landlord": "请填写"}}
    assert (await reviewer.post(f"/applications/{application}/send-back", json=marked)).status_code == 200
    again = await them.son.post(
        f"/applications/{application}/resubmit", json={"form": {"landlord": "安有例"}}, params=OF
    )
    assert again.status_code == 200, again.text
    withdrawn = await them.son.post(f"/applications/{application}/withdraw", params=OF)
    acts = [act["what"] for act in withdrawn.json()["acts_under_mandate"]]
    assert acts == ["submitted", "message", "resubmitted", "withdrawn"]


async def refused(them: Family, application: str) -> None:
    """Whatever the son tries, it is as if there were nothing."""
    son, path = them.son, f"/applications/{application}"
    assert problem(await son.get(path)) == NO_APPLICATION
    assert problem(await son.get(f"{path}/messages")) == NO_APPLICATION
    assert problem(await son.post(f"{path}/messages", json={"text": "还在吗"})) == NO_APPLICATION
    assert problem(await son.post(f"{path}/withdraw", params=OF)) == NOT_A_WARD
    assert problem(await son.post(f"{path}/resubmit", json={"form": GIVEN}, params=OF)) == NOT_A_WARD
    assert problem(await son.post("/applications", json=submission(), params=OF)) == NOT_A_WARD
    assert problem(await son.post("/applications", json=asked(FOR_MOTHER))) == (422, "not_for_others")
    for list in ("/applications", "/certificates", "/catalogue/residence/form"):
        assert problem(await son.get(list, params=OF)) == NOT_A_WARD


async def test_once_it_is_ended_the_agent_does_and_sees_nothing(office: Office) -> None:
    them = await family(office)
    mandate = await accepted(office.department, "certificates.apply", "certificates.read")
    application = await them.applied()
    await ended(office.department, mandate)
    await refused(them, application)
    assert (await them.mother.get(f"/applications/{application}")).json()["status"] == "in_review"


async def test_a_lapsed_mandate_is_over_before_anybody_says_so(office: Office) -> None:
    them = await family(office)
    mandate = await accepted(office.department, "certificates.apply", "certificates.read")
    application = await them.applied()
    await ended(office.department, mandate)
    await accepted(office.department, "certificates.apply", "certificates.read", until=TODAY - timedelta(days=1))
    await refused(them, application)


async def test_reading_is_not_applying(office: Office) -> None:
    them = await family(office)
    await accepted(office.department, "certificates.read")
    assert (await them.son.get("/certificates", params=OF)).status_code == 200
    assert problem(await them.son.post("/applications", json=submission(), params=OF)) == NOT_A_WARD
    mothers = (await them.mother.post("/applications", json=submission())).json()["application"]
    assert (await them.son.get(f"/applications/{mothers}")).status_code == 200
    wrote = await them.son.post(f"/applications/{mothers}/messages", json={"text": "请尽快"})
    assert problem(wrote) == NO_APPLICATION
    assert problem(await them.son.post(f"/applications/{mothers}/withdraw", params=OF)) == NOT_A_WARD


async def test_applying_does_not_show_certificates(office: Office) -> None:
    them = await family(office)
    await accepted(office.department, "certificates.apply", "insurance.read")
    assert problem(await them.son.get("/certificates", params=OF)) == NOT_A_WARD


@pytest.mark.parametrize("what", ["", "/document", "/qr", "/life", "/history"])
async def test_an_agent_reads_a_certificate_and_its_papers(office: Office, what: str) -> None:
    them = await family(office)
    mandate = await accepted(office.department, "certificates.read")
    engine, certificate = office.department.engine, uuid4()
    document = await files.put(engine.pool, "application/pdf", b"%PDF-1.7")
    await hold(engine.store, another(certificate=certificate, citizen=MOTHER, document=document))
    path = f"/certificates/{certificate}{what}"
    assert (await them.son.get(path, params=OF)).status_code == 200
    await ended(office.department, mandate)
    assert problem(await them.son.get(path, params=OF)) == NOT_A_WARD


async def test_no_mandate_reaches_a_revocation_or_a_print(office: Office) -> None:
    them = await family(office)
    await accepted(office.department, "certificates.read", "certificates.apply")
    certificate = uuid4()
    await hold(office.department.engine.store, another(certificate=certificate, citizen=MOTHER))
    body: dict[str, Any] = {"explanation": "不需要了"}
    answer = await them.son.post(f"/certificates/{certificate}/revocation", json=body, params=OF)
    assert problem(answer) == (422, "unknown_parameter")


HELPER = uuid4()


async def a_helper(office: Office, person: UUID | None, *, verified: bool = True) -> httpx.AsyncClient:
    await office.department.give(
        f"staff-{HELPER}",
        StaffAppointed(
            staff=HELPER,
            name="张三",
            roles=frozenset({Role.helper}),
            division=VILLAGE,
            appointed_at=NOW,
            person=person,
        ),
    )
    if verified and person:
        event = CitizenRegistered(citizen=person, name="张三", phone=MobileNumber("13800138000"), registered_at=NOW)
        await office.department.give(f"account-{person}", event)
    return await office.at(Role.helper, HELPER)


def helped(name: str = "张三", number: str = str(ID_NUMBER), **more: str) -> dict[str, Any]:
    return asked(FOR_MOTHER, assistance={"relation": "mandate", "name": name, "id_number": number, **more})


async def test_a_verified_helper_applies_with_the_paper(office: Office) -> None:
    await know(office.department, ZHANG, LI)
    helper = await a_helper(office, ZHANG)
    answer = await helper.post("/applications", json=helped(mandate=await bring(helper)))
    assert (answer.status_code, answer.json()["channel"]) == (201, "helper")


async def test_a_verified_helper_applies_under_an_accepted_mandate(office: Office) -> None:
    await know(office.department, ZHANG, LI)
    helper = await a_helper(office, ZHANG)
    assert problem(await helper.post("/applications", json=helped())) == (409, "mandate_needed")
    mandate = await accepted(office.department, "certificates.apply")
    answer = await helper.post("/applications", json=helped())
    assert answer.json()["acts_under_mandate"][0]["mandate"] == str(mandate)


async def test_a_helper_under_anothers_number_is_refused(office: Office) -> None:
    await know(office.department, ZHANG, LI)
    helper = await a_helper(office, ZHANG)
    paper = await bring(helper)
    for number in (str(WOMANS_NUMBER), "11010519491231002X"):
        answer = await helper.post("/applications", json=helped(number=number, mandate=paper))
        assert problem(answer) == (422, "assistance_incorrect")


@pytest.mark.parametrize("person", [None, ZHANG])
async def test_a_helper_who_is_not_verified_is_told_what_to_do(office: Office, person: UUID | None) -> None:
    await know(office.department, ZHANG, LI)
    helper = await a_helper(office, person, verified=False)
    answer = await helper.post("/applications", json=helped(mandate=await bring(helper)))
    assert problem(answer) == (409, "helper_not_verified")
