"""Selective disclosure: SD-JWT (RFC 9901). Pure.

A hidden claim stands in the signed statement as a digest. Its salt, name and value travel beside it, in a disclosure
that the holder may leave out; without the salt nobody can try out what the digest hides.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from services.certificates.credential.jws import Keys, NotReadable, decode, encode, from_json, open_jws, to_json

DIGESTS, ALGORITHM, ELEMENT = "_sd", "_sd_alg", "..."
SHA_256 = "sha-256"
MOST_DISCLOSURES = 200

Salt = Callable[[str], str]
"""The salt of the claim at a path; at least 128 bits that nobody else can know."""


class NotDisclosed(NotReadable):
    """The disclosures do not belong to this statement."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    salt: str
    name: str
    value: Any

    def __str__(self) -> str:
        return encode(to_json([self.salt, self.name, self.value]))

    @property
    def digest(self) -> str:
        return digest_of(str(self))


def digest_of(disclosure: str) -> str:
    return encode(sha256(disclosure.encode()).digest())


def conceal(
    plain: Mapping[str, Any], hidden: Mapping[str, Any], salt: Salt
) -> tuple[dict[str, Any], dict[str, Disclosure]]:
    """The claims to sign, and each hidden claim's disclosure by its path: 'holder_name', 'content.village'.

    Digests are sorted, so their order tells nothing of the claims.
    """
    claims: dict[str, Any] = dict(plain)
    disclosures: dict[str, Disclosure] = {}
    for path, value in hidden.items():
        parent, _, name = path.rpartition(".")
        place = claims.setdefault(parent, {}) if parent else claims
        disclosures[path] = Disclosure(salt(path), name, value)
        place[DIGESTS] = sorted([*place.get(DIGESTS, ()), disclosures[path].digest])
    return claims | {ALGORITHM: SHA_256}, disclosures


def combined(jws: str, disclosures: Iterable[Disclosure]) -> str:
    """An SD-JWT without key binding."""
    return "~".join([jws, *map(str, disclosures), ""])


def open_sd_jwt(text: str, typ: str, keys: Keys) -> dict[str, Any]:
    """The claims that are disclosed, checked as RFC 9901 §7.1 asks.

    Raises what `open_jws` raises, and NotDisclosed when a disclosure does not belong to the signed statement.
    """
    if text.count("~") > MOST_DISCLOSURES + 1:
        raise NotReadable("more disclosures than any of ours")
    jws, *written, binding = text.split("~") if "~" in text else (text, "")
    if binding:
        raise NotReadable("no SD-JWT without key binding")
    claims = open_jws(jws, typ, keys)
    if claims.pop(ALGORITHM, SHA_256) != SHA_256:
        raise NotReadable("digests of another kind")
    disclosures = {digest_of(one): _read(one) for one in written}
    seen: set[str] = set()
    try:
        revealed = _revealed(claims, disclosures, seen)
    except RecursionError:
        raise NotReadable("disclosures within disclosures without end") from None
    if len(disclosures) < len(written) or not disclosures.keys() <= seen:
        raise NotDisclosed("a disclosure belongs to nothing here, or comes twice")
    assert isinstance(revealed, dict)
    return revealed


def _read(disclosure: str) -> Disclosure:
    content = from_json(decode(disclosure), list)
    if len(content) != 3 or not isinstance(content[0], str) or not isinstance(content[1], str):
        raise NotDisclosed("no disclosure of a claim")
    if content[1] in (DIGESTS, ELEMENT):
        raise NotDisclosed("a disclosure may not bear this name")
    return Disclosure(*content)


def _revealed(value: Any, disclosures: Mapping[str, Disclosure], seen: set[str]) -> Any:
    """`value` with its hidden claims where they are disclosed. A digest may occur once in the whole statement."""
    if isinstance(value, list):
        return [_revealed(one, disclosures, seen) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: _revealed(inner, disclosures, seen) for name, inner in value.items() if name != DIGESTS}
    for digest in value.get(DIGESTS, ()):
        if not isinstance(digest, str) or digest in seen:
            raise NotDisclosed("a digest is none, or comes twice")
        seen.add(digest)
        if disclosure := disclosures.get(digest):
            if disclosure.name in found:
                raise NotDisclosed("a disclosure hides a claim that is there")
            found[disclosure.name] = _revealed(disclosure.value, disclosures, seen)
    return found
