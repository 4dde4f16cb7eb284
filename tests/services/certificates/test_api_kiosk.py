"""A kiosk prints a certificate once, for its holder."""

import asyncio
from collections import Counter
from uuid import uuid4

from shared.contracts.identity import Role
from shared.department import files
from tests.services.certificates.examples import (
    ID_NUMBER,
    LI,
    WOMANS_NUMBER,
    ZHANG,
    registered,
)
from tests.services.certificates.office import PDF, Office, issue, problem

HOLDER = {"for": {"name": "张三", "id_number": str(ID_NUMBER)}}


async def issued(office: Office, *, has_document: bool = True) -> str:
    """The place to print a certificate of 张三."""
    await office.department.give(f"person-{ZHANG}", registered(ZHANG))
    document = await files.put(office.department.engine.pool, "application/pdf", PDF) if has_document else None
    return f"/certificates/{await issue(office, document=document)}/print"


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


async def test_a_kiosk_lists_what_its_holder_can_still_print(office: Office) -> None:
    document = await files.put(office.department.engine.pool, "application/pdf", PDF)
    places = [await issued(office), f"/certificates/{await issue(office, document=document)}/print"]
    await issue(office)  # without a document
    kiosk = await office.at(Role.kiosk)

    async def listed() -> set[str]:
        answer = await kiosk.post("/kiosk/certificates", json=HOLDER)
        assert answer.status_code == 200, answer.text
        return {f"/certificates/{one['certificate']}/print" for one in answer.json()["certificates"]}

    assert await listed() == set(places)
    await kiosk.post(places[0], json=HOLDER)
    assert await listed() == {places[1]}


async def test_only_a_kiosk_lists_them_and_only_of_who_is_known(office: Office) -> None:
    await issued(office)
    await office.department.give(f"person-{LI}", registered(LI, name="李四", id_number=WOMANS_NUMBER))
    kiosk = await office.at(Role.kiosk)
    other = {"for": {"name": "李四", "id_number": str(WOMANS_NUMBER)}}
    assert (await kiosk.post("/kiosk/certificates", json=other)).json() == {"certificates": []}
    nobody = {"for": {"name": "张四", "id_number": str(ID_NUMBER)}}
    assert problem(await kiosk.post("/kiosk/certificates", json=nobody)) == (422, "no_such_person")
    for who in (await office.at(Role.window), await office.citizen()):
        assert problem(await who.post("/kiosk/certificates", json=HOLDER)) == (403, "role_needed")
