"""A guardian over HTTP: he does for his ward what an applicant does for himself, while the register names him."""

from uuid import UUID, uuid4

from services.certificates.domain.application import APPLICATION
from services.certificates.domain.guardian import GuardianshipEnded
from services.certificates.read_models.acting_guardians import replaced
from shared.contracts.identity import Role
from shared.department import files
from shared.department.paging import Place
from tests.services.certificates.examples import CHILD, CHILDS_NUMBER, COUNTY, LI, ZHANG
from tests.services.certificates.histories import guarded
from tests.services.certificates.lives import another, hold
from tests.services.certificates.office import Office, problem
from tests.services.certificates.test_api_counters import CARD, know
from tests.until import until

GIRL = {"name": "张小妹", "id_number": str(CHILDS_NUMBER)}


async def guardians_told(office: Office, application: str) -> list[UUID | None]:
    """Event by event, of those that are told to anybody."""
    loaded = await office.department.engine.store.load(APPLICATION.stream(UUID(application)), APPLICATION)
    told = (event.data.model_dump() for event in loaded.events if not isinstance(event.data, GuardianshipEnded))
    return [one["guardian"] for one in told if "guardian" in one]


async def test_a_guardian_reads_answers_supplements_and_is_told_until_the_register_names_another(
    office: Office,
) -> None:
    await know(office.department, ZHANG, LI, CHILD)
    await office.department.give(f"person-{CHILD}", guarded(CHILD, LI))
    mother, stranger = await office.citizen(LI), await office.citizen(ZHANG)
    clerk = await office.reviewer(COUNTY, role=Role.social_security_clerk)
    application = (await mother.post("/applications", json={**CARD, "for": GIRL})).json()["application"]
    messages = f"/applications/{application}/messages"

    assert (await clerk.post(messages, json={"text": "请核对开户银行"})).status_code == 201
    assert (await mother.post(messages, json={"text": "已核对"})).status_code == 201
    assert problem(await stranger.post(messages, json={"text": "看看"})) == (404, "no_such_application")
    assert problem(await stranger.get(messages)) == (404, "no_such_application")
    read = (await mother.get(messages)).json()["messages"]
    assert [(one["sender"], one["text"]) for one in read] == [("staff", "请核对开户银行"), ("citizen", "已核对")]
    marked = {"wrong_fields": {"bank": "该行不办理"}}
    assert (await clerk.post(f"/applications/{application}/send-back", json=marked)).status_code == 200
    again = await mother.post(f"/applications/{application}/resubmit", json={"form": CARD["form"], "for": GIRL})
    assert again.status_code == 200, again.text
    assert await guardians_told(office, application) == [LI] * 4

    await office.department.give(f"person-{CHILD}", guarded(CHILD, ZHANG))
    pool = office.department.engine.pool
    told = "select count(*) = 0 from acting_guardians"
    await until(lambda: pool.fetchval(told), timeout=60, what="the former guardian is told no more")
    assert await replaced(pool, after=Place.first(), limit=9) == []
    assert problem(await mother.get(messages)) == (404, "no_such_application")
    assert problem(await mother.post(messages, json={"text": "还在吗"})) == (404, "no_such_application")
    assert problem(await mother.get("/certificates", params={"of": str(CHILD)})) == (404, "no_such_ward")
    assert (await stranger.get(messages)).status_code == 200
    assert (await clerk.post(f"/applications/{application}/refuse", json={"reason": "另行办理"})).status_code == 200
    assert (await guardians_told(office, application))[4:] == [None]


async def test_a_guardian_fetches_his_wards_document_and_who_is_none_does_not(office: Office) -> None:
    await know(office.department, ZHANG, LI, CHILD)
    await office.department.give(f"person-{CHILD}", guarded(CHILD, LI))
    mother, child, stranger = [await office.citizen(one) for one in (LI, CHILD, ZHANG)]
    engine, certificate = office.department.engine, uuid4()
    document = await files.put(engine.pool, "application/pdf", b"%PDF-1.7")
    await hold(engine.store, another(certificate=certificate, citizen=CHILD, document=document))
    path, of = f"/certificates/{certificate}/document", {"of": str(CHILD)}
    fetched = await mother.get(path, params=of)
    assert (fetched.status_code, fetched.content) == (200, (await child.get(path)).content)
    assert problem(await mother.get(path)) == (404, "no_such_certificate")
    assert problem(await stranger.get(path, params=of)) == (404, "no_such_ward")
    await office.department.give(f"person-{CHILD}", guarded(CHILD, ZHANG))
    assert problem(await mother.get(path, params=of)) == (404, "no_such_ward")
