"""How departments do, asked over HTTP."""

import ssl
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict

PATIENCE = 5.0  # seconds for an answer

WORDS: Mapping[str, str] = {
    "look_failed": "its database answers some questions too late",
    "storing_refused": "{}: the broker stores nothing new of it",
    "relay_behind": "{}: events wait to be published",
    "numbering_behind": "events wait for their numbers",
    "streams_not_kept": "its streams at the broker cannot be kept",
    "subscription_behind": "{}: behind its provider",
    "reader_stopped": "{}: nobody reads it",
    "reader_refused": "{}: the broker hands nothing out",
    "duty_fails": "the duty {} fails again and again",
    "pool_full": "all its database connections are in use",
}
"""Of the remarks that are troubles and not told by a number of their own."""

NOTES: Mapping[str, str] = {
    "calendar_missing": "some deadlines wait for the next calendar of working days",
    "clock_running_out": "{}: legal deadlines within three days",
    "sharing_remark": "some of the sharing catalogue has no effect here: see the log of its start",
}


class Answer(BaseModel):
    """What one department said of itself."""

    model_config = ConfigDict(frozen=True)

    department: str
    address: str
    is_live: bool  # the process answers
    is_ready: bool  # it can serve
    health: dict[str, Any] | None  # body of /health/ready: database, signing_keys, broker_connected, subscriptions …

    @property
    def lack(self) -> str:
        """In a few words, what keeps it from serving; empty when nothing does."""
        if not self.is_live:
            return "does not answer"
        if self.is_ready or self.health is None:
            return "" if self.is_ready else "not ready"
        if self.health.get("is_superseded"):
            return "superseded by another release; end it"
        words = {"database": "its database does not answer", "signing_keys": "identity's keys have not come yet"}
        return ", ".join(word for part, word in words.items() if self.health.get(part) is False) or "not ready"

    @property
    def troubles(self) -> list[str]:
        """What is wrong although requests are served, each in a few words."""
        if self.health is None:
            return []
        troubles = [] if self.health.get("broker_connected") else ["no broker"]
        subscriptions = self.health.get("subscriptions", {})
        troubles += [f"{feed}: {one['trouble']}" for feed, one in subscriptions.items() if one.get("trouble")]
        troubles += [f"{feed}: {one['parked']} parked" for feed, one in subscriptions.items() if one.get("parked")]
        timers = self.health.get("timers", {})
        troubles += [f"timers: {timers[what]} {what}" for what in ("overdue", "failed") if timers.get(what)]
        troubles += [f"{self.health['stuck']} stuck"] if self.health.get("stuck") else []
        troubles += [WORDS[code].format(about) for code, about in self._remarks if code in WORDS]
        altered = sorted({one["department"] for one in self.health.get("ledger_alarms", [])})
        return troubles + [f"LEDGER ALARM about {name}: run `tongban verify {name}`" for name in altered]

    @property
    def notes(self) -> list[str]:
        """What is not wrong yet."""
        return [NOTES[code].format(about) for code, about in self._remarks if code in NOTES]

    @property
    def is_well(self) -> bool:
        """Ready, and nothing is wrong."""
        return self.is_ready and not self.troubles

    @property
    def _remarks(self) -> list[tuple[str, str]]:
        return [(one["code"], one["about"]) for one in (self.health or {}).get("remarks", ())]


def client() -> httpx.AsyncClient:
    """For departments on this machine. It trusts no certificates: to load the system's takes longer than to ask."""
    return httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


async def is_live(http: httpx.AsyncClient, address: str) -> bool:
    """Whether a department's process answers."""
    response = await _get(http, f"{address}/health/live")
    return response is not None and response.is_success


async def ask(http: httpx.AsyncClient, department: str, address: str) -> Answer:
    """Ask /health/live and /health/ready. No answer is an answer too."""
    live = await is_live(http, address)
    ready = await _get(http, f"{address}/health/ready")
    health = ready.json() if ready is not None and ready.headers.get("content-type") == "application/json" else None
    return Answer(
        department=department,
        address=address,
        is_live=live,
        is_ready=ready is not None and ready.status_code == httpx.codes.OK,
        health=health,
    )


async def _get(http: httpx.AsyncClient, url: str) -> httpx.Response | None:
    try:
        return await http.get(url)
    except httpx.HTTPError:
        return None
