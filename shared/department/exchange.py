"""One request as the edge first sees it: its headers, its client's address, its correlation id, when it came."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

from uuid_utils import uuid7

from shared.contracts.errors import Invalid
from shared.department.caller import Caller
from shared.department.client_address import Network, client_address
from shared.department.powers import Power
from shared.standards.text import Language, Text, preferred_language

_CORRELATION_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_IDEMPOTENCY_KEY = re.compile(rb"[\x21-\x7e]{1,200}")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context §3.2

IDEMPOTENCY_KEY = "Idempotency-Key"

_language_of = lru_cache(256)(preferred_language)


@dataclass(slots=True)
class Exchange:
    """Made once a request and kept in its scope; headers by lower-case name, of several equal ones the last."""

    headers: dict[bytes, bytes]
    correlation_id: str
    started: float  # perf_counter seconds
    client: str  # the address the request came from; personal: count by it, never log it
    caller: Caller | None = None  # once their token has been checked
    refusal: str | None = None  # the code of the problem that it is answered with
    power: Power | None = None  # once the powers table has been asked; None: open to anyone

    @property
    def language(self) -> Language:
        return _language_of(self.text(b"accept-language"))

    @property
    def traceparent(self) -> str | None:
        given = self.headers.get(b"traceparent", b"")
        return given.decode() if _TRACEPARENT.fullmatch(given) else None

    def text(self, name: bytes) -> str | None:
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def idempotency_key(self) -> str | None:
        """Raises Invalid unless it is 1 to 200 visible ASCII characters."""
        given = self.headers.get(b"idempotency-key")
        if given is None:
            return None
        if not _IDEMPOTENCY_KEY.fullmatch(given):
            raise Invalid(
                "idempotency_key_invalid",
                "Idempotency-Key 须为1至200个可见ASCII字符，请换一个新的键，例如UUID。",
                "An Idempotency-Key has 1 to 200 visible ASCII characters; please send a new one, such as a UUID.",
                fields={"Idempotency-Key": Text(zh="1至200个可见ASCII字符", en="1 to 200 visible ASCII characters")},
            )
        return given.decode()


def begin(scope: Any, trusted_proxies: Sequence[Network] = ()) -> Exchange:
    """Called by the edge, before routing. A correlation id that is not well-formed is replaced by a new one."""
    headers = dict(scope["headers"])
    given = headers.get(b"x-correlation-id", b"")
    correlation_id = given.decode() if _CORRELATION_ID.fullmatch(given) else str(uuid7())
    peer, _ = scope.get("client") or (None, None)
    client = client_address(peer, scope["headers"], trusted_proxies)
    exchange = Exchange(headers, correlation_id, perf_counter(), client)
    scope.setdefault("state", {})["exchange"] = exchange
    return exchange


def exchange_of(scope: Any) -> Exchange:
    """The exchange a request belongs to."""
    exchange: Exchange = scope["state"]["exchange"]
    return exchange
