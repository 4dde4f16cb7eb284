"""A kiosk serves who proves to stand there: lists and prints their certificates, each once, and they are told."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.stand_in import StandIn, providers_file
from services.certificates.domain.printing import PRINTING
from services.certificates.service import SERVICE
from services.certificates.use_cases.kiosk_tickets import LASTS, open_ticket
from shared.contracts.certificates import CertificatePrintedAtKiosk
from shared.contracts.identity import CitizenRegistered, Role
from shared.department import files, message_gateway
from shared.department.tokens import new_private_key
from shared.standards.phone import MobileNumber
from tests.department import running
from tests.services.certificates.examples import ID_NUMBER, LI, NOW, VILLAGE, WOMANS_NUMBER, ZHANG, registered
from tests.services.certificates.office import PDF, Office, issue, problem, submission
from tests.until import until

NAMED = {"name": "张三", "id_number": str(ID_NUMBER)}
TYPED = {"for": NAMED}
PHONE = "13800138000"
STAND_IN = StandIn(new_private_key())
KIOSK = UUID("0192c000-0000-7000-8000-0000000000a1")


@pytest.fixture
async def office(database: DepartmentDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    """One that knows a provider of card readings, and 张三 with a verified account."""
    providers = tmp_path / "providers.yaml"
    providers.write_text(providers_file(STAND_IN.key), "utf-8")
    async with running(SERVICE, database, identity_providers_file=providers) as department, Office(department) as found:
        await department.give(f"person-{ZHANG}", registered(ZHANG))
        account = CitizenRegistered(citizen=ZHANG, name="张三", phone=MobileNumber(PHONE), registered_at=NOW)
        await department.give(f"account-{ZHANG}", account)
        yield found


async def issued(office: Office, *, has_document: bool = True) -> str:
    """The place to print a certificate of 张三."""
    document = await files.put(office.department.engine.pool, "application/pdf", PDF) if has_document else None
    return f"/certificates/{await issue(office, document=document)}/print"


async def proved(office: Office, holder: UUID = ZHANG, kiosk: UUID = KIOSK) -> dict[str, str]:
    """What the kiosk sends once the holder has proved who they are."""
    pool = office.department.engine.pool
    return {"ticket": (await open_ticket(pool, kiosk, holder, "card", datetime.now(UTC))).text}


async def sent_codes(office: Office) -> list[str]:
    found = await message_gateway.newest(office.department.engine.pool, PHONE)
    return [one.text[one.text.index("验证码") + 3 :][:6] for one in found]


async def with_code(office: Office, kiosk: httpx.AsyncClient) -> str:
    assert (await kiosk.post("/kiosk/codes", json=NAMED)).status_code == 202
    [code] = await until(lambda: sent_codes(office))
    return code


def reading(kiosk: UUID = KIOSK, name: str = "张三") -> str:
    audience = f"certificates:kiosk:{kiosk}"
    return STAND_IN.vouch(name, str(ID_NUMBER), audience=audience, now=datetime.now(UTC), method="card")


async def test_a_typed_name_and_number_open_nothing(office: Office) -> None:
    place, kiosk = await issued(office), await office.at(Role.kiosk, KIOSK)
    nobody = {"for": {"name": "张四", "id_number": str(ID_NUMBER)}}
    for body in (TYPED, nobody, {}, {**TYPED, "ticket": "made up"}):
        for door in ("/kiosk/certificates", place):
            assert problem(await kiosk.post(door, json=body)) == (403, "proof_needed")
    applying = {**submission(), **TYPED}
    assert problem(await kiosk.post("/applications", json=applying)) == (403, "proof_needed")


async def test_a_code_from_the_phone_opens_printing(office: Office) -> None:
    place, kiosk = await issued(office), await office.at(Role.kiosk, KIOSK)
    code = await with_code(office, kiosk)
    opened = await kiosk.post("/kiosk/sessions", json={**TYPED, "code": code})
    assert opened.status_code == 201, opened.text
    printed = await kiosk.post(place, json={"ticket": opened.json()["ticket"]})
    assert (printed.status_code, printed.content, printed.headers["content-type"]) == (200, PDF, "application/pdf")
    again = await kiosk.post("/kiosk/sessions", json={**TYPED, "code": code})
    assert problem(again) == (422, "code_wrong")


async def test_a_card_opens_printing_once_and_at_its_kiosk(office: Office) -> None:
    kiosk = await office.at(Role.kiosk, KIOSK)
    card = {"assertion": reading()}
    assert (await kiosk.post("/kiosk/sessions", json=card)).status_code == 201
    assert problem(await kiosk.post("/kiosk/sessions", json=card)) == (409, "assertion_used")
    elsewhere = {"assertion": reading(uuid4())}
    assert problem(await kiosk.post("/kiosk/sessions", json=elsewhere)) == (422, "assertion_wrong")
    other = {"assertion": reading(name="张四")}
    assert problem(await kiosk.post("/kiosk/sessions", json=other)) == (422, "no_such_person")


async def test_no_answer_tells_whether_name_and_number_belong_together(office: Office) -> None:
    await office.department.give(f"person-{LI}", registered(LI, name="李四", id_number=WOMANS_NUMBER))
    kiosk = await office.at(Role.kiosk, KIOSK)
    strangers = [
        NAMED,
        {"name": "张四", "id_number": str(ID_NUMBER)},
        {"name": "李四", "id_number": str(WOMANS_NUMBER)},  # of the register, without an account
        {"name": "李四", "id_number": "11010519491231002X"},
    ]
    asked = [await kiosk.post("/kiosk/codes", json=one) for one in strangers]
    assert {(one.status_code, one.text) for one in asked} == {(202, asked[0].text)}
    tried = [await kiosk.post("/kiosk/sessions", json={"for": one, "code": "000000"}) for one in strangers]
    assert {problem(one) for one in tried} == {(422, "code_wrong")}
    assert len({str(one.json()["errors"]) for one in tried}) == 1


async def test_a_ticket_is_good_for_its_kiosk_and_until_it_is_ended(office: Office) -> None:
    kiosk, other = await office.at(Role.kiosk, KIOSK), await office.at(Role.kiosk)
    ticket = await proved(office)
    assert (await kiosk.post("/kiosk/certificates", json=ticket)).status_code == 200
    assert problem(await other.post("/kiosk/certificates", json=ticket)) == (403, "proof_needed")
    assert (await kiosk.post("/kiosk/end", json=ticket)).status_code == 204
    assert problem(await kiosk.post("/kiosk/certificates", json=ticket)) == (403, "proof_needed")


async def test_the_next_person_ends_the_ticket_of_the_one_before(office: Office) -> None:
    kiosk = await office.at(Role.kiosk, KIOSK)
    first, second = await proved(office), await proved(office, LI)
    assert problem(await kiosk.post("/kiosk/certificates", json=first)) == (403, "proof_needed")
    assert (await kiosk.post("/kiosk/certificates", json=second)).status_code == 200


async def test_a_ticket_lasts_minutes(office: Office) -> None:
    kiosk, pool = await office.at(Role.kiosk, KIOSK), office.department.engine.pool
    old = await open_ticket(pool, KIOSK, ZHANG, "card", datetime.now(UTC) - LASTS)
    assert problem(await kiosk.post("/kiosk/certificates", json={"ticket": old.text})) == (403, "proof_needed")


async def test_the_holder_is_told_of_a_print(office: Office) -> None:
    place, kiosk = await issued(office), await office.at(Role.kiosk, KIOSK)
    assert (await kiosk.post(place, json=await proved(office))).status_code == 200
    certificate = place.split("/")[2]
    loaded = await office.department.engine.store.load(PRINTING.stream(certificate), PRINTING)
    [event] = [one.data for one in loaded.events if isinstance(one.data, CertificatePrintedAtKiosk)]
    assert (event.citizen, event.kiosk, event.division, event.proof) == (ZHANG, KIOSK, VILLAGE, "card")


async def test_a_certificate_is_printed_once(office: Office) -> None:
    place, kiosk = await issued(office), await office.at(Role.kiosk, KIOSK)
    ticket = await proved(office)
    assert (await kiosk.post(place, json=ticket)).status_code == 200
    assert problem(await kiosk.post(place, json=ticket)) == (409, "already_printed")


async def test_of_many_kiosks_at_once_one_prints(office: Office) -> None:
    place, ids = await issued(office), [uuid4() for _ in range(5)]
    kiosks = [(await office.at(Role.kiosk, id), await proved(office, kiosk=id)) for id in ids]
    answers = await asyncio.gather(*(kiosk.post(place, json=ticket) for kiosk, ticket in kiosks))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 4}


async def test_a_print_that_jammed_comes_again_under_its_key(office: Office) -> None:
    place, ticket = await issued(office), await proved(office)
    kiosk = await office.at(Role.kiosk, KIOSK, key=str(uuid4()))
    assert [(await kiosk.post(place, json=ticket)).content for _ in range(2)] == [PDF, PDF]


async def test_it_is_printed_for_its_holder_by_a_kiosk_only(office: Office) -> None:
    place, kiosk = await issued(office), await office.at(Role.kiosk, KIOSK)
    assert problem(await kiosk.post(place, json=await proved(office, LI))) == (404, "no_such_certificate")
    ticket = await proved(office)
    assert problem(await kiosk.post(f"/certificates/{uuid4()}/print", json=ticket)) == (404, "no_such_certificate")
    for who in (await office.at(Role.window), await office.citizen()):
        assert problem(await who.post(place, json=ticket)) == (403, "role_needed")
        assert problem(await who.post("/kiosk/codes", json=NAMED)) == (403, "role_needed")


async def test_without_a_document_there_is_nothing_to_print(office: Office) -> None:
    place, kiosk = await issued(office, has_document=False), await office.at(Role.kiosk, KIOSK)
    assert problem(await kiosk.post(place, json=await proved(office))) == (409, "no_document")


async def test_a_kiosk_lists_what_its_holder_can_still_print(office: Office) -> None:
    places = [await issued(office), await issued(office)]
    await issue(office)  # without a document
    kiosk, ticket = await office.at(Role.kiosk, KIOSK), await proved(office)

    async def listed() -> set[str]:
        answer = await kiosk.post("/kiosk/certificates", json=ticket)
        assert answer.status_code == 200, answer.text
        return {f"/certificates/{one['certificate']}/print" for one in answer.json()["certificates"]}

    assert await listed() == set(places)
    await kiosk.post(places[0], json=ticket)
    assert await listed() == {places[1]}
