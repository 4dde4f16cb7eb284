"""A certificate of 张三, the hands that sign it, and what they made: no database needed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.certificates.document.making import Made, Signers, make_document
from services.certificates.document.page import Page, page_of
from services.certificates.document.rendering import Pictures
from services.certificates.domain.certificate import drawn_up
from services.certificates.sealing import UsableSeal
from services.certificates.x509 import Validity, end_entity, self_signed
from shared.contracts.certificates import CertificateIssued
from shared.department.key_store import Algorithm, PublicKey
from shared.department.sm2 import Sm2
from tests.services.certificates.examples import COMMITTEE, CREDIT_CODE, NOW, PARTICULARS, RESIDENCE, REVIEWER, filled
from tests.services.certificates.sealed import ROUND, STROKE

QR = "https://tongban.example/check?c=" + "x" * 420
SAYS = drawn_up(PARTICULARS)
PICTURES = Pictures(STROKE, ROUND)
TEN_YEARS = Validity(NOW, NOW + timedelta(days=3652))


def says(**form: str) -> CertificateIssued:
    """With other values in the form."""
    return drawn_up(replace(PARTICULARS, form=filled(**form).values))


def page(issued: CertificateIssued = SAYS) -> Page:
    return page_of(issued, RESIDENCE, reviewer="审有民", qr=QR)


class Keys:
    """A key store in memory. The same names are the same keys."""

    async def make(self, name: str, algorithm: Algorithm) -> PublicKey:
        if algorithm == "SM2":
            return PublicKey(algorithm, Sm2().generate_pk(_secret(name)).hex())
        public = _ec(name).public_key()
        pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return PublicKey(algorithm, pem.decode())

    async def public(self, name: str) -> PublicKey | None:
        return await self.make(name, "ES256")

    async def sign(self, name: str, words: bytes) -> bytes:
        if name.endswith("sm2"):
            r: bytes
            s: bytes
            r, s = Sm2(sk=_secret(name), uid=b"1234567812345678", rnd_fn=_always(7)).sign(words)
            return r.rjust(32, b"\0") + s.rjust(32, b"\0")
        return _ec(name).sign(words, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _always(number: int) -> Callable[[int], int]:
    return lambda bits: number


def _secret(name: str) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(name.encode())
    return b"\x01" + digest.finalize()[1:]


def _ec(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(_secret(name), "big"), ec.SECP256R1())


async def root(keys: Keys, name: str = "root") -> str:
    return await self_signed(keys, name, {"country_name": "CN", "common_name": f"示例根证书 {name}"}, TEN_YEARS)


async def hands(keys: Keys, authority: str = "root", validity: Validity = TEN_YEARS) -> Signers:
    """The reviewer's and the village's, certified by an authority."""
    certifier = await root(keys, authority)

    async def usable(key: str, owner: str, code: str, image: bytes) -> UsableSeal:
        seal, public = UUID(int=len(key)), await keys.make(key, "ES256")
        name = {"country_name": "CN", "common_name": owner}
        return UsableSeal(
            seal=seal,
            kind="seal",
            owner_name=owner,
            owner_code=code,
            certificate_pem=await end_entity(keys, authority, certifier, name, seal, public, validity),
            issuer_pem=certifier,
            key=key,
            sm2_key=f"{key}-sm2",
            sm2_public_key=(await keys.make(f"{key}-sm2", "SM2")).text,
            image=image,
            valid_from=validity.begin,
            valid_to=validity.end,
        )

    return Signers(
        REVIEWER.id,
        await usable("hand", "审有民", str(REVIEWER.id), STROKE),
        await usable("village", COMMITTEE, CREDIT_CODE, ROUND),
    )


async def made(issued: CertificateIssued = SAYS, at: datetime = NOW, authority: str = "root") -> Made:
    keys = Keys()
    given = issued.model_copy(update={"issued_at": at})
    return await make_document(given, RESIDENCE, await hands(keys, authority), keys, QR)
