"""Requests that no honest client sends: a fixed corpus, and what a department's own description leads to.

Nothing here may be answered with an error of ours. `allowed` says what may be answered instead.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from shared.standards.check_digits import mod_11_2

REFUSED: Final = frozenset({400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 431})
ANY_ANSWER: Final = REFUSED | {200, 201, 204, 304}
JSON: Final = {"content-type": "application/json"}
ID: Final = "01928c3e-7c1a-7d52-9f7b-2f1f6f3a9b10"


@dataclass(frozen=True, slots=True)
class Hostile:
    name: str
    method: str
    path: str  # with its query, already quoted
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    allowed: frozenset[int] = REFUSED


def _id_number(year: int) -> str:
    body = f"130123{year:04}1231001"
    return body + mod_11_2(body)


BODIES: Final[Mapping[str, bytes]] = {
    "100,000 lists": b"[" * 100_000,
    "20,000 objects": b'{"a":' * 20_000,
    "100,000 lists, closed": b"[" * 100_000 + b"]" * 100_000,
    "33 levels": b"[" * 33 + b"]" * 33,
    "strings full of brackets": b'{"a": "' + b"[" * 200_000 + b'"}',
    "200,000 items": b"[" + b"0," * 200_000 + b"0]",
    "a million blanks": b" " * 1_000_000,
    "no UTF-8": b'{"name": "\xff"}',
    "half a UTF-8 character": b'{"name": "\xe7\x8e"}',
    "overlong UTF-8": b'{"name": "\xc0\x80"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "UTF-8 with BOM": b'\xef\xbb\xbf{"name": "x"}',
    "NUL in a text": b'{"name": "a\\u0000b", "feed": "\\u0000", "stream": "\\u0000", "list": "\\u0000"}',
    "a raw NUL": b'{"name": "\x00"}',
    "NUL in a name": b'{"a\\u0000b": 1}',
    "a lone surrogate": b'{"name": "\\ud800", "feed": "\\udfff"}',
    "a lone surrogate in a name": b'{"\\ud800": 1}',
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": Infinity}',
    "a number of 4,400 digits": b'{"name": ' + b"9" * 4400 + b"}",
    "a number of 300,000 digits": b'{"name": ' + b"9" * 300_000 + b"}",
    "an exponent out of range": b'{"name": 1e400}',
    "a deep exponent": b'{"name": 1e-999999999}',
    "a member twice": b'{"name": "a", "name": "b", "feed": "a", "feed": "b"}',
    "a name of a million": b'{"' + b"a" * 1_000_000 + b'": 1}',
    "two values": b"{} {}",
    "a text": b'"text"',
    "a number": b"7",
    "null": b"null",
    "nothing": b"",
    "a megabyte and one": b'"' + b"x" * 1024 * 1024 + b'"',
    "not JSON": b"<xml/>",
    "a single quote": b"{'a': 1}",
    "a comment": b"{} // no",
    "a proto": b'{"__proto__": {"a": 1}, "constructor": {}, "__class__": {}}',
}
HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "gzip": {**JSON, "content-encoding": "gzip"},
    "brotli": {**JSON, "content-encoding": "br"},
    "msgpack": {"content-type": "application/x-msgpack"},
    "form": {"content-type": "application/x-www-form-urlencoded"},
    "multipart without a boundary": {"content-type": "multipart/form-data"},
    "another charset": {"content-type": "application/json; charset=utf-16"},
    "no media type": {"content-type": "json"},
    "a broken media type": {"content-type": ";;;=,\t/"},
    "an override of the method": {**JSON, "x-http-method-override": "DELETE"},
    "a key too long": {**JSON, "idempotency-key": "k" * 201},
    "a key with blanks": {**JSON, "idempotency-key": "a b"},
    "a header of 20,000": {**JSON, "x-large": "x" * 20_000},
    "200 headers": {f"x-{number}": "x" for number in range(200)},
    "a length below nothing": {**JSON, "content-length": "-1"},
    "a token of nobody": {**JSON, "authorization": "Bearer " + "a." * 2000},
    "a token of strange characters": {**JSON, "authorization": "Bearer \x7f"},
    "a wish for strange languages": {"accept-language": ",".join(["en;q=nan", "zh;q=inf", "*;q=" + "9" * 400])},
    "a strange Accept": {"accept": ";,/=*;q=x"},
    "a strange trace": {"traceparent": "00-" + "z" * 100, "x-correlation-id": "a\tb"},
}
TEXTS: Final[Mapping[str, str]] = {  # quoted, in a path or a query
    "NUL": "%00",
    "a control character": "a%1bb",
    "no UTF-8": "%ff",
    "overlong": "%c0%80",
    "a surrogate": "%ed%a0%80",
    "half a quote": "%e",
    "a line": "a%0d%0ab",
    "up and away": "..%2f..%2fetc",
    "a number too large": "9" * 400,
    "a number of 5,000 digits": "9" * 1900,
    "just beyond bigint": "9223372036854775808",
    "bigint": "9223372036854775807",
    "below bigint": "-9223372036854775809",
    "int4": "2147483648",
    "below nothing": "-1",
    "a fraction": "1.5",
    "digits of elsewhere": "%d9%a1%d9%a2",
    "year one, east": "0001-01-01T00:00:00%2B23:59",
    "year 9999, west": "9999-12-31T23:59:59-23:59",
    "a leap second": "2016-12-31T23:59:60Z",
    "no such day": "2023-02-29",
    "no such day, with time": "2023-02-29T00:00:00Z",
    "without an offset": "2024-05-01T00:00:00",
    "month 9999-12": "9999-12",
    "month 0000-00": "0000-00",
    "an id in braces": "%7B" + ID + "%7D",
    "an id as urn": "urn:uuid:" + ID,
    "an id of zeros": "0" * 32,
    "a forged place": "MDAwMS0wMS0wMVQwMDowMDowMCswMDowMCAwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA",
    "a place in year 9999": "OTk5OS0xMi0zMVQyMzo1OTo1OSswMDowMCBmZmZmZmZmZi1mZmZmLWZmZmYtZmZmZi1mZmZmZmZmZmZmZmY",
    "a place out of range": "OTk5OS0xMi0zMVQyMzo1OTo1OS0yMzo1OSBmZmZmZmZmZi1mZmZmLWZmZmYtZmZmZi1mZmZmZmZmZmZmZmY",
    "quotes": "%27%22%3B--",
    "a very long one": "x" * 3000,
    "nothing": "",
    "a smile": "%F0%9F%98%80",
}
VALUES: Final[Sequence[Any]] = (  # in place of one member of an honest body
    "\x00",
    "a\x1bb",
    "0001-01-01",
    "9999-12-31",
    "2023-02-29",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2016-12-31T23:59:60Z",
    "1714521600",
    _id_number(9990),
    _id_number(1801),
    "9" * 5000,
    "1e999999999",
    "-0.00",
    "NaN",
    "a" * 100_000,
    "",
    " ",
    "\u202e\u200b",
    "9999-12",
    2**31,
    2**53,
    -1,
    0,
    1.5,
    True,
    None,
    [],
    [[]],
    {},
    {"a": {"a": {}}},
    ["x"] * 2000,
    {f"key{number}": "x" for number in range(2000)},
)

HOSTILE_REQUESTS: Final[tuple[Hostile, ...]] = (
    *(
        Hostile(f"{name}, to {path}", "POST", path, JSON, body)
        for path in ("/operations/parked/retry", "/operations/stuck/retry", "/operations/witness/identity/renew")
        for name, body in BODIES.items()
    ),
    *(
        Hostile(f"{name}, with a body", "POST", "/operations/parked/retry", headers, b"{}", ANY_ANSWER)
        for name, headers in HEADERS.items()
    ),
    *(
        Hostile(f"{name}, asking", "GET", "/health/live", headers, allowed=ANY_ANSWER)
        for name, headers in HEADERS.items()
    ),
    *(
        Hostile(f"{name} in {path}", "GET", path.format(text), allowed=ANY_ANSWER)
        for path in (
            "/received/{0}/1",
            "/received/identity.people/{0}",
            "/published/{0}",
            "/ledger/inclusion/{0}",
            "/ledger/leaves?after={0}",
            "/ledger/consistency?first={0}&second={0}",
            "/ledger/witnessed/{0}",
            "/ledger/witnessed/identity?era={0}",
            "/operations/parked?feed={0}",
            "/operations/parked?after={0}",
            "/operations/parked?after=identity.people.{0}",
            "/operations/parked?limit={0}",
            "/operations/parked?dropped={0}",
            "/operations/parked/{0}/1",
            "/operations/parked/identity.people/{0}",
            "/operations/stuck?after={0}",
            "/{0}",
        )
        for name, text in TEXTS.items()
    ),
    Hostile("a parameter nobody knows", "GET", "/health/live?name=x", allowed=frozenset({422})),
    Hostile("a parameter twice", "GET", "/ledger/leaves?after=1&after=2", allowed=frozenset({422})),
    Hostile("a parameter without a name", "GET", "/health/live?=x", allowed=frozenset({422})),
    Hostile("a query of 100,000", "GET", "/health/live?x=" + "x" * 100_000, allowed=frozenset({414})),
    Hostile("a path of 100,000", "GET", "/" + "x" * 100_000, allowed=frozenset({414})),
    Hostile(
        "1,000 parameters", "GET", "/health/live?" + "&".join(f"p{n}=1" for n in range(1000)), allowed=frozenset({400})
    ),
    *(
        Hostile(f"{method} where there is none", method, "/health/live")
        for method in ("PUT", "PATCH", "DELETE", "TRACE")
    ),
    Hostile("OPTIONS", "OPTIONS", "/health/live", allowed=frozenset({204})),
    Hostile("HEAD", "HEAD", "/health/live", allowed=frozenset({200})),
    Hostile("HEAD of nothing", "HEAD", "/nothing", allowed=frozenset({404})),
)
"""For every department: what each of them answers."""


def hostile_of(document: Mapping[str, Any]) -> Iterator[Hostile]:
    """What a department's own description leads to: each body, each member of it, each parameter."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parameters = [one for one in operation["parameters"] if "in" in one]
            here = _filled(path, parameters)
            verb = method.upper()
            yield from _parameters(path, verb, operation, parameters)
            content = operation.get("requestBody", {}).get("content", {})
            for media, said in content.items():
                heads = {"content-type": media}
                for name, body in BODIES.items():
                    yield Hostile(f"{name}, to {path}", verb, here, heads, body, ANY_ANSWER)
                if "json" in media:
                    for at, body in _spoilt(said["example"]):
                        yield Hostile(f"{at}, to {path}", verb, here, heads, body, ANY_ANSWER)


