"""The health of departments, asked over HTTP."""

import asyncio
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

PATIENCE = 5.0  # seconds for an answer
LARGEST = 1024 * 1024  # bytes of an answer


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
    "ledger_unsigned": "its ledger is not signed: its key file lacks the present key, see `tongban ledger-key show`",
    "master_key_missing": "its KEY_MASTER_FILE lacks master key {}, under which keys of it are encrypted",
    "key_missing": "key {} has not come: see `tongban keys list`",
    "sharing_unread": "its sharing catalogue cannot be read: it goes by the one before, and could not start again",
    "pool_full": "all its database connections are in use",
    "archive_fails": "nobody archives what its database writes, or a part is lost: see `tongban backup`",
    "archive_behind": "the archive of what its database writes is far behind",
}
"""Of the remarks that are troubles and not told by a number of their own."""

NOTES: Mapping[str, str] = {
    "epoch_begun": "its database had lost history, which goes on in epoch {} (`tongban lost list`)",
    "unproven_history": "{}: neighbours tell events of it that nothing proves; they were left out",
    "rebuilding": "{} is built anew by itself; its feeds wait",
    "calendar_missing": "some deadlines wait for the next calendar of working days",
    "clock_running_out": "{}: legal deadlines within three days",
    "sharing_remark": "some of the sharing catalogue has no effect here: see its log",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one department said of itself."""

    department: str
    address: str
    is_live: bool  # the process answers
    is_ready: bool  # it can serve
    health: dict[str, Any] | None  # body of /health/ready: database, signing_keys, broker_connected, subscriptions …

    @property
    def lack(self) -> str:
        """In a few words, what keeps it from serving; empty when nothing does."""
        if not self.address:
            return "nothing says where it answers"
        if not self.is_live:
            return "does not answer"
        if self.is_ready or self.health is None:
            return "" if self.is_ready else "not ready"
        if self.health.get("is_superseded"):
            return "superseded by another release; end it"
        if self.health.get("is_stopping"):
            return "stopping"
        words = {
            "database": "its database does not answer",
            "signing_keys": "identity's keys have not come yet",
            "master_keys": "its KEY_MASTER_FILE is another, or cannot be read",
        }
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
        if self.health.get("phantoms"):
            troubles.append(f"{self.health['phantoms']} events FOLLOWED FROM PHANTOMS: run `tongban phantoms list`")
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


def client() -> "httpx.AsyncClient":
    """For departments on this machine. It trusts no certificates: to load the system's takes longer than to ask."""
    import httpx  # takes longer to load than a look at a stack

    return httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


async def is_live(address: str) -> bool:
    """Whether a department's process answers."""
    answered = await asyncio.to_thread(_get, address, "/health/live")
    return answered is not None and answered[0] == HTTPStatus.OK


async def ask(department: str, address: str) -> Answer:
    """Ask /health/live and /health/ready. No answer is an answer too."""
    live = await is_live(address)
    answered = await asyncio.to_thread(_get, address, "/health/ready") if live else None
    status, health = answered or (None, None)
    return Answer(department, address, live, is_ready=status == HTTPStatus.OK, health=health)


async def ask_all(addresses: Mapping[str, str]) -> list[Answer]:
    """All at once, in their order."""
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(ask(name, address)) for name, address in addresses.items()]
    return [task.result() for task in asked]


def _get(address: str, path: str) -> tuple[int, dict[str, Any] | None] | None:
    """Status, and the body if it is a JSON object; None without an answer."""
    parts = urlsplit(address)
    connection = (http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection)(
        parts.netloc, timeout=PATIENCE
    )
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}{path}")
        response = connection.getresponse()
        body = json.loads(response.read(LARGEST) or b"null")
    except (OSError, http.client.HTTPException):
        return None
    except ValueError:
        body = None
    finally:
        connection.close()
    return response.status, body if isinstance(body, dict) else None
