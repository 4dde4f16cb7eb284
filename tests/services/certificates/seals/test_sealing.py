"""The pair that signs: given at the moment of signing, or refused, and then nothing is signed."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from services.certificates.keys import keys_of
from services.certificates.sealing import UsableSeal, signing_pair
from services.certificates.settings import CertificatesSettings
from shared.contracts.errors import Refused
from shared.department.key_store import KeyStore, verify_sm2
from tests.department import NOWHERE, SHARING_FILE, Department, key_master_file
from tests.services.certificates.examples import CREDIT_CODE, OTHER_VILLAGE, REVIEWER
from tests.services.certificates.office import Office
from tests.services.certificates.seals import desk

# 22 Chinese characters are 66 bytes; RFC 5280 counts characters, of which 64 are allowed
pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length must be")

WORDS = b"what is signed"
REASON = {"reason": "印章管理员离任"}


async def pair(department: Department, later: timedelta = timedelta(0)) -> tuple[UsableSeal, UsableSeal]:
    engine = department.engine
    return await signing_pair(
        engine.pool, engine.store, issuer_code=CREDIT_CODE, reviewer=REVIEWER.id, now=datetime.now(UTC) + later
    )


async def refused(department: Department, later: timedelta = timedelta(0)) -> str:
    with pytest.raises(Refused) as refusal:
        await pair(department, later)
    return refusal.value.code


@pytest.fixture
async def both(department: Department, office: Office) -> tuple[str, str]:
    """The reviewer's signature and his village's seal, in use."""
    await desk.appointed(department)
    return await desk.in_use(office, desk.SIGNATURE), await desk.in_use(office)


async def test_the_reviewer_signs_first_then_the_seal(department: Department, both: tuple[str, str]) -> None:
    signature, seal = await pair(department)
    assert (str(signature.seal), str(seal.seal)) == both
    assert (signature.kind, signature.owner_name, seal.kind, seal.owner_code) == (
        "signature",
        "审有民",
        "seal",
        CREDIT_CODE,
    )
    assert signature.image.startswith(b"<svg")
    assert seal.valid_to.year == seal.valid_from.year + 5


async def test_what_they_sign_is_checked_by_their_certificates(department: Department, both: tuple[str, str]) -> None:
    keys = _keys(department)
    for one in await pair(department):
        public = x509.load_pem_x509_certificate(one.certificate_pem.encode()).public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(await keys.sign(one.key, WORDS), WORDS, ec.ECDSA(hashes.SHA256()))
        assert verify_sm2(one.sm2_public_key, await keys.sign(one.sm2_key, WORDS), WORDS)


def _keys(department: Department) -> KeyStore:
    """The department's, opened with the master key it was given."""
    settings = CertificatesSettings(
        database_url="postgresql://nowhere",
        nats_url=NOWHERE,
        http_port=1,
        sharing_file=SHARING_FILE,
        key_master_file=key_master_file(),
    )
    return keys_of(department.engine.pool, settings)


async def test_nobody_signs_before_registration(department: Department, office: Office) -> None:
    await desk.appointed(department)
    assert await refused(department) == "no_signature"
    await desk.made(await desk.keeper(office), desk.SIGNATURE)
    assert await refused(department) == "no_signature"


async def test_a_signature_without_the_bodys_seal_signs_nothing(department: Department, office: Office) -> None:
    await desk.appointed(department)
    await desk.in_use(office, desk.SIGNATURE)
    assert await refused(department) == "no_seal"
    await desk.made(await desk.keeper(office))
    assert await refused(department) == "no_seal"


@pytest.mark.parametrize("which", [0, 1])
async def test_one_that_was_stopped_or_cancelled_signs_nothing(
    department: Department, office: Office, both: tuple[str, str], which: int
) -> None:
    keeper = await desk.keeper(office)
    await keeper.post(f"/seals/{both[which]}/stop", json=REASON)
    assert await refused(department) == "seal_stopped"
    await keeper.post(f"/seals/{both[which]}/resume")
    await pair(department)
    await keeper.post(f"/seals/{both[which]}/cancel", json=REASON)
    assert await refused(department) == "seal_cancelled"


async def test_outside_its_certificates_validity_it_signs_nothing(
    department: Department, both: tuple[str, str]
) -> None:
    assert await refused(department, timedelta(days=5 * 366)) == "seal_expired"
    assert await refused(department, -timedelta(days=1)) == "not_yet_valid"


async def test_the_next_seal_takes_the_place_of_the_cancelled_one(
    department: Department, office: Office, both: tuple[str, str]
) -> None:
    await (await desk.keeper(office)).post(f"/seals/{both[1]}/cancel", json=REASON)
    following = await desk.in_use(office)
    _, seal = await pair(department)
    assert str(seal.seal) == following != both[1]


async def test_a_reviewer_of_another_village_does_not_sign_with_this_villages_seal(
    department: Department, office: Office
) -> None:
    await desk.appointed(department, division=OTHER_VILLAGE)
    await desk.in_use(office, desk.SIGNATURE)
    await desk.in_use(office)
    assert await refused(department) == "seal_of_another_body"
