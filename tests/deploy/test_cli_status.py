"""`tongban status`: how it ends tells a program whether to call somebody."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Response, get

from tests.deploy.serving import served
from tests.deploy.terminal import tongban

WELL: dict[str, Any] = {
    "department": "cases",
    "is_ready": True,
    "database": True,
    "signing_keys": True,
    "broker_connected": True,
    "subscriptions": {"identity.people": {"checkpoint": 1, "trouble": None, "parked": 0}},
    "ledger_alarms": [],
    "timers": {"overdue": 0, "failed": 0},
    "stuck": 0,
    "remarks": [],
}


@asynccontextmanager
async def a_department(health: dict[str, Any], tmp_path: Path) -> AsyncIterator[Path]:
    """A description of a stack with it alone."""

    @get("/health/live", sync_to_thread=False)
    def live() -> dict[str, str]:
        return {"department": "cases"}

    @get("/health/ready", sync_to_thread=False)
    def ready() -> Response[dict[str, Any]]:
        return Response(health, status_code=200 if health["is_ready"] else 503)

    async with served(Litestar([live, ready], openapi_config=None)) as address:
        file = tmp_path / "stack.json"
        file.write_text(json.dumps({"departments": {"cases": {"http": address}}}))
        yield file


@pytest.mark.parametrize(
    ("changed", "code", "told"),
    [
        ({}, 0, "yes"),
        ({"is_ready": False, "database": False}, 1, "its database does not answer"),
        (
            {"ledger_alarms": [{"department": "identity"}]},
            3,
            "LEDGER ALARM about identity: run `tongban verify identity`",
        ),
        ({"broker_connected": False}, 3, "no broker"),
        ({"stuck": 2}, 3, "2 stuck"),
        ({"timers": {"overdue": 4, "failed": 0}}, 3, "timers: 4 overdue"),
        ({"subscriptions": {"identity.people": {"parked": 3}}}, 3, "identity.people: 3 parked"),
        ({"subscriptions": {"identity.people": {"trouble": "stands still"}}}, 3, "identity.people: stands still"),
        (
            {"remarks": [{"code": "relay_behind", "about": "cases.cases"}]},
            3,
            "cases.cases: events wait to be published",
        ),
        ({"remarks": [{"code": "storing_refused", "about": "cases.cases"}]}, 3, "the broker stores nothing new of it"),
        ({"remarks": [{"code": "reader_stopped", "about": "identity.people"}]}, 3, "identity.people: nobody reads it"),
        ({"remarks": [{"code": "clock_running_out", "about": "cases"}]}, 0, "legal deadlines within three days"),
    ],
)
async def test_what_is_wrong_is_told_and_in_the_exit_code(
    changed: dict[str, Any], code: int, told: str, tmp_path: Path
) -> None:
    async with a_department(WELL | changed, tmp_path) as file:
        ended, output, errors = await tongban("status", "--stack", file)
    assert (ended, errors) == (code, "")
    assert told in output


async def test_the_same_for_programs(tmp_path: Path) -> None:
    async with a_department(WELL | {"stuck": 2}, tmp_path) as file:
        code, output, _ = await tongban("status", "--json", "--stack", file)
    said = json.loads(output)
    assert (code, said["is_ready"], said["is_well"]) == (3, True, False)
    assert said["departments"][0]["troubles"] == ["2 stuck"]
