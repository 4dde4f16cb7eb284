"""A kiosk prints a certificate once, for its holder."""

import asyncio
from collections import Counter
from uuid import UUID, uuid4

from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from shared.contracts.certificates import CertificateIssued
from shared.contracts.identity import Role
from shared.department import files
from shared.eventstore.aggregate import Aggregate, Context
from tests.services.certificates.examples import (
    CREDIT_CODE,
    ID_NUMBER,
    LI,
    NOW,
    TODAY,
    VILLAGE,
    WOMANS_NUMBER,
    ZHANG,
    registered,
)
from tests.services.certificates.office import PDF, Office, problem

AS_TOLD: Aggregate[None, CertificateIssued] = Aggregate("told", None, lambda _, event: [event], lambda state, _: state)
HOLDER = {"for": {"name": "张三", "id_number": str(ID_NUMBER)}}


async def issued(office: Office, *, has_document: bool = True) -> str:
    """The place to print a certificate of 张三."""
    engine, application = office.department.engine, uuid4()
    await office.department.give(f"person-{ZHANG}", registered(ZHANG))
    certificate: UUID = certificate_of(application)
    event = CertificateIssued(
        certificate=certificate,
        application=application,
        citizen=ZHANG,
        certificate_type="residence",
        identifier="1.2.156.3005.2.11130000MB00001310001.54130123ME000124XW.202312230000000001.001.Y",
        number="202312230000000001",
        issuing_body="河北省石家庄市正定县正定镇塔元庄村村民委员会",
        issuing_body_code=CREDIT_CODE,
        division=VILLAGE,
        holder_name="张三",
        holder_code=str(ID_NUMBER),
        content={"purpose": "子女入学"},
        valid_from=TODAY,
        valid_to=None,
        issued_at=NOW,
        document=await files.put(engine.pool, "application/pdf", PDF) if has_document else None,
    )
    await engine.store.execute(CERTIFICATE.stream(certificate), AS_TOLD, event, Context())
    return f"/certificates/{certificate}/print"


async def test_a_certificate_is_printed_once(office: Office) -> None:
    place = await issued(office)
    kiosk = await office.at(Role.kiosk)
    printed = await kiosk.post(place, json=HOLDER)
    assert (printed.status_code, printed.content, printed.headers["content-type"]) == (200, PDF, "application/pdf")
    assert problem(await kiosk.post(place, json=HOLDER)) == (409, "already_printed")
    assert problem(await (await office.at(Role.kiosk)).post(place, json=HOLDER)) == (409, "already_printed")


async def test_of_many_kiosks_at_once_one_prints(office: Office) -> None:
    place = await issued(office)
    kiosks = [await office.at(Role.kiosk) for _ in range(5)]
    answers = await asyncio.gather(*(kiosk.post(place, json=HOLDER) for kiosk in kiosks))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 4}


async def test_a_print_that_jammed_comes_again_under_its_key(office: Office) -> None:
    place = await issued(office)
    kiosk = await office.at(Role.kiosk, key=str(uuid4()))
    assert [(await kiosk.post(place, json=HOLDER)).content for _ in range(2)] == [PDF, PDF]


async def test_it_is_printed_for_its_holder_by_a_kiosk_only(office: Office) -> None:
    place = await issued(office)
    await office.department.give(f"person-{LI}", registered(LI, name="李四", id_number=WOMANS_NUMBER))
    kiosk = await office.at(Role.kiosk)
    stranger = {"for": {"name": "李四", "id_number": str(WOMANS_NUMBER)}}
    assert problem(await kiosk.post(place, json=stranger)) == (404, "no_such_certificate")
    nobody = {"for": {"name": "张四", "id_number": str(ID_NUMBER)}}
    assert problem(await kiosk.post(place, json=nobody)) == (422, "no_such_person")
    assert problem(await kiosk.post(f"/certificates/{uuid4()}/print", json=HOLDER)) == (404, "no_such_certificate")
    assert problem(await (await office.at(Role.window)).post(place, json=HOLDER)) == (403, "role_needed")
    assert problem(await (await office.citizen()).post(place, json=HOLDER)) == (403, "role_needed")
    assert (await kiosk.post(place, json=HOLDER)).status_code == 200


async def test_without_a_document_there_is_nothing_to_print(office: Office) -> None:
    place = await issued(office, has_document=False)
    assert problem(await (await office.at(Role.kiosk)).post(place, json=HOLDER)) == (409, "no_document")
