"""Addresses, methods and headers that mean to be taken for others: nothing protected is shown, nothing is reflected."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping

from tests.doors.asking import Asking
from tests.doors.described import known_as
from tests.doors.rows import lets_in, powers_of
from tests.doors.town import NOBODY, Town
from tests.doors.tried import Answer, Tried
from tests.doors.wires import on_a_wire

PROTECTED = "/operations/parked"
ELSEWHERE = "evil.example"

ROUNDABOUT = (
    "/operations//parked",
    "//operations/parked",
    "/./operations/parked",
    "/operations/./parked",
    "/operations/parked/",
    "/operations/parked/.",
    "/operations/x/../parked",
    "/health/live/../../operations/parked",
    "/health/live/..%2f..%2foperations/parked",
    "/health/live%2f..%2f..%2foperations%2fparked",
    "/%6fperations/parked",
    "/operations%2fparked",
    "/operations%252fparked",
    "/operations%5cparked",
    "/operations\\parked",
    "/OPERATIONS/PARKED",
    "/operations/parked%20",
    "/operations/parked%00",
    "/operations/parked%0a",
    "/operations/parked;x=1",
    "/operations/parked.json",
    "/operations/parked?",
    "/operations/parked#",
    "/schema/../operations/parked",
    "/schema/%2e%2e/operations/parked",
    "/asyncapi/../operations/parked",
    "http://127.0.0.1/operations/parked",
    "http://evil.example/operations/parked",
    "*",
    "/",
    "",
)

FILES = (
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/....//....//etc/passwd",
    "/..%c0%af..%c0%afetc/passwd",
    "/catalogue/..%2f..%2f..%2fetc%2fpasswd",
    "/catalogue/%2fetc%2fpasswd",
    "/seals/..%2f..%2fetc%2fpasswd/image",
    "/schema/..%2f..%2fetc%2fpasswd",
    "/static/../etc/passwd",
    "/.env",
    "/.git/config",
    "/server-status",
    "/file:///etc/passwd",
)


def roundabout_addresses(town: Town) -> Iterator[Tried]:
    """Sent on a wire, byte for byte, as nobody."""
    hidden = Tried("roundabout addresses", "dots, slashes, encodings, case, absolute form: of a protected list")
    files = Tried("path traversal", "files of the machine, encoded in a dozen ways")
    for department in town.addresses:
        for path in ROUNDABOUT:
            answer = on_a_wire(
                town, department, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
            hidden.note(answer, lambda answer: answer.status not in (0, 200) or b"parked" not in answer.body, "nothing")
        for path in FILES:
            answer = on_a_wire(
                town, department, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
            files.note(answer, lambda answer: 400 <= answer.status < 500 and b"root:" not in answer.body, "4xx")
    yield hidden
    yield files


def method_tricks(town: Town) -> Iterator[Tried]:
    """Of every path, as nobody: methods that it has not, and methods named elsewhere than in the first line."""
    tried = Tried("method tricks", "TRACE, PROPFIND, HEAD, OPTIONS, lower case, X-HTTP-Method-Override, _method")
    overriding = {"x-http-method-override": "DELETE", "x-http-method": "POST", "x-method-override": "PUT"}
    for department in town.addresses:
        schema = town.schema(department)
        with Asking(town, department) as nobody:
            for path, item in schema["paths"].items():
                filled = fill(path, town, department)
                for method in ("TRACE", "PROPFIND", "PATCH", "QUERY"):
                    if method.lower() not in item:
                        answer = nobody.ask(method, filled)
                        tried.note(answer, lambda answer: answer.status in (401, 404, 405), "404 or 405")
                if "get" in item:
                    plain = nobody.ask("GET", filled)
                    for answer in (
                        nobody.ask("GET", filled, overriding),
                        nobody.ask("GET", f"{filled}?_method=DELETE") if not item["get"].get("security") else plain,
                    ):
                        same: Callable[[Answer], bool] = lambda answer, plain=plain: (  # type: ignore[misc]  # noqa: E731
                            answer.status in (plain.status, 400, 422)
                        )
                        tried.note(answer, same, f"{plain.status} as without")
        for method in ("HEAD", "OPTIONS", "CONNECT", "X" * 40, "GET\t", "get"):
            sent = f"{method} /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            tried.note(on_a_wire(town, department, sent), is_closed_or(lambda status: status < 500), "below 500")
    yield tried


def other_hosts(town: Town) -> Iterator[Tried]:
    """Host, Origin and forwarding headers of elsewhere: no answer repeats them or changes for them."""
    hosts = Tried("Host and forwarding headers", "Host, X-Forwarded-*, Forwarded, X-Original-URL, X-Rewrite-URL")
    origins = Tried("Origin and CORS", "Origin of elsewhere, null, preflight")
    for department in town.addresses:
        schema = town.schema(department)
        with Asking(town, department) as nobody:
            for path, item in schema["paths"].items():
                if "get" not in item:
                    continue
                filled = fill(path, town, department)
                for headers in _elsewhere():
                    hosts.note(nobody.ask("GET", filled, headers), _does_not_reflect, f"no {ELSEWHERE}")
                for origin in (f"https://{ELSEWHERE}", "null", "http://127.0.0.1"):
                    origins.note(nobody.ask("GET", filled, {"origin": origin}), _allows_no_origin, "no permission")
                preflight = {"origin": f"https://{ELSEWHERE}", "access-control-request-method": "POST"}
                answer = nobody.ask("OPTIONS", filled, {**preflight, "access-control-request-headers": "authorization"})
                origins.note(answer, _allows_no_origin, "no permission")
            for override in ("x-original-url", "x-rewrite-url", "x-forwarded-prefix", "x-forwarded-path"):
                answer = nobody.ask("GET", PROTECTED, {override: "/health/live"})
                hosts.note(answer, lambda answer: answer.status == 401, "401")
                answer = nobody.ask("GET", "/health/live", {override: PROTECTED})
                hosts.note(answer, lambda answer: b"parked" not in answer.body, "the address asked for")
            for header in ("x-forwarded-for", "x-real-ip", "forwarded", "client-ip"):
                answer = nobody.ask("GET", PROTECTED, {header: "127.0.0.1"})
                hosts.note(answer, lambda answer: answer.status == 401, "401")
    yield hosts
    yield origins


def _elsewhere() -> Iterator[dict[str, str]]:
    yield {"host": ELSEWHERE}
    yield {"x-forwarded-host": ELSEWHERE, "x-forwarded-proto": "ftp", "x-forwarded-port": "1", "x-host": ELSEWHERE}
    yield {"forwarded": f"for={ELSEWHERE};host={ELSEWHERE};proto=https"}
    yield {"referer": f"https://{ELSEWHERE}/", "x-correlation-id": f"https://{ELSEWHERE}"}


def _does_not_reflect(answer: Answer) -> bool:
    return ELSEWHERE.encode() not in answer.body and not any(ELSEWHERE in one for one in answer.headers.values())


def _allows_no_origin(answer: Answer) -> bool:
    return not any(name.startswith("access-control-") for name in answer.headers)


def caching(town: Town) -> Iterator[Tried]:
    """Nothing that a token showed may be kept; what may be kept says what it depends on."""
    tried = Tried("caching", "of every list, as everybody: no-store, or public and the same for all")
    for department in town.addresses:
        schema = town.schema(department)
        for who in (NOBODY, *town.callers):
            with Asking(town, department, who) as asking:
                for path, item in schema["paths"].items():
                    if "get" in item and "{" not in path and (who == NOBODY or item["get"].get("security")):
                        answer = asking.ask("GET", path)
                        tried.note(answer, _is_kept_rightly(who, bool(item["get"].get("security"))), "right caching")
    yield tried


def _is_kept_rightly(who: str, needs_sign_in: bool) -> Callable[[Answer], bool]:
    def is_right(answer: Answer) -> bool:
        control = answer.headers.get("cache-control", "")
        if needs_sign_in or who != NOBODY:
            return "no-store" in control
        if "no-store" in control or "content-language" not in answer.headers:
            return True
        return "accept-language" in answer.headers.get("vary", "").lower()

    return is_right


NO_ID = "00000000-0000-0000-0000-000000000000"
NOT_THERE = {"sequence": "999999999", "number": "999999999999999999"}
QUERIES: tuple[str, ...] = (
    "",
    "%00",
    "%ff",
    "%",
    "%F0%9F%98%80",
    "0",
    "-1",
    "1e3",
    "1.5",
    "101",
    "9" * 30,
    "NaN",
    "%EF%BC%91",
    "true",
    "null",
    "[]",
    "' or '1'='1",
    "1;drop table events--",
    "x" * 201,
    "x" * 5000,
    "../../etc/passwd",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00%2B23:59",
    "2023-02-29",
    "%0d%0aSet-Cookie:x=1",
    "%E2%80%AE",
)


def hostile_queries(town: Town) -> Iterator[Tried]:
    """Every parameter of every address, as somebody who may ask there: each of QUERIES, twice, and forged cursors."""
    tried = Tried("hostile parameters", "NUL, encodings, numbers, dates at the edges, SQL, lengths; in query and path")
    cursors = Tried("forged cursors", "of another list, shortened, of other times, of no text, nested")
    unknown = Tried("unknown query parameters", "refused by name, on every address that is described")
    for department in town.addresses:
        schema = town.schema(department)
        with_who = allowed(town, department)
        for path, item in schema["paths"].items():
            for method, operation in item.items():
                parameters = operation.get("parameters", ())
                who = with_who.get((method, path), NOBODY)
                with Asking(town, department, who) as asking:
                    filled = fill(path, town, department)
                    for one in parameters:
                        if one["in"] == "header":
                            continue
                        for value in QUERIES:
                            if one["in"] == "query":
                                asked = f"{filled}?{one['name']}={quoted(value)}"
                            elif value:
                                asked = fill(path, town, department, {one["name"]: quoted(value, "")})
                            else:
                                continue
                            tried.note(asking.ask(method.upper(), asked), is_closed_or(lambda status: status < 500))
                        if one["name"] == "after":
                            for value in _cursors():
                                answer = asking.ask(method.upper(), f"{filled}?after={value}")
                                cursors.note(answer, lambda answer: answer.status in (200, 400, 401, 403, 404, 422))
                    if method == "get":
                        answer = asking.ask("GET", f"{filled}?surely_unknown=1")
                        if answer.status not in (401, 403, 404):
                            unknown.note(answer, _names_it, "422 that names it")
    yield tried
    yield cursors
    yield unknown


def _names_it(answer: Answer) -> bool:
    return answer.status in (400, 422) and b"surely_unknown" in answer.body


def _cursors() -> Iterator[str]:
    zero = "00000000-0000-0000-0000-000000000000"
    for text in (
        f"0001-01-01T00:00:00+00:00 {zero}",
        f"9999-12-31T23:59:59.999999-23:59 {zero}",
        f"2026-11-30T00:00:00 {zero}",
        f"2026-11-30 {zero}",
        f"2026-11-30T00:00:00+00:00 {zero}{zero}",
        f"{zero} 2026-11-30T00:00:00+00:00",
        "2026-11-30T00:00:00+00:00 ' or 1=1--",
        f"２０２６-11-30T00:00:00+00:00 {zero}",
        "\x00",
        "[" * 100,
        '{"at":1}',
    ):
        yield base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    yield "AAAA"
    yield "====="
    yield "%2B%2F%3D"
    yield "A" * 200
    yield "A" * 199


def allowed(town: Town, department: str) -> dict[tuple[str, str], str]:
    """Somebody who is let in, by method and path, where nobody is not."""
    return {
        (method.lower(), path): who
        for name, row in powers_of(department).items()
        if not row.anyone
        for method, path in [name.split(" ", 1)]
        for who in [next((one for one, caller in town.callers.items() if lets_in(row, caller, department)), NOBODY)]
    }


def fill(path: str, town: Town, department: str, instead: Mapping[str, str] | None = None) -> str:
    """The path with something that is there in the place of each parameter, or `instead`."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if instead and name in instead:
            return instead[name]
        known = town.things.get((department, known_as(path, name)))
        return known[0] if known else NOT_THERE.get(name, NO_ID)

    return re.sub(r"{(\w+)}", value, path)


def quoted(value: str, safe: str = "/") -> str:
    """As it may stand in an address, what is encoded already as it is."""
    return re.sub(r"[^A-Za-z0-9%._~:\-" + safe + "]", lambda one: f"%{ord(one.group()):02X}", value)


def is_closed_or(is_right: Callable[[int], bool]) -> Callable[[Answer], bool]:
    """No answer, the connection closed, is one too."""
    return lambda answer: answer.status == 0 or is_right(answer.status)
