"""What everyone may ask: the catalogue, and whether a certificate holds."""

from dataclasses import replace

from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from shared.eventstore.aggregate import Context
from shared.standards.licence_number import LicenceNumber
from tests.services.certificates.examples import (
    APPLICATION_ID,
    COMMITTEE,
    CREDIT_CODE,
    PARTICULARS,
    RESIDENCE,
    TODAY,
    ZHANG,
    issuing,
)
from tests.services.certificates.office import Office, apply, problem


async def test_the_catalogue_is_open_and_speaks_two_languages(office: Office) -> None:
    anyone = await office.anyone()
    shown = (await anyone.get("/catalogue")).json()
    residence = next(type for type in shown["types"] if type["code"] == "residence")
    assert residence["name"] == {"zh": "居住证明", "en": "Residence certificate"}
    assert (residence["promise_minutes"], residence["valid_months"], residence["review"]) == (
        30,
        6,
        [{"level": "village", "role": "reviewer"}],
    )
    assert all(field["value"] is None for field in residence["fields"])
    assert {proof["code"]: proof["answer"] for proof in shown["not_issued"]}["death"] == "not_issued_here"
    assert (await anyone.get("/catalogue/residence")).json() == residence


async def test_an_abolished_proof_is_explained(office: Office) -> None:
    proof = (await (await office.anyone()).get("/catalogue/kinship")).json()
    assert proof["answer"] == "not_needed"
    assert proof["because"]["zh"].startswith("凭居民户口簿")
    assert proof["basis"].startswith("民发〔2020〕20号")


async def test_what_the_catalogue_does_not_hold_is_not_found(office: Office) -> None:
    assert problem(await (await office.anyone()).get("/catalogue/travel")) == (404, "unknown_type")


async def test_anyone_can_check_a_certificate_and_learns_no_more_than_needed(office: Office) -> None:
    citizen, reviewer, anyone = await office.citizen(), await office.reviewer(), await office.anyone()
    application = await apply(citizen)
    await reviewer.post(f"/applications/{application}/approve")
    [certificate] = (await citizen.get("/certificates")).json()["certificates"]
    answer = await anyone.get(f"/check/{certificate['identifier']}")
    told = answer.json()
    assert (told["status"], told["holder"], told["issuing_body"]) == ("valid", "张*", COMMITTEE)
    assert (told["issued_on"], told["valid_to"]) == (certificate["valid_from"], certificate["valid_to"])
    assert not any(
        secret in answer.text for secret in ("张三", "130123198503120019", "3排12号", application, str(ZHANG))
    )


async def test_an_identifier_written_in_small_or_wide_characters_is_read(office: Office) -> None:
    number = str(LicenceNumber.make(RESIDENCE.type_code, CREDIT_CODE, "1"))
    wide = "".join(chr(ord(character) + 0xFEE0) if character.isalnum() else character for character in number)
    anyone = await office.anyone()
    for written in (number.lower(), wide):
        told = (await anyone.get(f"/check/{written}")).json()
        assert (told["status"], told["identifier"]) == ("unknown", number)


async def test_an_identifier_with_a_slip_is_malformed(office: Office) -> None:
    number = str(LicenceNumber.make(RESIDENCE.type_code, CREDIT_CODE, "202312230000000001"))
    anyone = await office.anyone(language="zh-CN")
    for wrong in (number[:-1] + "0", number.replace("2023", "2024"), number[:-2], "x"):
        told = (await anyone.get(f"/check/{wrong}")).json()
        assert (told["status"], told["identifier"], told["holder"]) == ("malformed", None, None)
        assert "请" in told["message"]


async def test_a_certificate_past_its_last_day_is_expired(office: Office) -> None:
    """Issued in December 2023 for six months."""
    store = office.department.engine.store
    stream = CERTIFICATE.stream(certificate_of(APPLICATION_ID))
    await store.execute(stream, CERTIFICATE, issuing(replace(PARTICULARS, day=TODAY.replace(2020))), Context())
    number = LicenceNumber.make(RESIDENCE.type_code, CREDIT_CODE, PARTICULARS.serial)
    told = (await (await office.anyone()).get(f"/check/{number}")).json()
    assert (told["status"], told["valid_to"]) == ("expired", "2021-06-24")
    [listed] = (await (await office.citizen()).get("/certificates")).json()["certificates"]
    assert listed["status"] == "expired"