def _parameters(
    path: str, verb: str, operation: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]
) -> Iterator[Hostile]:
    for one in parameters:
        others = [other for other in parameters if other is not one]
        heads, body = _honest_body(operation)
        for name, text in TEXTS.items():
            if one["in"] == "path":
                there = _filled(path.replace(f"{{{one['name']}}}", text), others)
            else:
                there = f"{_filled(path, others)}?{one['name']}={text}"
            yield Hostile(f"{name} as {one['name']} of {path}", verb, there, heads, body, ANY_ANSWER)


def _honest_body(operation: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    for media, said in operation.get("requestBody", {}).get("content", {}).items():
        if "json" in media:
            return {"content-type": media}, json.dumps(said["example"]).encode()
    return {}, b""


def _filled(path: str, parameters: Sequence[Mapping[str, Any]]) -> str:
    for one in parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one["example"]))
    return path


def _spoilt(example: Any) -> Iterator[tuple[str, bytes]]:
    """The example, each member in turn replaced by each of `VALUES`."""
    for place in _places(example):
        for number, value in enumerate(VALUES):
            made = deepcopy(example)
            holder = made
            for step in place[:-1]:
                holder = holder[step]
            holder[place[-1]] = value
            yield f"value {number} at {'.'.join(map(str, place))}", json.dumps(made).encode()


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in members:
        yield (*at, step)
        yield from _places(one, (*at, step))
