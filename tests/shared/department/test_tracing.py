"""Traces: one from a request to the notice in another department; nothing personal; nothing at all when off."""

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from deploy.embedded.nats import Nats
from deploy.secrets import new_signing_key, write_private
from services.notification.service import SERVICE as NOTIFICATION
from shared.contracts.errors import Refused
from shared.contracts.identity import Role
from shared.department import tracing
from shared.department.logs import add_trace
from shared.department.settings import Settings
from shared.department.tracing import traced
from shared.standards import trace
from tests.collector import Collected, Collector, collecting
from tests.databases import Databases
from tests.department import Department, running
from tests.services.identity.office import Office, fresh_phone, office, seen_of, someone
from tests.until import until

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLER = f"00-{TRACE}-{SPAN}-01"


def settings(collector: str | None, share: float = 1.0) -> Settings:
    return Settings.model_construct(otlp_endpoint=collector, trace_share=share)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as one:
        yield one


@pytest.fixture
async def two(
    collector: Collector, databases: Databases, own_nats: Nats, tmp_path: Path
) -> AsyncIterator[tuple[Office, Department]]:
    """identity and notification on one broker, and a collector."""
    key = tmp_path / "signing.pem"
    write_private(key, new_signing_key())
    with traced(settings(collector.url), "both"):
        async with (
            databases.fresh() as of_identity,
            databases.fresh() as of_notification,
            running(NOTIFICATION, of_notification, own_nats.url(), key_known=False) as notification,
            office(of_identity, key, nats_url=own_nats.url()) as identity,
        ):
            yield identity, notification


async def verified(identity: Office, **headers: str) -> dict[str, str]:
    """An officer sees somebody, who is a citizen with an account from now on; what the officer sent."""
    person, phone = someone(), fresh_phone()
    await identity.enter(person)
    await identity.open_account(person, phone)
    seen = seen_of(person, phone)
    async with await identity.desk(Role.registrar) as desk:
        answer = await desk.post(f"/verifications?hint={seen['phone']}", json=seen, headers=headers)
        assert answer.status_code == 422, "what is in the query is not told, whatever it is"
        answer = await desk.post("/verifications", json=seen, headers=headers)
        assert answer.status_code == 201, answer.text
    return seen


async def test_a_request_and_the_notice_it_leads_to_are_one_trace(
    two: tuple[Office, Department], collector: Collector
) -> None:
    sent = await verified(two[0], traceparent=CALLER)

    def came() -> dict[str, Collected] | None:
        """By the first words of their names, of those that follow from the request that opened the account."""
        for request in collector.named("POST /verifications", TRACE):
            if request.attributes["http.response.status_code"] == 201:
                below = [one for one in collector.spans if one.trace == TRACE]
                found = {"request": request}
                for name, parent in CHAIN:
                    under = [one for one in below if one.name.startswith(name) and one.parent in _ids(found, parent)]
                    of = [one for one in under if not one.failed]
                    if not of:
                        return None
                    found[name] = of[0]
                return found
        return None

    chain = await until(came, timeout=60, what="every span of the chain has come")
    assert chain["request"].parent == SPAN, "the caller's"
    assert chain["request"].attributes["http.route"] == "/verifications"
    failed = [one.name for one in collector.spans if one.failed and one.trace == TRACE]
    assert all(name.startswith("apply") for name in failed), "applied again once the keys of its people had come"
    assert collector.named("command notice", TRACE) == [chain["command notice"]]

    told = json.dumps([[one.name, dict(one.attributes)] for one in collector.spans], ensure_ascii=False)
    for personal in (sent["name"], sent["id_number"], sent["phone"], "hint"):
        assert personal not in told
    known = {attribute for one in collector.spans for attribute in one.attributes}
    assert known <= ATTRIBUTES
    names = {one.name for one in collector.spans}
    assert not any(character.isdigit() for name in names for character in name), names


CHAIN = (
    ("command account", "request"),
    ("append", "command account"),
    ("publish", "command account"),
    ("apply", "command account"),
    ("command notice", "apply"),
)
"""What each span begins with, and its parent."""
ATTRIBUTES = {
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "messaging.system",
    "messaging.destination.name",
    "messaging.batch.message_count",
    "error.type",
}


def _ids(found: dict[str, Collected], name: str) -> set[str]:
    return {found[name].id} if name in found else set()


async def test_a_collector_that_is_away_is_told_once_and_holds_nobody_up() -> None:
    lost = "traces are lost: the collector takes none"
    with structlog.testing.capture_logs() as told, collecting() as collector:
        collector.status = 503

        def is_told() -> bool:
            return any(one["event"] == lost for one in told)

        with traced(settings(collector.url), "cases"):
            for _ in range(3 * tracing.QUEUE):
                with trace.span("work"):
                    pass
            await until(is_told, timeout=30, what="it is told")
            ending = time.monotonic()
        took = time.monotonic() - ending
    assert [one["event"] for one in told].count(lost) == 1
    assert took < tracing.FLUSH_WITHIN + 5


def test_what_was_collected_is_sent_at_the_end() -> None:
    with collecting() as collector:
        with traced(settings(collector.url), "cases"), trace.span("work"):
            pass
        assert collector.one("work").service == "cases"


def test_an_unsampled_caller_is_heeded() -> None:
    with collecting() as collector:
        with traced(settings(collector.url), "cases"), trace.span("work", parent=f"00-{TRACE}-{SPAN}-00") as span:
            assert span is None
        assert collector.spans == []


def test_what_is_no_traceparent_is_no_parent() -> None:
    with collecting() as collector:
        with traced(settings(collector.url), "cases"), trace.spans("work", "consumer", [1, "x", None, CALLER]) as under:
            assert list(under) == [CALLER]
        assert collector.one("work").parent == SPAN


def test_a_failure_is_told_by_its_kind_alone() -> None:
    with collecting() as collector:
        with (
            pytest.raises(Refused),
            traced(settings(collector.url), "cases"),
            trace.span("work"),
        ):
            raise Refused("no", "张三不行", "Zhang San cannot")
        work = collector.one("work")
    assert (work.failed, dict(work.attributes)) == (True, {"error.type": "Refused"})


def test_log_lines_tell_the_trace_whether_or_not_it_is_collected() -> None:
    with trace.within(CALLER):
        assert add_trace(None, "info", {}) == {"trace_id": TRACE, "span_id": SPAN}
    assert add_trace(None, "info", {}) == {}
    with trace.within(trace.fresh()):
        assert add_trace(None, "info", {}).keys() == {"trace_id", "span_id"}


def test_when_off_no_sdk_is_loaded() -> None:
    program = "import sys, shared.department.run, services.cases.service; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"opentelemetry.sdk", "opentelemetry.trace", "requests", "google.protobuf"} & set(run.stdout.split())


def test_when_off_a_span_is_one_look() -> None:
    assert trace.span("work") is trace.span("other") is trace.NOTHING
