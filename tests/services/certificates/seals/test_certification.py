"""The local authority, its certificates checked by an implementation that is not ours (pyca/cryptography)."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import verification
from cryptography.x509.oid import NameOID
from uuid_utils.compat import uuid7

from services.certificates.certification import STREAM, LocalAuthority, Subject
from services.certificates.domain.authority import AUTHORITY
from services.certificates.x509 import Validity
from shared.department.key_store import PublicKey, SealedKeys
from shared.eventstore.database import Pool
from shared.eventstore.master_keys import MasterKey
from tests.department import Department
from tests.services.certificates.examples import COMMITTEE, CREDIT_CODE, NOW, REVIEWER

# 22 Chinese characters are 66 bytes; RFC 5280 counts characters, of which 64 are allowed
pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length must be")

SEAL = UUID("0192d000-0000-7000-8000-000000000001")
OF_VILLAGE = Subject(SEAL, "seal", COMMITTEE, CREDIT_CODE, COMMITTEE)
OF_REVIEWER = Subject(SEAL, "signature", "审有民", str(REVIEWER.id), COMMITTEE)
A_YEAR = Validity(NOW, NOW + timedelta(days=365))


@pytest.fixture
def keys(department: Department) -> SealedKeys:
    return keys_in(department.engine.pool)


def keys_in(pool: Pool) -> SealedKeys:
    """The key store of a process."""
    return SealedKeys(pool, lambda: [MasterKey(bytes(32))])


@pytest.fixture
def authority(department: Department, keys: SealedKeys) -> LocalAuthority:
    return LocalAuthority(department.engine.store, keys)


def verified(root: str, certificate: str, at: datetime) -> verification.VerifiedClient:
    """Raises VerificationError unless the chain is right by RFC 5280."""
    trusted = verification.Store([x509.load_pem_x509_certificate(root.encode())])
    policy = (
        verification.PolicyBuilder()
        .store(trusted)
        .time(at)
        .extension_policies(
            ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(),
            ee_policy=verification.ExtensionPolicy.webpki_defaults_ee(),
        )
    )
    return policy.build_client_verifier().verify(x509.load_pem_x509_certificate(certificate.encode()), [])


@pytest.fixture
async def key(keys: SealedKeys) -> PublicKey:
    return await keys.make("a seal", "ES256")


async def test_a_certificate_verifies_up_to_the_root(authority: LocalAuthority, key: PublicKey) -> None:
    certified = await authority.certify(OF_VILLAGE, key, A_YEAR, NOW)
    assert verified(certified.issuer, certified.certificate, NOW).subjects == [x509.UniformResourceIdentifier(SEAL.urn)]
    with pytest.raises(verification.VerificationError):
        verified(certified.issuer, certified.certificate, A_YEAR.end + timedelta(seconds=1))


async def test_it_names_whose_seal_it_is(authority: LocalAuthority, key: PublicKey) -> None:
    certified = await authority.certify(OF_VILLAGE, key, A_YEAR, NOW)
    subject = x509.load_pem_x509_certificate(certified.certificate.encode()).subject
    assert {attribute.oid: attribute.value for attribute in subject} == {
        NameOID.COUNTRY_NAME: "CN",
        NameOID.ORGANIZATION_NAME: COMMITTEE,
        NameOID.ORGANIZATION_IDENTIFIER: f"NTRCN-{CREDIT_CODE}",
        NameOID.COMMON_NAME: COMMITTEE,
    }


async def test_a_signatures_certificate_names_the_officer_and_where_he_serves(
    authority: LocalAuthority, key: PublicKey
) -> None:
    certified = await authority.certify(OF_REVIEWER, key, A_YEAR, NOW)
    subject = x509.load_pem_x509_certificate(certified.certificate.encode()).subject
    assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "审有民"
    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == COMMITTEE
    assert subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value == str(REVIEWER.id)


async def test_its_key_signs_and_cannot_be_disowned_and_certifies_nobody(
    authority: LocalAuthority, key: PublicKey
) -> None:
    certified = await authority.certify(OF_VILLAGE, key, A_YEAR, NOW)
    certificate = x509.load_pem_x509_certificate(certified.certificate.encode())
    root = x509.load_pem_x509_certificate(certified.issuer.encode())
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign) == (True, True, False)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    own = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    names = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert names.key_identifier == own.key_identifier
    assert key.text.encode() == certificate.public_key().public_bytes(
        encoding=Encoding.PEM,
        format=PublicFormat.SubjectPublicKeyInfo,
    )


async def test_the_same_again_is_the_same_certificate(authority: LocalAuthority, key: PublicKey) -> None:
    first = await authority.certify(OF_VILLAGE, key, A_YEAR, NOW)
    assert await authority.certify(OF_VILLAGE, key, A_YEAR, datetime.now(UTC)) == first
    other = Subject(uuid7(), "seal", "另一村民委员会", CREDIT_CODE, "另一村民委员会")
    serial = x509.load_pem_x509_certificate(first.certificate.encode()).serial_number
    certified = await authority.certify(other, key, A_YEAR, NOW)
    assert x509.load_pem_x509_certificate(certified.certificate.encode()).serial_number != serial


async def test_processes_that_need_it_at_once_found_one_authority(department: Department) -> None:
    engine = department.engine
    processes = [LocalAuthority(engine.store, keys_in(engine.pool)) for _ in range(8)]
    roots = await asyncio.gather(*(one.root(NOW + timedelta(days=nth)) for nth, one in enumerate(processes)))
    assert len(set(roots)) == 1
    assert (await engine.store.load(STREAM, AUTHORITY)).version == 1
