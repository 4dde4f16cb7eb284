"""A certificate of 张三, issued some days ago and still in force, and the department as its issuer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.certificates.credential.issuer import CredentialIssuer
from services.certificates.credential.status_lists import StatusLists
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.dates import day_in_china, months_after
from shared.contracts.certificates import (
    CertificateIssued,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateSuspended,
)
from shared.contracts.event import Event
from shared.department.key_store import SealedKeys
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.master_keys import of_file
from shared.standards.licence_number import LicenceNumber
from tests.department import Department, key_master_file
from tests.services.certificates.examples import (
    APPLICATION_ID,
    COMMITTEE,
    CREDIT_CODE,
    ID_NUMBER,
    RESIDENCE,
    VILLAGE,
    ZHANG,
)

NOW = datetime.now(UTC)
ISSUED_AT = NOW - timedelta(days=3)
DAY = day_in_china(ISSUED_AT)
URL = "http://127.0.0.1:1"  # what a department in a test takes for its address
CONTENT = {"village": COMMITTEE, "residence_address": "3排12号", "residence_since": "2021-09-01", "purpose": "子女入学"}
SECRETS = ("张三", str(ID_NUMBER), "3排12号")

_AS_TOLD: Aggregate[None, Event] = Aggregate("told", None, lambda _, event: [event], lambda state, _: state)


def certificate(
    application: UUID = APPLICATION_ID, serial: str = "202312230000000001", **changes: Any
) -> CertificateIssued:
    given = {
        "certificate": certificate_of(application),
        "application": application,
        "citizen": ZHANG,
        "certificate_type": "residence",
        "identifier": str(LicenceNumber.make(RESIDENCE.type_code, CREDIT_CODE, serial)),
        "number": serial,
        "issuing_body": COMMITTEE,
        "issuing_body_code": CREDIT_CODE,
        "division": VILLAGE,
        "holder_name": "张三",
        "holder_code": str(ID_NUMBER),
        "content": CONTENT,
        "valid_from": DAY,
        "valid_to": months_after(DAY, 6),
        "issued_at": ISSUED_AT,
        "status_list": 20231201,
        "status_index": 4711,
    }
    return CertificateIssued(**{**given, **changes})


async def append(department: Department, certificate: UUID, *events: Event) -> None:
    """What happened to a certificate, with no rule asked."""
    for event in events:
        await department.engine.store.execute(CERTIFICATE.stream(certificate), _AS_TOLD, event, Context())


async def issue(department: Department, *later: Event, **changes: Any) -> CertificateIssued:
    """With a status entry of its own."""
    wanted = certificate(**changes)
    entry = await lists_of(department).enter(wanted.certificate, DAY, ISSUED_AT, Context())
    entered = wanted.model_copy(update={"status_list": entry.list, "status_index": entry.index})
    await append(department, entered.certificate, entered, *later)
    return entered


def happened(issued: CertificateIssued) -> dict[str, Event]:
    of = {
        "certificate": issued.certificate,
        "citizen": issued.citizen,
        "certificate_type": issued.certificate_type,
        "identifier": issued.identifier,
    }
    staff = uuid4()
    return {
        "suspended": CertificateSuspended(**of, reason="under_review", explanation="复核", suspended_at=NOW),
        "reinstated": CertificateReinstated(**of, explanation="无误", decided_by=staff, reinstated_at=NOW),
        "revoked": CertificateRevoked(**of, reason="issued_in_error", explanation="误发", revoked_at=NOW),
        "superseded": CertificateSuperseded(**of, by=uuid4(), by_identifier=issued.identifier, superseded_at=NOW),
    }


def issuer(department: Department) -> CredentialIssuer:
    engine = department.engine
    return CredentialIssuer(engine.store, SealedKeys(engine.pool, of_file(key_master_file())), URL)


def lists_of(department: Department) -> StatusLists:
    return StatusLists(department.engine.pool, issuer(department))
