"""Asking one department as one caller, and keeping the request so that it can be sent again by hand."""

from collections.abc import Mapping
from typing import Any, Self

import httpx

from shared.department.caller import Caller
from tests.doors.town import NOBODY, PATIENCE, Town
from tests.doors.tried import Answer, curl


class Asking:
    """One client. Use it in `with`."""

    def __init__(
        self,
        town: Town,
        department: str,
        who: str | Caller = NOBODY,
        come_from: str | None = None,
        **headers: str,
    ) -> None:
        """A caller that the town does not know is one that was never appointed: its token is enough.

        `come_from`: another address of this machine, as if somebody else asked.
        """
        self.who = who if isinstance(who, str) else told(who)
        self.address = town.addresses[department]
        transport = httpx.HTTPTransport(local_address=come_from)
        sent = {**town.headers(who), **headers}
        self._client = httpx.Client(headers=sent, timeout=PATIENCE, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, method: str, path: str, headers: Mapping[str, str | bytes] | None = None, **sent: Any) -> Answer:
        """`path` is sent as it is: what httpx would tidy away belongs on a wire of its own. Status 0: closed."""
        request = self._client.build_request(
            method, f"{self.address}{path}", headers=httpx.Headers(_encoded(headers or {})), **sent
        )
        request.read()
        sent_itself = dict(_items(self._client.headers))
        told = {
            name: value.decode("latin-1")
            for name, value in _items(request.headers)
            if sent_itself.get(name) != value or name.lower() != "authorization"
        }
        again = f"as {self.who}: {curl(method, str(request.url), told, request.content)}"
        try:
            response = self._client.send(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):  # closed before all was sent or answered
            return Answer(0, {}, b"", again)
        return Answer(response.status_code, dict(response.headers), response.content, again, is_bare=method == "HEAD")


def _encoded(headers: Mapping[str, str | bytes]) -> list[tuple[bytes, bytes]]:
    return [
        (name.encode("ascii"), value if isinstance(value, bytes) else value.encode("latin-1"))
        for name, value in headers.items()
    ]


def told(caller: Caller) -> str:
    if caller.kind == "citizen":
        return f"{caller.level} citizen"
    return f"{','.join(sorted(caller.roles))} of {caller.division}, department {caller.department}"


def _items(headers: httpx.Headers) -> list[tuple[str, bytes]]:
    return [(name.decode("latin-1"), value) for name, value in headers.raw]
