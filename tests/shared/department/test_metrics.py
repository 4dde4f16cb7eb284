"""What Prometheus is told: true, bounded, without anybody's data, and on a port of its own."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.embedded.ports import free_port
from shared.department import metrics, vitals
from shared.department.engine_state import EngineState, SubscriptionState
from shared.department.vital_gauges import families
from shared.department.vital_signs import Numbering, OwnFeed, Remark, Seen, StuckList
from tests.databases import Databases
from tests.department import Department, running
from tests.shared.department import library
from tests.until import until

PERSON = "张三"


@pytest.fixture(scope="module")
async def measured(databases: Databases, sharing_file: Path) -> AsyncIterator[Department]:
    """The library with a port for metrics."""
    async with (
        databases.fresh() as database,
        running(
            library.SERVICE,
            database,
            sharing_file=sharing_file,
            contracts=library.CONTRACTS,
            metrics_port=free_port(),
        ) as department,
    ):
        yield department


async def scraped(department: Department, path: str = "/metrics") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        return await client.get(f"http://127.0.0.1:{department.settings.metrics_port}{path}")


async def value(of: Department, name: str, /, **labels: str) -> float:
    """0 where there is no such series."""
    for sample in samples((await scraped(of)).text):
        if sample[0] == name and labels.items() <= sample[1].items():
            return sample[2]
    return 0.0


def samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            yield one.name, one.labels, one.value


async def test_commands_and_refusals_are_counted_by_code(measured: Department) -> None:
    loan = uuid4()
    before = await value(measured, "tongban_commands_total", outcome="done")
    async with measured.client(measured.token()) as citizen:
        assert (await citizen.post(f"/loans/{loan}", json={"title": "史记"})).status_code == 201
        assert (await citizen.post(f"/loans/{loan}", json={"title": 5})).status_code == 422
        assert (await citizen.get("/nowhere")).status_code == 404
    assert await value(measured, "tongban_commands_total", outcome="done") == before + 1
    assert await value(measured, "tongban_commands_total", outcome="refused") == 1
    assert await value(measured, "tongban_refusals_total", code="invalid") == 1
    assert await value(measured, "tongban_refusals_total", code="no_such_address") == 1
    route = {"method": "POST", "route": "/loans/{loan}"}
    assert await value(measured, "tongban_requests_total", status="201", **route) == 1
    assert await value(measured, "tongban_request_seconds_count", **route) == 2


async def test_whatever_strangers_ask_makes_no_new_series(measured: Department) -> None:
    async with measured.client(measured.token()) as citizen:

        async def ask(number: int) -> None:
            await citizen.get(f"/loans/{uuid4()}")
            await citizen.get(f"/loans/{PERSON}-{number}")
            await citizen.get(f"/{PERSON}/{number}")
            await citizen.request(f"METHOD{number}", f"/loans/{uuid4()}")
            await citizen.request(f"METHOD{number}", f"/{number}")
            await citizen.post(f"/loans/{uuid4()}", json={"title": PERSON, f"field{number}": 1})

        await ask(0)
        before = (await scraped(measured)).text
        for number in range(1, 40):
            await ask(number)
        after = (await scraped(measured)).text
    assert len(list(samples(after))) == len(list(samples(before)))
    assert PERSON not in after
    assert "METHOD" not in after


async def test_every_label_is_of_a_small_set(measured: Department) -> None:
    text = (await scraped(measured)).text
    labels = {label for _, names, _ in samples(text) for label in names}
    assert labels <= {
        "method", "route", "status", "code", "outcome", "le", "level", "feed", "list", "state", "rule", "what", "part",
        "duty", "neighbour", "version", "generation", "pool",
    }  # fmt: skip
    assert len(text.splitlines()) < 2000


async def test_metrics_are_on_no_other_port(measured: Department) -> None:
    async with measured.client() as stranger:
        for path in ("/metrics", "/vitals"):
            assert (await stranger.get(path)).status_code == 404
    assert (await scraped(measured, "/health/ready")).status_code == 404


async def test_without_a_port_there_are_none(department: Department) -> None:
    assert department.settings.metrics_port is None


async def test_a_port_in_use_costs_the_metrics_only(
    measured: Department, databases: Databases, sharing_file: Path
) -> None:
    taken = measured.settings.metrics_port
    async with (
        databases.fresh() as database,
        running(
            library.SERVICE, database, sharing_file=sharing_file, contracts=library.CONTRACTS, metrics_port=taken
        ) as other,
        other.client() as client,
    ):
        assert (await client.get("/health/ready")).status_code == 200


async def test_the_release_is_what_its_image_says(measured: Department) -> None:
    told = metrics.Metrics(measured.engine, vitals.Vitals(measured.engine, ""), "0.2.7")
    assert b'tongban_build_info{version="0.2.7"} 1.0' in await told.exposed()


async def test_its_state_is_told_in_numbers(measured: Department) -> None:
    assert await value(measured, "tongban_build_info") == 1
    assert await value(measured, "tongban_ready") == 1
    assert await value(measured, "tongban_broker_connected") == 0
    assert await value(measured, "tongban_trouble", code="broker_away") == 1
    for pool in ("requests", "duties", "commands"):
        assert await value(measured, "tongban_pool_connections", pool=pool, state="most") > 0
    assert await value(measured, "process_resident_memory_bytes") > 10_000_000


async def test_what_keeps_the_event_loop_is_measured(measured: Department) -> None:
    async def late() -> float:
        series = "tongban_event_loop_lag_seconds"
        return await value(measured, f"{series}_count") - await value(measured, f"{series}_bucket", le="0.5")

    before = await late()
    time.sleep(1.0)

    async def is_told() -> bool:
        return await late() > before

    await until(is_told, what="the delay is told")


async def test_details_are_told_to_the_operators_network(measured: Department) -> None:
    told = (await scraped(measured, "/vitals")).json()
    assert told["seen"]["database"] is True
    assert "broker_away" in [one["code"] for one in told["remarks"]]


async def test_codes_beyond_the_most_are_counted_as_one(measured: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_CODES", 3)
    counted = metrics.Metrics(measured.engine, vitals.Vitals(measured.engine, ""))
    for number in range(10):
        counted.measure("GET", None, 409, 0.1, f"code_{number}")
    assert counted.registry.get_sample_value("tongban_refusals_total", {"code": "other"}) == 7


async def test_counting_an_answer_costs_little(measured: Department) -> None:
    """Some microseconds; a limit that a busy machine keeps too."""
    counted = metrics.Metrics(measured.engine, vitals.Vitals(measured.engine, ""))
    counted.know_routes(["/loans/{loan}"])
    began = perf_counter()
    for _ in range(5000):
        counted.measure("POST", "/loans/{loan}", 409, 0.02, "taken")
    assert (perf_counter() - began) / 5000 < 200e-6


def test_what_is_seen_becomes_gauges() -> None:
    now = datetime(2026, 11, 30, 8, tzinfo=UTC)
    ago = now - timedelta(seconds=40)
    seen = Seen(
        database=True,
        signing_keys=True,
        parked={"identity.people": 2},
        stuck={"papers": StuckList(3, ago)},
        feeds={"cases.cases": OwnFeed(9, 5, ago)},
        numbering=Numbering(7, ago),
        waiting={"held_bills": 4},
        clocks={"overdue": 1},
    )
    state = EngineState(True, True, False, {"identity.people": SubscriptionState(5, "Poison", 8)})
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in families(seen, state, [Remark("parked", "identity.people", ago)], "cases", "1", now=now)
        for sample in family.samples
    }
    expected = {
        ("tongban_unpublished_events", "cases.cases"): 4,
        ("tongban_oldest_unpublished_seconds", "cases.cases"): 40,
        ("tongban_oldest_unnumbered_seconds",): 40,
        ("tongban_subscription_lag_events", "identity.people"): 3,
        ("tongban_subscription_stands", "identity.people"): 1,
        ("tongban_parked_events", "identity.people"): 2,
        ("tongban_stuck_things", "papers"): 3,
        ("tongban_waiting", "held_bills"): 4,
        ("tongban_clocks_running_out", "overdue"): 1,
        ("tongban_trouble", "parked"): 1,
        ("tongban_trouble", "stuck"): 0,
        ("tongban_storing_refused", "cases.cases"): 0,
    }
    assert {key: told.get(key) for key in expected} == expected
