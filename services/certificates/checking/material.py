"""What lies in a file, a folder or a bundle: things to check, and what to check them with. Told apart by content."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.certificates.checking.evidence import text_of
from services.certificates.credential import status_list
from services.certificates.credential.jws import Keys, NotReadable, from_json, header_of, joined, public_keys
from services.certificates.credential.proof import Proof, read_proof
from services.certificates.credential.sm2_seal import Sm2Seal, read_sm2_seal
from shared.eventstore.signed_head import NotSigned, check_key

LARGEST = 20 * 1024 * 1024  # bytes, of all that is unpacked from one archive
MOST_FILES = 1000  # of one archive
ZIP = b"PK\x03\x04"
PEM = "-----BEGIN CERTIFICATE-----"


@dataclass
class Material:
    shown: dict[str, bytes] = field(default_factory=dict)  # by file name
    keys: Keys = field(default_factory=dict)  # of the issuer
    roots: list[str] = field(default_factory=list)  # X.509, PEM
    ledger_key: str | None = None
    ledger_statements: list[str] = field(default_factory=list)  # about the ledger's keys
    status_lists: list[str] = field(default_factory=list)
    proof: Proof | None = None
    sm2_seal: Sm2Seal | None = None

    @property
    def can_judge(self) -> bool:
        """Whether there is anything in it that signatures are checked with."""
        return bool(self.keys or self.roots)


def sorted_out(files: Mapping[str, bytes]) -> Material:
    """Archives among them are unpacked. Raises NotReadable for one that is broken or too large."""
    found = Material()
    for name, content in _unpacked(files).items():
        text = text_of(content) or ""
        if text.startswith(PEM):
            found.roots.append(text)
        elif text.startswith("{"):
            _sort_json(found, content)
        elif _is_status_list(text):
            found.status_lists.append(text)
        elif _is_ledger_key(text):
            found.ledger_key = text
        else:
            found.shown[name] = content
    return found


def _unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, content in files.items():
        found |= unzipped(content) if content.startswith(ZIP) else {name: content}
    return found


def unzipped(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > MOST_FILES or sum(one.file_size for one in archive.infolist()) > LARGEST:
                raise NotReadable("the archive holds too much")
            return {one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):  # damaged, or encrypted
        raise NotReadable("the archive cannot be unpacked") from None


def _sort_json(found: Material, content: bytes) -> None:
    """A set of keys, a proof, an SM2 seal or keys of a ledger; other JSON is of no use here."""
    told = from_json(content, dict)
    if isinstance(statements := told.get("statements"), list):
        found.ledger_statements += [one for one in statements if isinstance(one, str)]
        if found.ledger_key is None and isinstance(key := told.get("key"), str) and _is_ledger_key(key):
            found.ledger_key = key
    elif "keys" in told:
        found.keys = joined(found.keys, public_keys(told))
    elif "entry" in told:
        found.proof = read_proof(content)
    elif "signature" in told:
        found.sm2_seal = read_sm2_seal(content)


def _is_status_list(text: str) -> bool:
    try:
        return header_of(text).get("typ") == status_list.TYP
    except NotReadable:
        return False


def _is_ledger_key(text: str) -> bool:
    try:
        check_key(text)
    except NotSigned:
        return False
    return True
