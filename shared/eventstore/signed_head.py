"""Signed tree heads: what a department states about its ledger, in a form that standard tools can check.

A head is a C2SP tlog-checkpoint: the origin (`tongban/<jurisdiction>/<department>`), the number of leaves and the root,
as a C2SP signed note with an Ed25519 signature (c2sp.org/tlog-checkpoint, c2sp.org/signed-note). A verifier key is that
standard's `<name>+<key id>+<base64 of type and public key>`.

A department whose history goes on in a later epoch says so in the standard's extension lines, one for each epoch:
`epoch 2 <position>`, the leaves that it shares with the epochs before.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.contracts.epochs import FIRST
from shared.contracts.errors import TongbanError
from shared.eventstore.merkle import HASH_SIZE

ED25519 = b"\x01"  # the standard's signature type
LONGEST_NOTE = 65_536  # characters; as many epochs as there may be
_TEXT = re.compile(
    r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,17})\n(?P<root>[A-Za-z0-9+/=]{44})\n(?P<more>([^\n]+\n)*)", re.ASCII
)
_EPOCH = re.compile(r"epoch (?P<number>[1-9][0-9]{0,3}) (?P<position>0|[1-9][0-9]{0,17})", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # the standard allows line feeds alone


class NotSigned(TongbanError):
    """A note that the key has not signed, or that cannot be read."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A tree of `size` leaves has this root: `note` is the statement as it was signed.

    `shared`: of each epoch after the first, the leaves that it shares with those before.
    """

    origin: str
    size: int
    root: bytes
    note: str
    shared: tuple[int, ...] = ()

    @property
    def epoch(self) -> int:
        return FIRST + len(self.shared)

    def shared_since(self, epoch: int) -> int | None:
        """Of the tree as it was in `epoch`: how many leaves are still history. None: all."""
        return min(self.shared[epoch - FIRST :], default=None)


def origin_of(member: str) -> str:
    """'local.identity' -> 'tongban/local/identity'"""
    return f"tongban/{member.replace('.', '/')}"


class HeadSigner:
    """Signs the heads of one department. `key` is what others verify them with."""

    def __init__(self, member: str, private_key: Ed25519PrivateKey) -> None:
        self.origin = origin_of(member)
        self._private_key = private_key
        self.key = verifier_key(self.origin, private_key.public_key())

    def sign(self, size: int, root: bytes, shared: Sequence[int] = ()) -> SignedHead:
        """Deterministic: the same head of the same epochs is always the same note."""
        epochs = "".join(f"epoch {number} {position}\n" for number, position in enumerate(shared, start=FIRST + 1))
        text = f"{self.origin}\n{size}\n{b64encode(root).decode()}\n{epochs}"
        note = signed_note(text, self.origin, self._private_key)
        return SignedHead(self.origin, size, root, note, tuple(shared))


def open_head(note: str, key: str, origin: str) -> SignedHead:
    """Read a head. Raises NotSigned unless it is one of `origin`, signed by this verifier key."""
    match = _TEXT.fullmatch(open_note(note, key))
    if match is None or match["origin"] != origin:
        raise NotSigned(f"no head of {origin}")
    shared = _shared(match["more"].splitlines())
    return SignedHead(origin, int(match["size"]), _decoded(match["root"], HASH_SIZE), note, shared)


def _shared(lines: Sequence[str]) -> tuple[int, ...]:
    """Of each epoch after the first. Extension lines of other kinds are let pass."""
    told = [match for line in lines if (match := _EPOCH.fullmatch(line))]
    if [int(one["number"]) for one in told] != list(range(FIRST + 1, FIRST + 1 + len(told))):
        raise NotSigned("epochs that do not follow one another")
    return tuple(int(one["position"]) for one in told)


def signed_note(text: str, name: str, private_key: Ed25519PrivateKey) -> str:
    """`text` ends with a line feed."""
    signature = _key_id(name, private_key.public_key()) + private_key.sign(text.encode())
    return f"{text}\n— {name} {b64encode(signature).decode()}\n"


def open_note(note: str, key: str) -> str:
    """The signed text. Signatures of other keys are passed over; a wrong one by this key is not."""
    name, public_key = _parsed_key(key)
    if len(note) > LONGEST_NOTE or _CONTROL.search(note):
        raise NotSigned("no signed note")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise NotSigned("no signed note")
    text += "\n"
    signed = False
    for line in signatures[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        signer, _, encoded = rest.partition(" ")
        if dash != "—" or not signer:
            raise NotSigned("no signed note")
        signature = _decoded(encoded)
        if signer == name and signature[:4] == _key_id(name, public_key):
            try:
                public_key.verify(signature[4:], text.encode())
            except InvalidSignature:
                raise NotSigned(f"the signature of {name} is wrong") from None
            signed = True
    if not signed:
        raise NotSigned(f"not signed by {name} with the key known")
    return text


def verifier_key(name: str, public_key: Ed25519PublicKey) -> str:
    key_id = _key_id(name, public_key).hex()
    return f"{name}+{key_id}+{b64encode(ED25519 + public_key.public_bytes_raw()).decode()}"


def check_key(key: str) -> None:
    """Raises NotSigned when it is no Ed25519 verifier key."""
    _parsed_key(key)


def _parsed_key(key: str) -> tuple[str, Ed25519PublicKey]:
    """Raises NotSigned when it is no Ed25519 verifier key."""
    name, _, rest = key.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _decoded(encoded, 1 + HASH_SIZE)
    if not name or raw[:1] != ED25519:
        raise NotSigned("no Ed25519 verifier key")
    public_key = Ed25519PublicKey.from_public_bytes(raw[1:])
    if key_id != _key_id(name, public_key).hex():
        raise NotSigned("the verifier key is not whole")
    return name, public_key


def _key_id(name: str, public_key: Ed25519PublicKey) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public_key.public_bytes_raw()).digest()[:4]


def _decoded(text: str, length: int | None = None) -> bytes:
    try:
        decoded = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise NotSigned("not base64") from None
    if length is not None and len(decoded) != length:
        raise NotSigned("too short or too long")
    return decoded
