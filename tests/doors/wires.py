"""Bytes on a wire that no HTTP library would send: smuggled requests, broken heads, floods, endless bodies."""

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.doors.town import Town
from tests.doors.tried import Answer, Tried

PATIENCE = 20.0  # seconds until an answer or the end of the connection
SMUGGLED = b"GET /asyncapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
SIGN_OF_IT = b'"asyncapi"'
LONGEST_HEAD = 65_536  # bytes of first line and headers that any department may take
LONGEST = 4_000_000  # bytes of an answer


def connected(town: Town, department: str) -> socket.socket:
    where = urlsplit(town.addresses[department])
    return socket.create_connection((where.hostname or "", where.port or 0), timeout=PATIENCE)


def on_a_wire(town: Town, department: str, *sent: bytes) -> Answer:
    """What comes back before the connection ends. Status 0: nothing did; 1: no end in PATIENCE seconds."""
    with connected(town, department) as wire:
        came = b""
        try:
            for one in sent:
                wire.sendall(one)
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_WR)
            while len(came) < LONGEST and (some := wire.recv(65536)):
                came += some
        except TimeoutError:
            return Answer(1, {}, came, _again(sent))
        except OSError:  # closed before all was sent
            pass
        return parsed(came, _again(sent))


def parsed(came: bytes, again: str = "") -> Answer:
    """The first answer of what came; `after` is what followed it: the answer to a second request."""
    head, _, body = came.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[1].isdigit():
        return Answer(0, {}, came, again)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    is_bare = body.startswith(NOT_HTTP) or not body
    length = int(headers.get("content-length", len(body)))
    return Answer(int(words[1]), headers, body[:length], again, is_bare, after=body[length:])


NOT_HTTP = b"Invalid HTTP request received."  # uvicorn's


def _again(sent: tuple[bytes, ...]) -> str:
    return f"on a wire: {b''.join(sent)[:400]!r}"


def _head(*lines: str, method: str = "POST", path: str = "/sign-in") -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: x", *lines, "", "")).encode("latin-1")


