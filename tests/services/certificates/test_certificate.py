from dataclasses import replace
from datetime import date
from itertools import islice
from uuid import uuid4

from services.certificates.domain.certificate import (
    CERTIFICATE,
    certificate_of,
    drawn_up,
)
from services.certificates.domain.certificate_state import Issued
from services.certificates.domain.seal_use import SealUsed
from services.certificates.domain.serials import SERIAL, ClaimSerial, SerialClaimed, candidates
from shared.contracts.certificates import CertificateIssued
from shared.standards.licence_number import LicenceNumber
from shared.standards.masking import masked
from tests.services.certificates.examples import (
    APPLICATION_ID,
    COMMITTEE,
    CREDIT_CODE,
    NOW,
    PARTICULARS,
    RESIDENCE,
    REVIEWER,
    SEALED,
    TODAY,
    VILLAGE,
    ZHANG,
    filled,
    history,
    issuing,
    state_after,
)

MADE = {"reviewer", "signature", "seal", "document", "sm2_seal"}
ISSUE = issuing(PARTICULARS)


def test_a_certificate_bears_the_national_identifier_and_names_its_issuer_in_full() -> None:
    assert drawn_up(PARTICULARS) == CertificateIssued(
        certificate=certificate_of(APPLICATION_ID),
        application=APPLICATION_ID,
        citizen=ZHANG,
        certificate_type="residence",
        identifier="1.2.156.3005.2.11130000MB00001310001.54130123ME000124XW.202312230000000001.001.Y",
        number="202312230000000001",
        issuing_body=COMMITTEE,
        issuing_body_code=CREDIT_CODE,
        division=VILLAGE,
        holder_name="张三",
        holder_code="130123198503120019",
        content={
            "village": "河北省石家庄市正定县正定镇塔元庄村",
            "residence_address": "3排12号",
            "residence_since": "2021-09-01",
            "purpose": "子女入学",
        },
        valid_from=date(2023, 12, 24),
        valid_to=date(2024, 6, 24),
        issued_at=NOW,
        catalogue_version=RESIDENCE.version,
    )


def test_what_is_not_certified_stays_off_the_certificate() -> None:
    says = drawn_up(replace(PARTICULARS, form=filled(landlord="安有例").values))
    assert not {"landlord", "phone"} & says.content.keys()


def test_it_is_issued_with_its_document_and_the_uses_of_signature_and_seal_stand_beside_it() -> None:
    signed, sealed, issued = history(CERTIFICATE, ISSUE)
    assert signed == SealUsed(
        seal=SEALED.signature, certificate=certificate_of(APPLICATION_ID), digest=SEALED.signed, used_at=NOW
    )
    assert sealed == SealUsed(
        seal=SEALED.seal, certificate=certificate_of(APPLICATION_ID), digest=SEALED.sealed, used_at=NOW
    )
    assert isinstance(issued, CertificateIssued)
    assert (issued.reviewer, issued.signature, issued.seal) == (REVIEWER.id, SEALED.signature, SEALED.seal)
    assert (issued.document, issued.sm2_seal) == (SEALED.document, SEALED.sm2_seal)
    assert issued.model_dump(exclude=MADE) == ISSUE.says.model_dump(exclude=MADE)


def test_a_certificate_is_issued_once() -> None:
    again = issuing(replace(PARTICULARS, serial="202312230000000002"))
    assert history(CERTIFICATE, ISSUE, again) == history(CERTIFICATE, ISSUE)


def test_one_issued_before_there_were_documents_stays_issued() -> None:
    assert state_after(CERTIFICATE, [ISSUE.says]) == Issued(ISSUE.says)
    assert CERTIFICATE.decide(Issued(ISSUE.says), ISSUE) == []


def test_a_type_without_term_has_no_last_day() -> None:
    endless = RESIDENCE.model_copy(update={"valid_months": None})
    assert drawn_up(replace(PARTICULARS, type=endless)).valid_to is None


def test_an_application_has_one_certificate() -> None:
    assert certificate_of(APPLICATION_ID) == certificate_of(APPLICATION_ID)
    assert certificate_of(APPLICATION_ID) != certificate_of(uuid4())


def test_the_first_to_claim_a_serial_has_it() -> None:
    first, second = uuid4(), uuid4()
    claims = history(SERIAL, ClaimSerial(first), ClaimSerial(second), ClaimSerial(first))
    assert claims == [SerialClaimed(application=first)]
    assert state_after(SERIAL, claims) == first


def test_candidates_are_the_day_and_ten_digits_and_always_the_same() -> None:
    some = list(islice(candidates(APPLICATION_ID, TODAY), 100))
    assert some == list(islice(candidates(APPLICATION_ID, TODAY), 100))
    assert len(set(some)) == 100
    assert all(len(one) == 18 and one.isdigit() and one.startswith("20231224") for one in some)
    assert LicenceNumber.make(RESIDENCE.type_code, CREDIT_CODE, some[0]).serial == some[0]


def test_a_masked_name_shows_its_first_character_only() -> None:
    assert [masked(name) for name in ("张三", "欧阳小明", "张", "")] == ["张*", "欧***", "*", "*"]
