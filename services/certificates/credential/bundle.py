"""Everything that is needed to check a certificate off line, in one file."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.certificates.credential.certificate import credential_of
from services.certificates.credential.issuer import CredentialIssuer
from services.certificates.credential.jws import to_json
from services.certificates.credential.proof import proof_of
from services.certificates.credential.qr import qr_text
from services.certificates.credential.sm2_seal import sm2_seal_of
from services.certificates.credential.status_lists import StatusLists
from shared.contracts.certificates import CertificateIssued
from shared.contracts.event import Recorded
from shared.department import files
from shared.department.engine import Engine

MEDIA = "application/zip"
DOCUMENT, CREDENTIAL, QR, SM2_SEAL = "certificate.pdf", "credential.sd-jwt", "qr.txt", "seal.sm2"
PROOF, LEDGER_KEY, JWKS, STATUS_LIST, ROOT = "proof.json", "ledger.key", "jwks.json", "status-list.jwt", "root.pem"
LEDGER_KEYS = "ledger-keys.json"  # as GET /ledger/keys tells them, where the first key signs no more


@dataclass(frozen=True, slots=True)
class Bundling:
    engine: Engine
    issuer: CredentialIssuer

    async def bundle(self, recorded: Recorded, issued: CertificateIssued, root: str, now: datetime) -> bytes:
        """A zip archive. `root`: the certificate that documents' signatures lead to, PEM.

        Raises what `proof_of` raises.
        """
        return zipped(await self._files(recorded, issued, now) | {ROOT: root.encode()})

    async def _files(self, recorded: Recorded, issued: CertificateIssued, now: datetime) -> dict[str, bytes]:
        proof = await proof_of(self.engine, recorded.id)
        found = {
            CREDENTIAL: (await credential_of(self.issuer, issued)).encode(),
            QR: (await qr_text(self.issuer, issued)).encode(),
            PROOF: proof.model_dump_json(indent=1).encode(),
            JWKS: to_json(await self.issuer.jwks(now)),
        }
        if self.engine.signer is not None:
            keys = await self.engine.signer.keys(self.engine.pool)
            found[LEDGER_KEY] = keys.present.encode()
            if keys.statements:
                found[LEDGER_KEYS] = to_json({"key": keys.present, "statements": list(keys.statements)})
        if issued.status_list is not None:
            statuses = StatusLists(self.engine.pool, self.issuer)
            found[STATUS_LIST] = (await statuses.token(issued.status_list, now)).encode()
        if issued.document and (pdf := await files.get(self.engine.pool, issued.document)):
            seal = await sm2_seal_of(self.engine.store, issued, pdf.content)
            found |= {DOCUMENT: pdf.content, SM2_SEAL: seal.model_dump_json(indent=1).encode()}
        return found


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """The same contents are the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in contents.items():
            written.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()
