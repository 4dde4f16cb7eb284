"""The revocation list of seals' certificates, as pyca/cryptography, pyHanko and OpenSSL read it."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathValidationError, RevokedError

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.document.inspect import inspect_pdf
from services.certificates.read_models.seal_certificates import Revocations, RevokedCertificate
from services.certificates.revocation_list import HOLDS_FOR, edition
from services.certificates.service import SERVICE
from tests.department import running
from tests.services.certificates.examples import OTHER_VILLAGE
from tests.services.certificates.office import Office, apply
from tests.services.certificates.seals import desk

# 22 Chinese characters are 66 bytes; RFC 5280 counts characters, of which 64 are allowed
pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length must be")

OUTSIDE = "https://zheng.example.gov.cn/certificates"
REASON = {"reason": "印章管理员离任"}
HOLD, FOR_GOOD = x509.ReasonFlags.certificate_hold, x509.ReasonFlags.cessation_of_operation


@pytest.fixture
async def reached(database: DepartmentDatabase) -> AsyncIterator[Office]:
    """Of a department that people outside reach."""
    async with running(SERVICE, database, public_url=OUTSIDE) as department, Office(department) as office:
        yield office


async def fetched(anyone: httpx.AsyncClient) -> x509.CertificateRevocationList:
    answer = await anyone.get("/trust/root.crl")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pkix-crl")
    return x509.load_der_x509_crl(answer.content)


async def certificates_of(anyone: httpx.AsyncClient, seal: str) -> tuple[x509.Certificate, x509.Certificate]:
    """Its own and its issuer's."""
    own, issuer = (await anyone.get(f"/seals/{seal}")).json()["certificates"]
    return x509.load_pem_x509_certificate(own.encode()), x509.load_pem_x509_certificate(issuer.encode())


def listed(found: x509.CertificateRevocationList) -> dict[int, x509.ReasonFlags]:
    return {one.serial_number: one.extensions.get_extension_for_class(x509.CRLReason).value.reason for one in found}


def number_of(found: x509.CertificateRevocationList) -> int:
    return found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


async def test_through_the_life_of_a_seal(office: Office) -> None:
    keeper, anyone = await desk.keeper(office), await office.anyone()
    seal, other = await desk.in_use(office), await desk.made(keeper, {"kind": "seal", "division": OTHER_VILLAGE})
    own, issuer = await certificates_of(anyone, seal)
    lists = [await fetched(anyone)]
    assert listed(lists[-1]) == {}
    for step, reasons in (
        ("stop", {own.serial_number: HOLD}),
        ("resume", {}),
        ("stop", {own.serial_number: HOLD}),
        ("cancel", {own.serial_number: FOR_GOOD}),
    ):
        done = await keeper.post(f"/seals/{seal}/{step}", json=REASON if step != "resume" else None)
        assert done.status_code == 200, done.text
        lists.append(await fetched(anyone))  # at once
        assert listed(lists[-1]) == reasons
    assert (await keeper.post(f"/seals/{other}/cancel", json=REASON)).status_code == 200
    lists.append(await fetched(anyone))
    assert listed(lists[-1]) == {
        own.serial_number: FOR_GOOD,
        (await certificates_of(anyone, other))[0].serial_number: FOR_GOOD,
    }
    assert sorted(set(map(number_of, lists))) == [number_of(one) for one in lists]
    signer = issuer.public_key()
    assert isinstance(signer, ec.EllipticCurvePublicKey)
    for one in lists:
        assert one.is_signature_valid(signer)
        assert one.issuer == issuer.subject == own.issuer
        assert one.next_update_utc == one.last_update_utc + HOLDS_FOR


async def test_what_is_cancelled_while_it_is_stopped_counts_no_longer_since_it_was_stopped(office: Office) -> None:
    keeper, anyone = await desk.keeper(office), await office.anyone()
    seal = await desk.in_use(office)
    stopped = (await keeper.post(f"/seals/{seal}/stop", json=REASON)).json()
    assert (await keeper.post(f"/seals/{seal}/cancel", json=REASON)).status_code == 200
    (entry,) = await fetched(anyone)
    since = datetime.fromisoformat(stopped["stopped_at"])
    assert entry.revocation_date_utc == since.astimezone(UTC).replace(microsecond=0)


