"""Tokens that nobody should honour: forged, altered, expired, of another issuer, or no tokens at all."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc.jwk import OKPKey

from tests.doors.addresses import NO_ID
from tests.doors.asking import Asking
from tests.doors.rows import powers_of
from tests.doors.town import OWNER, Town
from tests.doors.tried import Answer, Tried

WHO = OWNER


def forged_tokens(town: Town) -> Iterator[Tried]:
    """In every department; 401 each time, after a good token was honoured."""
    tried = Tried("forged and altered tokens", "alg none, HS256 with the public key, kid, times, issuer, shape, length")
    headers = dict(_authorizations(town))
    for department in town.addresses:
        path = _of_citizens(department)
        with Asking(town, department) as nobody:
            good = nobody.ask("GET", path, town.headers(WHO))
            tried.note(good, lambda answer: answer.status in (200, 404), "a good token is honoured")
            for name, header in headers.items():
                answer = nobody.ask("GET", path, {"authorization": header})
                tried.note(answer, _is_refused, f"401 for {name}")
    yield tried


def _of_citizens(department: str) -> str:
    """What a citizen may always see, themselves only."""
    return next(
        route.removeprefix("GET ")
        for route, row in powers_of(department).items()
        if row.citizen and route.startswith("GET ") and "{" not in route
    )


def _is_refused(answer: Answer) -> bool:
    """Longer than any header may be is told so."""
    return answer.status == 431 or (answer.status == 401 and "www-authenticate" in answer.headers)


def _authorizations(town: Town) -> Iterator[tuple[str, bytes]]:
    for name, token in _tokens(town):
        yield name, f"Bearer {token}".encode()
    good = town.token(WHO)
    for scheme in ("Basic", "Digest", "Token", "DPoP", "Bearer Bearer", "Bearer,"):
        yield f"scheme {scheme}", f"{scheme} {good}".encode()
    yield "no scheme", f"{good}".encode()
    yield "a tab between", f"Bearer\t{good}".encode()
    yield "two tokens", f"Bearer {good} {good}".encode()
    yield "two tokens, a comma between", f"Bearer {good}, Bearer {good}".encode()
    yield "a token in quotes", f'Bearer "{good}"'.encode()
    yield "nothing", b""
    yield "a scheme alone", b"Bearer"
    yield "Chinese", "Bearer 我是管理员".encode()
    yield "bytes of no encoding", b"Bearer \xff\xfe\xfd"


def _tokens(town: Town) -> Iterator[tuple[str, str]]:
    good = str(town.token(WHO))
    head, body, signature = good.split(".")
    header, claims = _read(head), _read(body)
    for alg in ("none", "None", "NONE", "nOnE", ""):
        yield f"alg {alg!r}, no signature", f"{_text({'alg': alg, 'kid': town.kid})}.{body}."
        yield f"alg {alg!r}, its signature", f"{_text({'alg': alg, 'kid': town.kid})}.{body}.{signature}"
    public = town.key.as_dict(private=False)
    for secret in (str(public["x"]).encode(), _bytes(str(public["x"])), town.key.as_pem(private=False), b""):
        for alg, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            signed = f"{_text({'alg': alg, 'kid': town.kid})}.{body}"
            yield (
                f"{alg} with the public key",
                f"{signed}.{_base64(hmac.new(secret, signed.encode(), digest).digest())}",
            )
    own = OKPKey.generate_key("Ed25519")
    for kid in (town.kid, own.thumbprint(), "../../../../dev/null", "/dev/null", "x' or '1'='1", "", "密", "k" * 3000):
        yield f"another's signature, kid {kid[:20]!r}", _raw(own, {"alg": "EdDSA", "kid": kid}, claims)
    mine = own.as_dict(private=False)
    for extra in (
        {"jwk": mine},
        {"jku": "http://127.0.0.1:9/jwks.json"},
        {"x5u": "http://127.0.0.1:9/"},
        {"x5c": [""]},
    ):
        yield f"another's key in {next(iter(extra))}", _raw(own, {**header, **extra}, claims)
    for odd_kid in (1, None, ["a"], {"a": 1}, True, 1e308):
        yield f"kid {odd_kid!r}", _raw(town.key, {"alg": "EdDSA", "kid": odd_kid}, claims)
    yield "no kid", _raw(town.key, {"alg": "EdDSA"}, claims)
    yield "crit", _raw(town.key, {**header, "crit": ["exp"]}, claims)
    yield "b64 false", _raw(town.key, {**header, "b64": False, "crit": ["b64"]}, claims)
    yield from _altered(town, header, claims)
    yield "its signature cut off", f"{head}.{body}."
    yield "its signature halved", f"{head}.{body}.{signature[:43]}"
    yield "its signature doubled", f"{good}{signature}"
    yield "another body under its signature", f"{head}.{_text({**claims, 'sub': NO_ID})}.{signature}"
    yield "a padded part", f"{head}=.{body}.{signature}"
    yield "a blank within", f"{head}. {body}.{signature}"
    for parts in (".", "..", "...", "a.b.c", f"{head}.{body}", f"{good}.{good}", f"{head}.{body}.{signature}.x.y"):
        yield f"of the shape {parts[:8]!r}", parts
    nested = "[" * 20_000
    yield "a header nested 20,000 deep", f"{_base64(nested.encode())}.{body}.{signature}"
    yield "a body nested 1,000 deep", _raw_bytes(town.key, json.dumps(header).encode(), b"[" * 1000)
    yield "a body of no JSON", _raw_bytes(town.key, json.dumps(header).encode(), b"\xff\x00")
    for odd in (b"[]", b"1", b"null", b'"sub"', b"{}", b'{"iss":"identity"}'):
        yield f"claims {odd.decode()}", _raw_bytes(town.key, json.dumps(header).encode(), odd)
    for length in (4097, 20_000):
        yield f"{length} characters", good + "A" * (length - len(good))
    yield "unicode in it", f"{head}.{body[:-1]}密.{signature}"


def _altered(town: Town, header: dict[str, Any], claims: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Signed with the right key, as no department of ours does: none of them may be honoured, none may fall over."""
    now = datetime.now(UTC)
    ago, ahead = int((now - timedelta(hours=2)).timestamp()), int((now + timedelta(hours=2)).timestamp())
    changes: tuple[dict[str, Any], ...] = (
        {"exp": ago + 60, "iat": ago},
        {"exp": int(now.timestamp()) - 10},
        {"iat": ahead, "exp": ahead + 60},
        {"exp": int((now + timedelta(days=36_500)).timestamp())},
        {"exp": 10**300},
        {"exp": -1},
        {"exp": "tomorrow"},
        {"exp": None},
        {"exp": [ahead]},
        {"iat": 1e300},
        {"iat": "now"},
        {"iat": None},
        {"iss": "certificates"},
        {"iss": ["identity"]},
        {"iss": ""},
        {"iss": None},
        {"sub": "root"},
        {"sub": None},
        {"sub": 1},
        {"sub": {}},
        {"kind": "administrator"},
        {"kind": None},
        {"kind": ["staff"]},
        {"roles": 1},
    )
    for change in changes:
        yield f"signed, {change}", _raw(town.key, header, {**claims, **change})
    for name in ("iss", "sub", "kind", "roles", "exp", "iat"):
        yield f"signed, without {name}", _raw(town.key, header, {k: v for k, v in claims.items() if k != name})
    for word in ("NaN", "Infinity", "-Infinity", "1e999"):
        text = json.dumps({**claims, "exp": "<>"}).replace('"<>"', word)
        yield f"signed, exp {word}", _raw_bytes(town.key, json.dumps(header).encode(), text.encode())


def _raw(key: OKPKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return _raw_bytes(key, json.dumps(header).encode(), json.dumps(claims).encode())


def _raw_bytes(key: OKPKey, header: bytes, claims: bytes) -> str:
    """Signed by hand: a library would not write most of these."""
    signed = f"{_base64(header)}.{_base64(claims)}"
    private = key.private_key
    assert private is not None
    return f"{signed}.{_base64(private.sign(signed.encode()))}"  # type: ignore[union-attr]


def _read(part: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_bytes(part))
    return read


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _text(value: object) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
