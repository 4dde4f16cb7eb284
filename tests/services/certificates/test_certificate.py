from dataclasses import replace
from datetime import date
from itertools import islice
from uuid import uuid4

from services.certificates.domain.certificate import CERTIFICATE, IssueCertificate, certificate_of
from services.certificates.domain.masking import masked
from services.certificates.domain.serials import SERIAL, ClaimSerial, SerialClaimed, candidates
from shared.contracts.certificates import CertificateIssued
from shared.standards.licence_number import LicenceNumber
from tests.services.certificates.examples import (
    APPLICATION_ID,
    COMMITTEE,
    CREDIT_CODE,
    FORM,
    ISSUER,
    NOW,
    RESIDENCE,
    TODAY,
    VILLAGE,
    ZHANG,
    filled,
    history,
    state_after,
)

ISSUE = IssueCertificate(
    application=APPLICATION_ID,
    citizen=ZHANG,
    type=RESIDENCE,
    issuer=ISSUER,
    serial="202312230000000001",
    form=FORM.values,
    day=TODAY,
    now=NOW,
)


def test_a_certificate_bears_the_national_identifier_and_names_its_issuer_in_full() -> None:
    assert history(CERTIFICATE, ISSUE) == [
        CertificateIssued(
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
        )
    ]


def test_what_is_not_certified_stays_off_the_certificate() -> None:
    command = replace(ISSUE, form=filled(landlord="安有例").values)
    [issued] = history(CERTIFICATE, command)
    assert isinstance(issued, CertificateIssued)
    assert not {"landlord", "phone"} & issued.content.keys()


def test_a_certificate_is_issued_once() -> None:
    assert len(history(CERTIFICATE, ISSUE, replace(ISSUE, serial="202312230000000002"))) == 1


def test_a_type_without_term_has_no_last_day() -> None:
    [issued] = history(CERTIFICATE, replace(ISSUE, type=RESIDENCE.model_copy(update={"valid_months": None})))
    assert isinstance(issued, CertificateIssued)
    assert issued.valid_to is None


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
