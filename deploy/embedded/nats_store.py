"""Whether the streams that a nats-server lists are on its disk.

A server whose directory was deleted under it keeps writing to files that have no name any more: it acknowledges, is
healthy by its own word, and has nothing after its next start.
"""

from pathlib import Path
from typing import Any

import httpx

TIMEOUT = 2.0  # seconds
LISTED = {"accounts": "true", "streams": "true"}


async def what_is_lost(monitor_url: str, store: Path) -> str | None:
    """A sentence naming the first that is gone; None when all are there, or the server does not answer just now."""
    try:
        async with httpx.AsyncClient(base_url=monitor_url, timeout=TIMEOUT) as monitor:
            told = (await monitor.get("/jsz", params=LISTED)).json()
    except (httpx.HTTPError, ValueError):
        return None
    for account, stream in _listed(told):
        # looked at twice: a stream deleted on purpose leaves the disk a moment before the list
        if not _is_there(store, account, stream) and await _still_listed(monitor_url, account, stream):
            return f"the data of stream {stream} is gone from its directory"
    return None


async def _still_listed(monitor_url: str, account: str, stream: str) -> bool:
    try:
        async with httpx.AsyncClient(base_url=monitor_url, timeout=TIMEOUT) as monitor:
            told = (await monitor.get("/jsz", params=LISTED)).json()
    except (httpx.HTTPError, ValueError):
        return False
    return (account, stream) in _listed(told)


def _listed(told: Any) -> list[tuple[str, str]]:
    """Account and name of each stream."""
    accounts = told.get("account_details") or []
    return [(one["name"], stream["name"]) for one in accounts for stream in one.get("stream_detail") or []]


def _is_there(store: Path, account: str, stream: str) -> bool:
    return (store / "jetstream" / account / "streams" / stream / "msgs").is_dir()
