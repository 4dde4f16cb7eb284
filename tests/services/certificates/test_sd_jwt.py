"""Selective disclosure, checked by an implementation that is not ours: OpenWallet Foundation's `sd-jwt`."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import InvalidJWSSignature
from sd_jwt.holder import SDJWTHolder
from sd_jwt.verifier import SDJWTVerifier

from services.certificates.credential.jws import (
    NotReadable,
    UnknownKey,
    WrongSignature,
    compact,
    decode,
    encode,
    open_jws,
    signing_input,
    to_json,
)
from services.certificates.credential.sd_jwt import Disclosure, NotDisclosed, combined, conceal, open_sd_jwt

TYP, KID = "dc+sd-jwt", "one"
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
KEYS = {KID: PRIVATE.public_key()}
PLAIN = {"iss": "https://certificates.example", "vct": "urn:example", "status": {"status_list": {"idx": 3}}}
HIDDEN = {
    "holder_name": "张三",
    "holder_code": "130123198503120019",
    "content.village": "塔元庄村",
    "content.purpose": "子女入学",
}
REVEALED = PLAIN | {
    "holder_name": "张三",
    "holder_code": "130123198503120019",
    "content": {"village": "塔元庄村", "purpose": "子女入学"},
}


def salt(path: str) -> str:
    return encode(path.encode().ljust(16, b"0")[:16])


def signed(claims: Any, typ: str = TYP, kid: str = KID, by: Ed25519PrivateKey = PRIVATE) -> str:
    words = signing_input(typ, kid, claims)
    return compact(words, by.sign(words.encode()))


def credential() -> tuple[str, dict[str, Disclosure]]:
    claims, disclosures = conceal(PLAIN, HIDDEN, salt)
    return signed(claims), disclosures


def elsewhere(presentation: str) -> Any:
    """What the other implementation reads."""
    key = JWK(kty="OKP", crv="Ed25519", x=encode(PRIVATE.public_key().public_bytes_raw()))
    return SDJWTVerifier(presentation, lambda *_: key).get_verified_payload()


def test_the_whole_credential_reads_the_same_there_and_here() -> None:
    jws, disclosures = credential()
    text = combined(jws, disclosures.values())
    assert elsewhere(text) == open_sd_jwt(text, TYP, KEYS) == REVEALED


@given(st.sets(st.sampled_from(sorted(HIDDEN))))
def test_any_choice_of_claims_shows_those_and_no_others(shown: set[str]) -> None:
    jws, disclosures = credential()
    text = combined(jws, [disclosures[path] for path in shown])
    found = open_sd_jwt(text, TYP, KEYS)
    assert elsewhere(text) == found
    assert {path for path in HIDDEN if _at(found, path) is not None} == shown
    readable = b"".join(decode(part) for part in text.replace("~", ".").split(".") if part)
    assert {path for path, value in HIDDEN.items() if value.encode() in readable} == shown


def _at(claims: Any, path: str) -> Any:
    for name in path.split("."):
        claims = claims.get(name, {})
    return claims or None


def test_a_holders_wallet_can_choose_what_to_show() -> None:
    jws, disclosures = credential()
    wallet = SDJWTHolder(combined(jws, disclosures.values()))
    wallet.create_presentation({"content": {"village": True}})
    found = open_sd_jwt(wallet.sd_jwt_presentation, TYP, KEYS)
    assert found == PLAIN | {"content": {"village": "塔元庄村"}}


def test_one_changed_character_anywhere_is_found_there_and_here() -> None:
    jws, disclosures = credential()
    text = combined(jws, disclosures.values())
    for place in range(0, len(text), 7):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises((WrongSignature, NotReadable, UnknownKey)):
            open_sd_jwt(changed, TYP, KEYS)
    with pytest.raises(InvalidJWSSignature):
        elsewhere(text.replace(jws[-8:], "AAAAAAAA"))


Change = Callable[[str, dict[str, Disclosure]], str]


@pytest.mark.parametrize(
    "change",
    [
        lambda jws, all: combined(jws, [Disclosure("salt", "holder_name", "李四")]),
        lambda jws, all: combined(jws, [all["holder_name"], all["holder_name"]]),
        lambda jws, all: f"{jws}~{encode(to_json(['salt', 'value']))}~",
        lambda jws, all: f"{jws}~{encode(to_json(['salt', '_sd', []]))}~",
        lambda jws, all: f"{jws}~{encode(to_json(['salt', '...', []]))}~",
    ],
)
def test_a_disclosure_that_does_not_belong_is_refused(change: Change) -> None:
    with pytest.raises(NotDisclosed):
        open_sd_jwt(change(*credential()), TYP, KEYS)


def test_a_disclosure_cannot_hide_a_claim_that_is_there() -> None:
    disclosure = Disclosure("salt", "iss", "https://elsewhere.example")
    text = combined(signed(PLAIN | {"_sd": [disclosure.digest]}), [disclosure])
    with pytest.raises(NotDisclosed):
        open_sd_jwt(text, TYP, KEYS)


def test_a_digest_that_stands_twice_is_refused() -> None:
    disclosure = Disclosure("salt", "name", "张三")
    text = combined(signed({"_sd": [disclosure.digest], "content": {"_sd": [disclosure.digest]}}), [disclosure])
    with pytest.raises(NotDisclosed):
        open_sd_jwt(text, TYP, KEYS)


def test_the_same_claims_are_the_same_credential_and_digests_come_sorted() -> None:
    (jws, disclosures), (again, _) = credential(), credential()
    assert jws == again
    payload = json.loads(decode(jws.split(".")[1]))
    assert payload["_sd"] == sorted(payload["_sd"])
    assert payload["_sd_alg"] == "sha-256"
    assert {one.digest for one in disclosures.values()} == {*payload["_sd"], *payload["content"]["_sd"]}


@pytest.mark.parametrize(
    "text", ["", "~", "a.b.c~", "a.b~", "....", "é.é.é~", "eyJ.eyJ.AAA~", "[]~", "~" * 300, "a~b~c~d"]
)
def test_what_is_none_cannot_be_read(text: str) -> None:
    with pytest.raises(NotReadable):
        open_sd_jwt(text, TYP, KEYS)


def test_another_kind_of_statement_does_not_pass() -> None:
    with pytest.raises(NotReadable):
        open_jws(signed(PLAIN, typ="statuslist+jwt"), TYP, KEYS)
    with pytest.raises(UnknownKey):
        open_jws(signed(PLAIN, kid="another"), TYP, KEYS)
    with pytest.raises(WrongSignature):
        open_jws(signed(PLAIN, by=Ed25519PrivateKey.generate()), TYP, KEYS)


def test_no_signature_is_no_signature() -> None:
    header = encode(to_json({"alg": "none", "kid": KID, "typ": TYP}))
    with pytest.raises(NotReadable):
        open_jws(f"{header}.{encode(to_json(PLAIN))}.", TYP, KEYS)


def test_a_signature_is_written_in_one_way_only() -> None:
    """64 bytes leave four bits of the last character unused: setting them must not pass unseen."""
    jws = signed(PLAIN)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = jws[:-1] + alphabet[alphabet.index(jws[-1]) ^ 1]
    with pytest.raises(NotReadable):
        open_jws(other, TYP, KEYS)


@given(st.text(max_size=300))
def test_any_text_at_all_is_only_unreadable(text: str) -> None:
    with pytest.raises(NotReadable):
        open_sd_jwt(text, TYP, KEYS)
