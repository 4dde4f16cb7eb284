"""Bodies that say they are something else, files with names that are more, fields that nobody asked for."""

import json
from collections.abc import Iterator
from typing import Any

from tests.doors.addresses import allowed, fill
from tests.doors.asking import Asking
from tests.doors.described import cases, operations
from tests.doors.town import NOBODY, Town
from tests.doors.tried import Answer, Tried

MORE = {
    "id": "00000000-0000-0000-0000-000000000000",
    "is_admin": True,
    "roles": ["administrator"],
    "level": "verified",
    "status": "issued",
    "__proto__": {"is_admin": True},
    "constructor": {"prototype": {"is_admin": True}},
    "_id": {"$gt": ""},
    "citizen": "00000000-0000-0000-0000-000000000000",
    "division": "000000000000",
}
NAMES = (
    "a.pdf\r\nX-Injected: 1",
    'a".pdf',
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "a.pdf\x00.exe",
    "a" * 5000 + ".pdf",
    "",
    ".",
    "\u202efdp.exe",
    "密" * 300,
    "a;b=c.pdf",
    "<script>alert(1)</script>.pdf",
)


def confused_contents(town: Town) -> Iterator[Tried]:
    """The same body under another content type, in another encoding, packed, doubled."""
    tried = Tried("content-type confusion", "JSON said to be text, XML, a form, msgpack; UTF-16, BOM, gzip, none")
    body = {"login": "admin", "password": "wrong password"}
    text = json.dumps(body)
    sent: dict[str, tuple[dict[str, str], bytes]] = {
        "text/plain": ({"content-type": "text/plain"}, text.encode()),
        "XML": ({"content-type": "application/xml"}, text.encode()),
        "a form": ({"content-type": "application/x-www-form-urlencoded"}, b"login=admin&password=x"),
        "multipart without a boundary": ({"content-type": "multipart/form-data"}, text.encode()),
        "multipart of no parts": ({"content-type": "multipart/form-data; boundary=x"}, b"--x--\r\n"),
        "multipart never ended": ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\n" * 5000),
        "a boundary of 10 kB": ({"content-type": "multipart/form-data; boundary=" + "x" * 10_000}, b"x"),
        "msgpack": ({"content-type": "application/x-msgpack"}, b"\x81\xa5login\xa5admin"),
        "no type": ({}, text.encode()),
        "an empty type": ({"content-type": ""}, text.encode()),
        "a type of no form": ({"content-type": "json"}, text.encode()),
        "two types": ({"content-type": "application/json, text/html"}, text.encode()),
        "UTF-16": ({"content-type": "application/json; charset=utf-16"}, text.encode("utf-16")),
        "UTF-32": ({"content-type": "application/json"}, text.encode("utf-32")),
        "UTF-7": ({"content-type": "application/json; charset=utf-7"}, text.encode()),
        "no such charset": ({"content-type": "application/json; charset=x-nothing"}, text.encode()),
        "a BOM": ({"content-type": "application/json"}, b"\xef\xbb\xbf" + text.encode()),
        "gzip": ({"content-type": "application/json", "content-encoding": "gzip"}, b"\x1f\x8b" + b"x" * 20),
        "said to be deflated": ({"content-type": "application/json", "content-encoding": "deflate"}, text.encode()),
        "JSON lines": ({"content-type": "application/json"}, f"{text}\n{text}".encode()),
        "a list": ({"content-type": "application/json"}, f"[{text}]".encode()),
        "a text": ({"content-type": "application/json"}, json.dumps(text).encode()),
        "keys twice": ({"content-type": "application/json"}, b'{"login":"admin","login":"root","password":"x"}'),
        "comments": ({"content-type": "application/json"}, b"/* */" + text.encode()),
        "NaN": ({"content-type": "application/json"}, b'{"login":NaN,"password":Infinity}'),
        "nothing": ({"content-type": "application/json"}, b""),
        "null": ({"content-type": "application/json"}, b"null"),
    }
    for department in town.addresses:
        schema = town.schema(department)
        every = [
            (path, operation.get("security"))
            for path, item in schema["paths"].items()
            for method, operation in item.items()
            if method == "post" and "application/json" in operation.get("requestBody", {}).get("content", {})
        ]
        who = allowed(town, department)
        for path, needs_sign_in in every:
            with Asking(town, department, who.get(("post", path), NOBODY) if needs_sign_in else NOBODY) as asking:
                for name, (headers, content) in sent.items():
                    answer = asking.ask("POST", fill(path, town, "nowhere"), headers, content=content)
                    tried.note(answer, _takes_nothing, f"4xx for {name}")
    yield tried


def _takes_nothing(answer: Answer) -> bool:
    """An import answers with a report, by line."""
    return 400 <= answer.status < 500 or b'"rejected":[{' in answer.body


def file_names(town: Town) -> Iterator[Tried]:
    """Names of files that would be a header, a path or a script: none comes back in a header or as HTML."""
    tried = Tried("names of files", "CRLF, quotes, paths, NUL, 5,000 letters, RTL, script")
    for department, path, who in (("certificates", "/check", NOBODY), ("certificates", "/evidence", "citizen")):
        with Asking(town, department, who) as asking:
            for name in NAMES:
                answer = asking.ask("POST", path, files={"file": (name, b"%PDF-1.7 nothing", "application/pdf")})
                tried.note(answer, _carries_nothing, "no header of another's making")
            for name in ("a", "file\r\nX-Injected: 1", "", "file[]", "f" * 5000):
                answer = asking.ask("POST", path, files={name: ("a.pdf", b"%PDF-1.7 nothing", "application/pdf")})
                tried.note(answer, lambda answer: 400 <= answer.status < 500, "4xx for a field of another name")
            for kind in ("text/html", "image/svg+xml", "x/y\r\nX-Injected: 1", ""):
                answer = asking.ask("POST", path, files={"file": ("a.pdf", b"<svg onload=alert(1)>", kind)})
                tried.note(answer, _carries_nothing, "no HTML")
    yield tried


def _carries_nothing(answer: Answer) -> bool:
    return "x-injected" not in answer.headers and "html" not in answer.headers.get("content-type", "")


def more_fields(town: Town) -> Iterator[Tried]:
    """Bodies as described, each with one field that is not: refused, and never done."""
    tried = Tried("fields nobody asked for", "id, roles, level, status, __proto__ … beside a body as described")
    for department in town.addresses:
        schema = town.schema(department)
        who = allowed(town, department)
        for operation in operations(schema):
            method = operation.method.lower()
            known = _fields_of(operation.definition.raw, schema)
            if method not in ("post", "put") or not known:
                continue
            asked = who.get((method, operation.path), NOBODY)
            [body] = [case.body for case in cases(operation, 1)[:1]]
            if not isinstance(body, dict):
                continue
            with Asking(town, department, asked) as asking:
                for name, value in MORE.items():
                    if name not in known:
                        sent = {**body, name: value}
                        answer = asking.ask(method.upper(), fill(operation.path, town, "nowhere"), json=sent)
                        tried.note(answer, lambda answer: 400 <= answer.status < 500, f"4xx for {name}")
    yield tried


def _fields_of(operation: dict[str, Any], schema: dict[str, Any]) -> frozenset[str]:
    """Of a body that is an object; none of any other."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    described = content.get("schema", {})
    if "$ref" in described:
        described = schema["components"]["schemas"][described["$ref"].rsplit("/", 1)[-1]]
    return frozenset(described.get("properties", ()))
