"""Senders who begin and do not go on: each is sent away in time, and honest requests are answered beside them."""

import selectors
import socket
import time
from collections.abc import Iterator

from shared.department.connections import BODY_SECONDS, HEADER_SECONDS
from tests.doors.asking import Asking
from tests.doors.town import Town
from tests.doors.tried import Tried
from tests.doors.wires import connected, parsed

AT_ONCE = 40  # of each kind, at each department
LEEWAY = 6.0  # seconds
BEGINNINGS = {
    "half a head": (b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ", HEADER_SECONDS),
    "nothing at all": (b"", HEADER_SECONDS),
    "half a body": (
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        BODY_SECONDS,
    ),
}


def slow_senders(town: Town) -> Iterator[Tried]:
    """All at once; then how long each was kept."""
    tried = Tried("slow senders", f"{AT_ONCE} of half a head, of nothing and of half a body at each department")
    honest = Tried("honest requests beside slow senders", "GET /health/live")
    waiting = selectors.DefaultSelector()
    began = time.monotonic()
    for department in town.addresses:
        for name, (beginning, seconds) in BEGINNINGS.items():
            for _ in range(AT_ONCE):
                wire = connected(town, department)
                wire.sendall(beginning)
                wire.setblocking(False)
                waiting.register(wire, selectors.EVENT_READ, (f"{name} at {department}", seconds))
    for department in town.addresses:
        with Asking(town, department) as asking:
            honest.note(asking.ask("GET", "/health/live"), lambda answer: answer.status == 200, "200")
    _wait(waiting, began, tried)
    yield tried
    yield honest


def _wait(waiting: selectors.DefaultSelector, began: float, tried: Tried) -> None:
    while waiting.get_map():
        now = time.monotonic() - began
        for key, _ in waiting.select(timeout=0.2):
            wire = key.fileobj
            assert isinstance(wire, socket.socket)
            try:
                came = wire.recv(65536)
            except OSError:
                came = b""
            if not came or b"\r\n\r\n" in came:
                tried.note(parsed(came), lambda answer: answer.status < 500, "an end")
                waiting.unregister(wire)
                wire.close()
        for key in list(waiting.get_map().values()):
            name, seconds = key.data
            if now > seconds + LEEWAY:
                tried.count += 1
                tried.complain(f"{name} was kept for over {now:.0f} s")
                waiting.unregister(key.fileobj)
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.close()
