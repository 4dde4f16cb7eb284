"""The SM2 seal beside a document, with the public key that it is verified with."""

from base64 import b64decode
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from services.certificates.credential.jws import NotReadable
from services.certificates.domain.seal import SEAL
from services.certificates.domain.seal_state import NotApplied, making_of
from shared.contracts.certificates import CertificateIssued
from shared.contracts.errors import Broken
from shared.department.key_store import verify_sm2
from shared.department.sm2 import sm3
from shared.eventstore.store import Store


class Sm2Seal(BaseModel):
    """GB/T 32918 over all bytes of the PDF; the signer's id is that of GM/T 0009, '1234567812345678'."""

    model_config = ConfigDict(frozen=True)

    algorithm: Literal["SM2-with-SM3"] = "SM2-with-SM3"
    public_key: Annotated[str, StringConstraints(pattern=r"^04[0-9a-f]{128}$")]  # uncompressed point
    signature: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{86}==$")]  # r and s, 64 bytes, base64
    digest_sm3: str  # of the PDF, 64 hexadecimal digits

    def is_over(self, document: bytes) -> bool:
        """Whether this very document was sealed."""
        is_signed = verify_sm2(self.public_key, b64decode(self.signature), document)
        return is_signed and self.digest_sm3 == sm3(document)


async def sm2_seal_of(store: Store, issued: CertificateIssued, document: bytes) -> Sm2Seal:
    """Of a certificate that has this document."""
    assert issued.seal is not None  # whatever has a document
    assert issued.sm2_seal is not None
    state = (await store.stand(SEAL.stream(issued.seal), SEAL)).state
    making = None if isinstance(state, NotApplied) else making_of(state)
    if making is None:
        raise Broken("a seal that was never made has signed")
    return Sm2Seal(public_key=making.sm2_public_key, signature=issued.sm2_seal, digest_sm3=sm3(document))


def read_sm2_seal(content: bytes) -> Sm2Seal:
    """Raises NotReadable."""
    try:
        return Sm2Seal.model_validate_json(content)
    except ValidationError:
        raise NotReadable("no SM2 seal") from None
