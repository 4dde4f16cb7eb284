"""Bounds on what a connection may cost: they hold whether or not a gateway stands before the department."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from uuid_utils import uuid7
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.department.problem_texts import of_status
from shared.department.problems import MEDIA_TYPE, RETRY_AFTER, problem_of
from shared.standards.text import preferred_language

IDLE_SECONDS = 5  # between two requests
HEADER_SECONDS = 10  # from the connection, or a request's first byte, until its headers are complete
BODY_SECONDS = 30  # from there until the body is complete
READ_SECONDS = 30  # for a client to take in what waits to be sent
HEADER_BYTES = 32 * 1024  # request line and headers together
HEADER_COUNT = 100
CONNECTIONS = 500  # below the 1,024 open files that many systems allow a process


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds, bytes and numbers; by default a department's."""

    idle_seconds: int = IDLE_SECONDS
    header_seconds: float = HEADER_SECONDS
    body_seconds: float = BODY_SECONDS
    read_seconds: float = READ_SECONDS
    header_bytes: int = HEADER_BYTES
    header_count: int = HEADER_COUNT
    connections: int = CONNECTIONS


def bounded(bounds: Bounds) -> type[HttpToolsProtocol]:
    """The protocol of one server, for `uvicorn.Config(http=…)`."""
    return type("Bounded", (_Bounded,), {"bounds": bounds, "waiting": {}})


class _TooLarge(Exception):
    """The headers are more than may be sent. It ends the parser's work; uvicorn then asks for `send_400_response`."""


class _Bounded(HttpToolsProtocol):
    """uvicorn's protocol with deadlines.

    Connections that we wait for are in `waiting`, the longest first. At the limit of connections the first of them is
    closed for the newcomer: whoever sends at once is served, however many others hold connections open.
    """

    bounds: Bounds
    waiting: dict["_Bounded", None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeout_keep_alive = self.bounds.idle_seconds
        self._deadline: asyncio.TimerHandle | None = None
        self._late: Callable[[], None] | None = None  # what the deadline calls
        self._unread: asyncio.TimerHandle | None = None
        self._in_headers = False
        self._in_body = False
        self._unanswered = 0  # requests, pipelined ones included
        self._told = False  # whether the parser told of anything in what came just now
        self._untold_bytes = 0
        self._refusal = 400

    # the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections and not self._make_room():
            self._refuse(503)
        else:
            self._wait(self.bounds.header_seconds, self._headers_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def _make_room(self) -> bool:
        longest = next(iter(self.waiting), None)
        if longest is None:
            return False
        longest._give_up(503)
        return True

    # what the client sends

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return  # what follows a refusal is not looked at
        self._told = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_body:
            self._wait(self.bounds.body_seconds, self._body_late)
        elif not self._unanswered:
            self._wait(self.bounds.header_seconds, self._headers_late)
        # the parser gathers a header, a trailer too, and tells of it once it is complete
        self._untold_bytes = 0 if self._told else self._untold_bytes + len(data)
        if self._untold_bytes > self.bounds.header_bytes:
            self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_headers = self._told = True

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.bounds.header_count:
            self._too_large()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._told = True

    def _too_large(self) -> None:
        self._refusal = 431
        raise _TooLarge

    def on_headers_complete(self) -> None:
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > self.bounds.header_bytes:
            self._too_large()
        super().on_headers_complete()
        self._in_headers = False
        self._in_body = True
        self._unanswered += 1
        self._wait_no_more()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._told = True
        self._in_body = False
        self._wait_no_more()
        if not self._unanswered:  # answered before all of it had come; uvicorn has stopped its keep-alive timer
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    # what we send

    def on_response_complete(self) -> None:
        self._unanswered -= 1
        super().on_response_complete()
        if self.transport.is_closing():
            self._abort_unless_read()
        elif not self._unanswered and self._deadline is None:
            self.waiting[self] = None  # idle: uvicorn's keep-alive timer runs

    def pause_writing(self) -> None:
        super().pause_writing()
        self._abort_unless_read()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None and not self.transport.is_closing():
            self._unread.cancel()
            self._unread = None

    def _abort_unless_read(self) -> None:
        """A closed connection stays until what was written is read, which a client may never do."""
        if self._unread is None:
            self._unread = self.loop.call_later(self.bounds.read_seconds, self.transport.abort)

    # deadlines

    def _wait(self, seconds: float, late: Callable[[], None]) -> None:
        """Let `late` be called unless the client gets on; what is awaited already keeps its deadline."""
        if self._late == late:
            return
        self._wait_no_more()
        self._late = late
        self._deadline = self.loop.call_later(seconds, late)
        self.waiting[self] = None

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._late = None
        self.waiting.pop(self, None)

    def _headers_late(self) -> None:
        self._give_up(408)

    def _body_late(self) -> None:
        self._late = None
        if self.flow.read_paused:  # we do not read: the client cannot get on
            self._wait(self.bounds.body_seconds, self._body_late)
        else:
            self._give_up(408)

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    # refusals

    def _give_up(self, status: int) -> None:
        """Tell whoever has begun a request; a connection that is only open is closed without a word."""
        if self._in_headers or self._in_body:
            self._refuse(status)
        else:
            self._close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's own sentence
        self._refuse(self._refusal)

    def _refuse(self, status: int) -> None:
        if self._may_answer():
            self.transport.write(self._problem(status))
        self._close()

    def _may_answer(self) -> bool:
        """No other answer is under way, nor has this request had one."""
        if self._in_body:
            return self._unanswered == 1 and not self.cycle.response_started
        return self._unanswered == 0

    def _close(self) -> None:
        self._wait_no_more()
        self.transport.close()
        self._abort_unless_read()

    def _problem(self, status: int) -> bytes:
        wanted = [value.decode("latin-1") for name, value in self.headers or () if name == b"accept-language"]
        language = preferred_language(wanted[-1] if wanted else None)
        body = problem_of(of_status(status), language, str(uuid7())).model_dump_json(exclude_none=True).encode()
        lines = [
            f"content-type: {MEDIA_TYPE}",
            f"content-language: {language}",
            f"content-length: {len(body)}",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            *([f"retry-after: {RETRY_AFTER}"] if status == 503 else []),
            "connection: close",
        ]
        return STATUS_LINE[status] + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body