async def test_who_holds_the_list_is_told_whether_it_is_still_the_one(office: Office) -> None:
    anyone = await office.anyone()
    seal = await desk.in_use(office)
    first = await anyone.get("/trust/root.crl")
    for _ in range(2):  # the second time in case an hour went by between the first two
        again = await anyone.get("/trust/root.crl", headers={"if-none-match": first.headers["etag"]})
        if again.status_code == 304:
            break
        first = again
    assert (again.status_code, again.content) == (304, b"")
    await (await desk.keeper(office)).post(f"/seals/{seal}/stop", json=REASON)
    after = await anyone.get("/trust/root.crl", headers={"if-none-match": first.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != first.headers["etag"]


async def test_a_certificate_names_the_list_where_people_outside_reach_it(reached: Office) -> None:
    told, _ = await certificates_of(await reached.anyone(), await desk.in_use(reached))
    (point,) = told.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name == [x509.UniformResourceIdentifier(f"{OUTSIDE}/trust/root.crl")]


async def test_without_a_public_address_a_certificate_names_none(office: Office) -> None:
    silent, _ = await certificates_of(await office.anyone(), await desk.in_use(office))
    with pytest.raises(x509.ExtensionNotFound):
        silent.extensions.get_extension_for_class(x509.CRLDistributionPoints)


async def test_a_document_stays_valid_as_of_its_signing_when_the_seal_is_cancelled_later(reached: Office) -> None:
    citizen, reviewer, anyone = await reached.citizen(), await reached.reviewer(has_seals=False), await reached.anyone()
    await desk.appointed(reached.department)
    seal = await desk.in_use(reached)
    await desk.in_use(reached, desk.SIGNATURE)
    approved = await reviewer.post(f"/applications/{await apply(citizen)}/approve")
    assert approved.status_code == 200, approved.text
    document = (await citizen.get(f"/certificates/{approved.json()['certificate']}/document")).content
    root = (await anyone.get("/trust/root.pem")).text
    signed_at = inspect_pdf(document, [root]).seal
    assert signed_at is not None
    assert (await (await desk.keeper(reached)).post(f"/seals/{seal}/cancel", json=REASON)).status_code == 200

    assert inspect_pdf(document, [root]).verdict == "intact"
    checked = await anyone.post("/check", files={"file": ("a.pdf", document)})
    assert checked.json()["status"] == "valid"
    own, issuer = await certificates_of(anyone, seal)
    found = await fetched(anyone)
    await by_pyhanko(own, issuer, found, signed_at.at)
    with pytest.raises(RevokedError):
        await by_pyhanko(own, issuer, found, datetime.now(UTC) + timedelta(minutes=5))


async def test_another_verifier_needs_the_list_and_has_its_way_with_it(reached: Office) -> None:
    keeper, anyone = await desk.keeper(reached), await reached.anyone()
    seal = await desk.in_use(reached)
    own, issuer = await certificates_of(anyone, seal)
    soon = datetime.now(UTC) + timedelta(minutes=5)
    with pytest.raises(PathValidationError):
        await by_pyhanko(own, issuer, None, soon)
    await by_pyhanko(own, issuer, await fetched(anyone), soon)
    await keeper.post(f"/seals/{seal}/stop", json=REASON)
    with pytest.raises(RevokedError):
        await by_pyhanko(own, issuer, await fetched(anyone), soon)
    await keeper.post(f"/seals/{seal}/resume")
    await by_pyhanko(own, issuer, await fetched(anyone), soon)


async def by_pyhanko(
    own: x509.Certificate,
    issuer: x509.Certificate,
    found: x509.CertificateRevocationList | None,
    at: datetime,
) -> None:
    """Raises PathValidationError, or RevokedError, unless it counted at a moment."""
    context = ValidationContext(
        trust_roots=[Certificate.load(issuer.public_bytes(Encoding.DER))],
        moment=at,
        best_signature_time=at,
        crls=[] if found is None else [found.public_bytes(Encoding.DER)],
        revocation_mode="require",
        retroactive_revinfo=True,
    )
    validator = CertificateValidator(Certificate.load(own.public_bytes(Encoding.DER)), validation_context=context)
    await validator.async_validate_usage({"digital_signature"})  # type: ignore[no-untyped-call]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here")
async def test_openssl_says_the_same(office: Office, tmp_path: Path) -> None:
    keeper, anyone = await desk.keeper(office), await office.anyone()
    seal = await desk.in_use(office)
    own, issuer = await certificates_of(anyone, seal)
    (tmp_path / "own.pem").write_bytes(own.public_bytes(Encoding.PEM))
    (tmp_path / "root.pem").write_bytes(issuer.public_bytes(Encoding.PEM))

    async def counts() -> bool:
        (tmp_path / "root.crl").write_bytes((await fetched(anyone)).public_bytes(Encoding.PEM))
        given = ["-CAfile", "root.pem", "-CRLfile", "root.crl", "-x509_strict", "own.pem"]
        command = ["openssl", "verify", "-crl_check", *given]
        process = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stdout=DEVNULL, stderr=DEVNULL)
        return await process.wait() == 0

    assert await counts()
    for step, expected in (("stop", False), ("resume", True), ("cancel", False)):
        await keeper.post(f"/seals/{seal}/{step}", json=REASON if step != "resume" else None)
        assert await counts() is expected


def test_a_later_list_has_a_higher_number_and_the_same_hour_gives_the_same_list() -> None:
    now = datetime(2023, 12, 24, 9, 30, tzinfo=UTC)
    none = Revocations((), 0, None)
    held = Revocations((RevokedCertificate(7, "hold", now),), 1, now)
    assert edition(none, now) == edition(none, now + timedelta(minutes=29))
    assert edition(none, now).number < edition(held, now).number < edition(held, now + timedelta(hours=1)).number
    assert edition(none, now).made_at == now.replace(minute=0)
    assert edition(held, now).made_at == now
    assert edition(held, now + timedelta(hours=1)).made_at == now.replace(hour=10, minute=0)
