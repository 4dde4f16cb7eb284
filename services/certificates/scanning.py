"""Looking for viruses in what people upload. A port with one question; the default says honestly that it did not look.

Clamd speaks ClamAV's INSTREAM. An operator who names a scanner means it: while it does not answer nothing is taken.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from services.certificates.domain.evidence import Scan
from shared.contracts.errors import Invalid, Unavailable
from shared.standards.text import Text

ANSWER_WITHIN = 20.0  # seconds
PIECE = 64 * 1024  # bytes


class Scanner(Protocol):
    async def scan(self, content: bytes) -> Scan:
        """Raises Invalid for a file that carries a virus, Unavailable when that cannot be told."""
        ...


class NoScanner:
    """Nothing is looked at, and the event says so."""

    async def scan(self, content: bytes) -> Scan:  # noqa: ARG002 - the port's shape
        return "not_scanned"


@dataclass(frozen=True, slots=True)
class Clamd:
    """clamd over TCP. Source: clamd(8), INSTREAM: pieces after their length, big-endian, then a length of nothing."""

    host: str
    port: int

    async def scan(self, content: bytes) -> Scan:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await self._ask(content)
        except (OSError, EOFError, TimeoutError):
            raise Unavailable("the virus scanner does not answer") from None
        if answer.endswith(b" FOUND"):
            raise _infected()
        if answer != b"stream: OK":
            raise Unavailable("the virus scanner could not tell")
        return "clean"

    async def _ask(self, content: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:-1].strip()
        finally:
            writer.close()


def _infected() -> Invalid:
    text = Text("文件含有病毒，未予接收，请查杀后重新上传。", "The file carries a virus and was not taken.")
    return Invalid("infected", *text, fields={"file": text})


def scanner(address: str | None) -> Scanner:
    """`address`: 'host:port' of clamd."""
    if address is None:
        return NoScanner()
    host, _, port = address.rpartition(":")
    return Clamd(host, int(port))