def smuggling(town: Town) -> Iterator[Tried]:
    """A request hidden in the body of another, where two readers would disagree about its length."""
    tried = Tried("request smuggling", "Content-Length beside Transfer-Encoding, doubled, signed, folded, spaced")
    json, n = "Content-Type: application/json", len(SMUGGLED)
    forms = {
        "length and chunks": _head(json, "Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + SMUGGLED,
        "chunks and length": _head(json, "Transfer-Encoding: chunked", f"Content-Length: {n + 5}")
        + b"0\r\n\r\n"
        + SMUGGLED,
        "two lengths": _head(json, "Content-Length: 0", f"Content-Length: {n}") + SMUGGLED,
        "two lengths in one": _head(json, f"Content-Length: 0, {n}") + SMUGGLED,
        "a signed length": _head(json, "Content-Length: +0") + SMUGGLED,
        "a negative length": _head(json, f"Content-Length: -{n}") + SMUGGLED,
        "a length in hexadecimal": _head(json, "Content-Length: 0x0") + SMUGGLED,
        "a length of many digits": _head(json, f"Content-Length: {'9' * 40}") + SMUGGLED,
        "a blank before the colon": _head(json, "Content-Length : 0", "Transfer-Encoding : chunked") + SMUGGLED,
        "chunked misspelt": _head(json, "Transfer-Encoding: xchunked", "Content-Length: 0") + SMUGGLED,
        "chunked twice": _head(json, "Transfer-Encoding: chunked", "Transfer-Encoding: identity")
        + b"0\r\n\r\n"
        + SMUGGLED,
        "chunked, then identity": _head(json, "Transfer-Encoding: chunked, identity") + b"0\r\n\r\n" + SMUGGLED,
        "a vertical tab": _head(json, "Transfer-Encoding:\x0bchunked") + b"0\r\n\r\n" + SMUGGLED,
        "folded": _head(json, "Transfer-Encoding:", " chunked") + b"0\r\n\r\n" + SMUGGLED,
        "a bare line feed": _head(json, "Content-Length: 0\nTransfer-Encoding: chunked") + b"0\r\n\r\n" + SMUGGLED,
        "a bare return": _head(json, f"X: y\rContent-Length: {n}") + SMUGGLED,
        "NUL in a name": _head(json, f"Content-Length\x00: {n}") + SMUGGLED,
        "a chunk of negative size": _head(json, "Transfer-Encoding: chunked") + b"-1\r\n" + SMUGGLED,
        "a chunk of endless size": _head(json, "Transfer-Encoding: chunked") + b"F" * 20 + b"\r\n" + SMUGGLED,
        "a chunk extension of 100 kB": _head(json, "Transfer-Encoding: chunked")
        + b"0;"
        + b"a" * 100_000
        + b"\r\n\r\n"
        + SMUGGLED,
        "a body on GET": _head(f"Content-Length: {n}", method="GET", path="/health/live") + SMUGGLED,
    }
    for department in town.addresses:
        for name, sent in forms.items():
            answer = on_a_wire(town, department, sent)
            hidden = SIGN_OF_IT in answer.body + answer.after
            # where nothing was ambiguous the second request is a second request: its answer shows no harm
            tried.note(answer, lambda answer: answer.status != 1 and answer.status < 500, f"4xx or closed for {name}")
            if hidden and name in AMBIGUOUS:
                tried.complain(f"{department} answered what was hidden: {name}: {sent[:200]!r}")
    yield tried


def _ended(answer: Answer) -> bool:
    return answer.status != 1 and answer.status < 500


def _sent_away(answer: Answer) -> bool:
    return answer.status == 0 or 400 <= answer.status < 500


AMBIGUOUS = frozenset(
    {
        "length and chunks",
        "two lengths",
        "two lengths in one",
        "chunked misspelt",
        "chunked, then identity",
        "a vertical tab",
        "a bare line feed",
        "a body on GET",
        "NUL in a name",
        "a signed length",
        "a length in hexadecimal",
    }
)


def broken_heads(town: Town) -> Iterator[Tried]:
    """First lines and headers that are none, too many, too long."""
    tried = Tried("broken heads", "no HTTP, HTTP/0.9 and 2, upgrades, 10,000 headers, 1 MB of one, bytes, NUL")
    heads = {
        "HTTP/0.9": b"GET /health/live\r\n\r\n",
        "HTTP/1.0": b"GET /health/live HTTP/1.0\r\n\r\n",
        "HTTP/9.9": b"GET /health/live HTTP/9.9\r\nHost: x\r\n\r\n",
        "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS": bytes.fromhex("16030100a5010000a103036a5c"),
        "nothing but line ends": b"\r\n" * 1000,
        "nothing but NUL": b"\x00" * 1000,
        "no blank": b"GET/health/liveHTTP/1.1\r\n\r\n",
        "no Host": b"GET /health/live HTTP/1.1\r\n\r\n",
        "two Hosts": b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "an address of 100 kB": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        "an address of 1 MB": b"GET /?" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        "an address of bytes": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        "100 queries": b"GET /catalogue?" + b"a=1&" * 100 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        "10,000 headers": _head(*(f"X-{n}: y" for n in range(10_000)), method="GET", path="/health/live"),
        "a header of 1 MB": _head("X: " + "a" * 1_000_000, method="GET", path="/health/live"),
        "a name of 100 kB": _head("a" * 100_000 + ": x", method="GET", path="/health/live"),
        "a header without a name": _head(": x", method="GET", path="/health/live"),
        "bytes in a header": _head("Accept-Language: \xff\xfe\x80", method="GET", path="/health/live"),
        "many languages": _head("Accept-Language: " + "zh;q=0.1," * 2000, method="GET", path="/health/live"),
        "a correlation id of 100 kB": _head("X-Correlation-Id: " + "a" * 100_000, method="GET", path="/health/live"),
        "an upgrade to WebSocket": _head(
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            method="GET",
            path="/health/live",
        ),
        "an upgrade to h2c": _head(
            "Upgrade: h2c",
            "Connection: Upgrade, HTTP2-Settings",
            "HTTP2-Settings: AAMAAABkAAQ",
            method="GET",
            path="/health/live",
        ),
        "Expect": _head("Expect: 100-continue", "Content-Length: 2", "Content-Type: application/json") + b"{}",
        "Expect something else": _head("Expect: 200-ok", "Content-Length: 2") + b"{}",
        "a range of all": _head("Range: bytes=0-,0-,0-,0-", method="GET", path="/asyncapi.json"),
        "100 requests in a row": _head(method="GET", path="/health/live") * 100,
        "a body that stops short": _head("Content-Type: application/json", "Content-Length: 100") + b'{"a":',
        "gzip that is none": _head("Content-Encoding: gzip", "Content-Type: application/json", "Content-Length: 2")
        + b"{}",
    }
    for department in town.addresses:
        for name, sent in heads.items():
            answer = on_a_wire(town, department, sent)
            tried.note(
                answer, lambda answer: answer.status != 1 and answer.status < 500, f"an end below 500 for {name}"
            )
    yield tried
