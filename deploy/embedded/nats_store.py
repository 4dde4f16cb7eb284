"""Whether the streams that a nats-server lists are on its disk.

A server whose directory was deleted under it keeps writing to files that have no name any more: it acknowledges, is
healthy by its own word, and has nothing after its next start.
"""

import ssl
from pathlib import Path
from typing import Any

import httpx

TIMEOUT = 2.0  # seconds
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # it speaks HTTP; reading the machine's authorities takes long
LISTED = {"accounts": "true", "streams": "true"}


async def what_is_lost(monitor_url: str, store: Path) -> str | None:
    """A sentence naming the first that is gone; None when all are there, or the server does not answer just now."""
    for account, stream in await _asked(monitor_url):
        # looked at twice: a stream deleted on purpose leaves the disk a moment before the list
        if not _is_there(store, account, stream) and (account, stream) in await _asked(monitor_url):
            return f"the data of stream {stream} is gone from its directory"
    return None


async def _asked(monitor_url: str) -> list[tuple[str, str]]:
    """Account and name of each stream that the server lists; none when it does not answer."""
    try:
        async with httpx.AsyncClient(base_url=monitor_url, timeout=TIMEOUT, verify=_PLAIN) as monitor:
            return _listed((await monitor.get("/jsz", params=LISTED)).json())
    except (httpx.HTTPError, ValueError):
        return []


def _listed(told: Any) -> list[tuple[str, str]]:
    """Account and name of each stream."""
    accounts = told.get("account_details") or []
    return [(one["name"], stream["name"]) for one in accounts for stream in one.get("stream_detail") or []]


def _is_there(store: Path, account: str, stream: str) -> bool:
    return (store / "jetstream" / account / "streams" / stream / "msgs").is_dir()
