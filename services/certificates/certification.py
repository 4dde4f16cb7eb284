"""Who certifies that a key belongs to a body or an officer. The port is three questions.

`LocalAuthority`, the default, is this department's own authority: its root is founded when first needed. A licensed
authority (电子认证服务机构) takes its place by answering the same three questions.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.certificates.domain.authority import AUTHORITY, FoundAuthority
from services.certificates.domain.dates import years_after
from services.certificates.domain.seal_state import Kind
from services.certificates.keys import ROOT
from services.certificates.read_models.seal_certificates import revocations_by
from services.certificates.revocation_list import edition, revocation_list
from services.certificates.x509 import Validity, end_entity, self_signed
from shared.contracts.event import Metadata
from shared.department.key_store import KeyStore, PublicKey
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store

STREAM = AUTHORITY.stream("local")
NAME = {"country_name": "CN", "organization_name": "通办", "common_name": "通办本地电子认证根证书"}
ROOT_YEARS = 30
ITSELF = Metadata(actor="department:certificates")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose key is certified. `body`: of a seal its owner; of a signature where the officer serves."""

    seal: UUID
    kind: Kind
    name: str
    code: str  # credit code or staff id
    body: str

    @property
    def attributes(self) -> dict[str, str]:
        """Credit codes in the form of ETSI EN 319 412-1: 'NTRCN-54130123ME000124XW'."""
        code = (
            {"organization_identifier": f"NTRCN-{self.code}"} if self.kind == "seal" else {"serial_number": self.code}
        )
        return {"country_name": "CN", "organization_name": self.body, **code, "common_name": self.name}


@dataclass(frozen=True, slots=True)
class Certified:
    certificate: str  # X.509, PEM
    issuer: str  # X.509, PEM: the root


@dataclass(frozen=True, slots=True)
class RevocationList:
    number: int  # grows with every new one
    der: bytes  # CRL, RFC 5280


class Authority(Protocol):
    async def root(self, now: datetime) -> str:
        """X.509, PEM: what everybody must trust who checks what was signed."""
        ...

    async def certify(self, subject: Subject, key: PublicKey, validity: Validity, now: datetime) -> Certified:
        """The same again for the same inputs."""
        ...

    async def revocation_list(self, now: datetime) -> RevocationList:
        """Which of its certificates count no longer."""
        ...


class LocalAuthority:
    """`crl_url`: where its revocation list is fetched, if anybody outside can; its certificates name it then."""

    def __init__(self, store: Store, keys: KeyStore, crl_url: str | None = None) -> None:
        self._store = store
        self._keys = keys
        self._crl_url = crl_url

    async def root(self, now: datetime) -> str:
        """Founded when first asked; of two that ask at once, one founds it and both get his."""
        founded = (await self._store.stand(STREAM, AUTHORITY)).state
        if founded is None:
            begin = now.replace(microsecond=0)
            own = await self_signed(self._keys, ROOT, NAME, Validity(begin, years_after(begin, ROOT_YEARS)))
            done = await self._store.execute(STREAM, AUTHORITY, FoundAuthority(own, now), Context(ITSELF))
            founded = done.state
            assert founded is not None
        return founded

    async def certify(self, subject: Subject, key: PublicKey, validity: Validity, now: datetime) -> Certified:
        root = await self.root(now)
        certificate = await end_entity(
            self._keys, ROOT, root, subject.attributes, subject.seal, key, validity, self._crl_url
        )
        return Certified(certificate, root)

    async def revocation_list(self, now: datetime) -> RevocationList:
        root = await self.root(now)
        current = edition(await revocations_by(self._store.pool, root), now)
        return RevocationList(current.number, await revocation_list(self._keys, ROOT, root, current))
