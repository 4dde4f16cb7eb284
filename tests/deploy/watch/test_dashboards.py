"""Dashboards and alerts ask for what departments tell: every expression is evaluated over a running stack."""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import yaml

from deploy.departments import NAMES
from deploy.embedded.ports import free_port
from deploy.road import statistics
from deploy.runner import stack_file
from deploy.runner.stack import Stack
from deploy.watch.dashboards import DASHBOARDS, FOLDER, dashboard
from shared.department.engine_state import EngineState
from shared.department.vital_gauges import families
from shared.department.vital_signs import Seen
from tests.deploy.watch.promtool import PROMETHEUS, needs_prometheus
from tests.until import until

WATCH = FOLDER.parent
ALERTS = yaml.safe_load((WATCH / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
COUNTED = {
    "tongban_requests_total",
    "tongban_request_seconds_bucket",
    "tongban_refusals_total",
    "tongban_commands_total",
    "tongban_log_lines_total",
    "tongban_inspections_total",
    "tongban_inspector_files",
    "tongban_event_loop_lag_seconds_bucket",
}
NOT_OURS = {"up", "ALERTS", "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in DASHBOARDS:
        for panel in json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["panels"]:
            yield name, panel


def expressions() -> Iterator[tuple[str, str]]:
    """A name, and what Prometheus would be asked: of dashboards with their variables put in."""
    for name, panel in panels():
        for target in panel["targets"]:
            asked = target["expr"].replace("$__rate_interval", "1m").replace("$department", ".*")
            yield f"{name}: {panel['title']}", asked
    for rule in ALERTS:
        yield rule["alert"], rule["expr"]


def test_the_files_are_made_from_the_table_of_panels() -> None:
    for name in DASHBOARDS:
        assert (FOLDER / f"{name}.json").read_text("utf-8") == dashboard(name), "python -m deploy.watch.dashboards"
    assert {file.stem for file in FOLDER.glob("*.json")} == set(DASHBOARDS)


def test_no_expression_asks_for_what_nobody_tells() -> None:
    state = EngineState(True, True, False, {})
    told = {family.name for family in families(Seen(), state, [], "cases", "1")} | COUNTED | NOT_OURS
    for family in statistics.families({}):
        told.add(f"{family.name}_total" if family.type == "counter" else family.name)
    for name, expression in expressions():
        asked = set(re.findall(r"\b(?:tongban_\w+|process_\w+|up|ALERTS)\b", expression))
        assert asked, name
        assert asked <= told, name


def test_prometheus_scrapes_every_department() -> None:
    [job, _] = yaml.safe_load((WATCH / "prometheus.yaml").read_text("utf-8"))["scrape_configs"]
    scraped = [(one["labels"]["department"], *one["targets"]) for one in job["static_configs"]]
    assert scraped == [(name, f"{name}:9100") for name in NAMES]


class Prometheus:
    """Debian's, with the shipped files, over the departments of one stack."""

    def __init__(self, address: str) -> None:
        self._http = httpx.AsyncClient(base_url=address, trust_env=False, timeout=30)

    async def ask(self, expression: str) -> list[dict[str, Any]]:
        told = await self._http.get("/api/v1/query", params={"query": expression})
        if told.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise httpx.ConnectError("Prometheus has not started yet")
        answer = told.json()
        assert answer["status"] == "success", f"{expression}: {answer.get('error')}"
        assert not answer.get("warnings"), f"{expression}: {answer['warnings']}"
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    async def has_seen(self, scrapes: int) -> bool:
        try:
            counted = await self.ask('count_over_time(tongban_ready{job="tongban"}[10m])')
        except httpx.TransportError:
            return False
        return len(counted) == len(NAMES) and all(float(one["value"][1]) >= scrapes for one in counted)


@pytest.fixture(scope="module")
async def prometheus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    home = tmp_path_factory.mktemp("watched")
    async with Stack(home / "stack", tell=lambda _: None) as stack:
        await stack.ready(120)
        configuration = yaml.safe_load((WATCH / "prometheus.yaml").read_text("utf-8"))
        configuration["global"] |= {"scrape_interval": "2s", "evaluation_interval": "2s", "scrape_timeout": "2s"}
        configuration["scrape_configs"] = configuration["scrape_configs"][:1]  # the departments
        del configuration["alerting"]
        for target in configuration["scrape_configs"][0]["static_configs"]:
            target["targets"] = [stack_file.read(home / "stack").metrics[target["labels"]["department"]]]
        (home / "prometheus.yaml").write_text(yaml.safe_dump(configuration))
        (home / "alerts.yaml").write_text((WATCH / "alerts.yaml").read_text("utf-8"))
        port = free_port()
        with (home / "prometheus.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    str(PROMETHEUS),
                    f"--config.file={home / 'prometheus.yaml'}",
                    f"--storage.tsdb.path={home / 'data'}",
                    f"--web.listen-address=127.0.0.1:{port}",
                ],
                stdout=log,
                stderr=log,
            )
        try:
            made = Prometheus(f"http://127.0.0.1:{port}")
            await ask_something(stack.addresses)
            await until(lambda: made.has_seen(5), timeout=90, every=0.5, what="every department was scraped")
            yield made
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 30)


async def ask_something(addresses: dict[str, str]) -> None:
    """A command that is refused, so that there are requests to tell of."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        for address in addresses.values():
            await client.get(f"{address}/nowhere")
        await client.post(f"{addresses['identity']}/sign-in", json={})


MAY_BE_EMPTY = re.compile(
    r"== [01]\b|> |ALERTS"
    r"|tongban_(stuck|oldest_stuck|ledger_alarms|duty_failing|parked|clocks|look_failed|inspections|account)"
)
"""What is empty while all is well."""


@needs_prometheus
async def test_every_expression_gives_data_or_is_empty_when_all_is_well(prometheus: Prometheus) -> None:
    without = []
    for name, expression in expressions():
        if not await prometheus.ask(expression) and not MAY_BE_EMPTY.search(expression):
            without.append(f"{name}: {expression}")
    assert without == []


@needs_prometheus
async def test_no_alert_fires_over_a_stack_that_does_well(prometheus: Prometheus) -> None:
    async def quiet() -> bool:
        return await prometheus.ask('ALERTS{alertstate="firing"}') == []

    await until(quiet, timeout=60, every=0.5, what="no alert fires")


@needs_prometheus
async def test_what_is_scraped_is_bounded_and_names_nobody(prometheus: Prometheus) -> None:
    series = await prometheus.ask('count by (department) ({job="tongban"})')
    assert {one["metric"]["department"] for one in series} == set(NAMES)
    assert all(float(one["value"][1]) < 3000 for one in series)
