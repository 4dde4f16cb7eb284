"""Signed statements, codes and lists made to cost whoever reads them. The same every time."""

import gzip
import io
import json
import zipfile
from base64 import urlsafe_b64encode
from functools import cache

from tests.doors.hostile_pdf import MB, deflated_zeros


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode("ascii").rstrip("=")


def jws(header: bytes, claims: bytes = b"{}") -> str:
    return f"{encoded(header)}.{encoded(claims)}.{encoded(bytes(64))}"


def header(typ: str, **more: object) -> bytes:
    return json.dumps({"alg": "EdDSA", "typ": typ, "kid": "x", **more}).encode()


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def listed(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def deep_header(depth: int = 10_000) -> bytes:
    return jws(nested(depth)).encode()


def deep_key_id(depth: int = 900, typ: str = "tb-qr") -> bytes:
    told = b'{"alg":"EdDSA","typ":"%s","kid":%s}' % (typ.encode(), listed(depth))
    return jws(told).encode()


def long_number(digits: int = 5_000) -> bytes:
    return jws(b'{"alg":"EdDSA","typ":"tb-qr","kid":%s}' % (b"9" * digits)).encode()


def credential(disclosures: int = 10_000) -> bytes:
    shown = encoded(b'["salt","name","value"]')
    return (jws(header("dc+sd-jwt")) + "~" + f"{shown}~" * disclosures).encode()


def deep_disclosure(depth: int = 10_000) -> bytes:
    shown = encoded(b'["salt","name",' + listed(depth) + b"]")
    return (jws(header("dc+sd-jwt")) + f"~{shown}~").encode()


def deflated_header() -> bytes:
    """A JWE in place of a JWS, which some readers unpack."""
    told = json.dumps({"alg": "dir", "enc": "A128GCM", "zip": "DEF"}).encode()
    return f"{encoded(told)}.{encoded(deflated_zeros(10))}.{encoded(bytes(16))}".encode()


def expanding_letters() -> bytes:
    """One letter that NFKC makes eighteen of."""
    return ("1.2.3.4" + "\ufdfa" * (5 * MB // 3 - 10)).encode()


@cache
def zipped(megabytes: int = 200) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("certificate.pdf"), bytes(megabytes * MB), zipfile.ZIP_DEFLATED)
    return out.getvalue()


@cache
def gzipped(megabytes: int = 200) -> bytes:
    return gzip.compress(bytes(megabytes * MB), 9, mtime=0)


COLUMNS = b"name,id_number,division,address\n"


def csv_of_lines() -> bytes:
    return COLUMNS + b"a\n" * ((MB - 100) // 2)


def csv_of_a_quote() -> bytes:
    return COLUMNS + b'"' + b"\n" * (MB - 100)


def json_of_lists() -> bytes:
    return b"[" + b"[]," * ((MB - 100) // 3) + b"[]]"
