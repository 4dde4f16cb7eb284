"""How departments do, asked over HTTP."""

import ssl
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict

PATIENCE = 5.0  # seconds for an answer


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
        """What is wrong although requests are served: broker, subscriptions, parked events, timers, what is stuck,
        ledger alarms."""
        if self.health is None:
            return []
        troubles = [] if self.health.get("broker_connected") else ["no broker"]
        subscriptions = self.health.get("subscriptions", {})
        troubles += [f"{feed}: {one['trouble']}" for feed, one in subscriptions.items() if one.get("trouble")]
        troubles += [f"{feed}: {one['parked']} parked" for feed, one in subscriptions.items() if one.get("parked")]
        timers = self.health.get("timers", {})
        troubles += [f"timers: {timers[what]} {what}" for what in ("overdue", "failed") if timers.get(what)]
        troubles += [f"{self.health['stuck']} stuck"] if self.health.get("stuck") else []
        altered = sorted({one["department"] for one in self.health.get("ledger_alarms", [])})
        return troubles + [f"LEDGER ALARM about {name}: run `tongban verify {name}`" for name in altered]


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
