"""Examining apart: what an examination may take, what becomes of it, and who waits."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.contracts.errors import Busy, Invalid, Unavailable
from shared.inspection.inspector import Inspector
from shared.inspection.job import Job
from shared.inspection.limits import MIB
from tests.shared.inspection import examinations as does
from tests.until import until

ALL = [
    does.job(function)
    for function in (
        does.echo,
        does.wait,
        does.grow,
        does.die,
        does.leave,
        does.babble,
        does.recurse,
        does.say_no,
        does.hold_too_much,
        does.escape,
    )
] + [does.job(does.spin, replace(does.SMALL, wall=120.0))]


@pytest.fixture
async def inspector() -> AsyncIterator[Inspector]:
    """One file at once, two besides."""
    opened = Inspector(ALL, workers=1, waiting=2)
    yield opened
    await opened.close()


async def refusal(inspector: Inspector, function: object, content: bytes = b"x") -> str:
    with pytest.raises(Invalid) as refused:
        await inspector.run(does.job(function), content)
    assert set(refused.value.fields) == {"file"}
    return refused.value.code


async def test_a_file_and_what_is_asked_of_it_are_answered(inspector: Inspector) -> None:
    answer = await inspector.run(does.job(does.echo), b"x" * MIB, {"word": "证"})
    assert answer == {"length": MIB, "argument": {"word": "证"}}
    assert inspector.counts == {"examined": 1}


@pytest.mark.parametrize(
    ("function", "cause"),
    [
        (does.grow, "memory"),
        (does.die, "failed"),
        (does.leave, "failed"),
        (does.babble, "size"),
        (does.recurse, "depth"),
        (does.hold_too_much, "pages"),
    ],
)
async def test_what_does_not_end_well_is_a_refusal(inspector: Inspector, function: object, cause: str) -> None:
    assert await refusal(inspector, function) == "file_not_examined"
    assert inspector.counts == {cause: 1}
    assert await inspector.run(does.job(does.echo), b"") == {"length": 0, "argument": None}


async def test_processor_time_is_bounded_by_the_limit(inspector: Inspector) -> None:
    assert await refusal(inspector, does.spin) == "file_not_examined"
    assert inspector.counts == {"processor": 1}
    assert inspector.worst.processor < does.SMALL.processor + 1.5


async def test_one_that_only_waits_is_ended_at_its_deadline(inspector: Inspector) -> None:
    assert await refusal(inspector, does.wait) == "file_not_examined"
    assert inspector.counts == {"time": 1}


async def test_a_file_beyond_the_limit_is_not_even_sent(inspector: Inspector) -> None:
    assert await refusal(inspector, does.echo, bytes(MIB + 1)) == "file_too_large"
    assert inspector.pid is None


async def test_the_examination_itself_may_say_no(inspector: Inspector) -> None:
    assert await refusal(inspector, does.say_no) == "no"
    assert inspector.counts == {"refused": 1}


async def test_nothing_leads_out_of_an_examination(inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    found = await inspector.run(does.job(does.escape), b"")
    shut = {"_open", "_connect", "_run", "_raise_limit"}
    assert set(found["shut"]) >= (shut | {"_fork", "_kill_parent"} if sys.platform == "linux" else shut)
    assert not [name for name in found["environment"] if name not in ("PYTHONPATH", "PYTHONUTF8", "LC_CTYPE")]
    assert len(found["descriptors"]) == 1  # where its answer goes
    assert found["nice"] >= 10


async def test_its_death_refuses_what_it_had_and_serves_the_next(inspector: Inspector) -> None:
    asked = asyncio.create_task(refusal(inspector, does.wait))
    await until(lambda: inspector.under_way)
    assert inspector.pid is not None
    os.kill(inspector.pid, signal.SIGKILL)
    assert await asked == "file_not_examined"
    assert (await inspector.run(does.job(does.echo), b"12"))["length"] == 2


async def test_of_too_many_at_once_the_last_is_told_to_come_again(inspector: Inspector) -> None:
    asked = [asyncio.create_task(inspector.run(does.job(does.wait), b"", client=name)) for name in "abc"]
    await until(lambda: inspector.under_way == 1 and inspector.waiting == 2)
    with pytest.raises(Busy) as busy:
        await inspector.run(does.job(does.echo), b"", client="d")
    assert (busy.value.code, busy.value.retry_after > 0) == ("inspector_busy", True)
    for one in asked:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    assert inspector.waiting == 0


async def test_one_client_cannot_fill_the_queue(inspector: Inspector) -> None:
    asked = [asyncio.create_task(inspector.run(does.job(does.wait), b"", client="a")) for _ in range(2)]
    await until(lambda: inspector.under_way == 1 and inspector.waiting == 1)
    with pytest.raises(Busy):
        await inspector.run(does.job(does.echo), b"", client="a")
    other = asyncio.create_task(inspector.run(does.job(does.echo), b"", client="b"))
    await until(lambda: inspector.waiting == 2)
    for one in (*asked, other):
        one.cancel()
    await asyncio.gather(*asked, other, return_exceptions=True)


async def test_who_goes_away_while_waiting_leaves_the_queue(inspector: Inspector) -> None:
    first = asyncio.create_task(refusal(inspector, does.spin))
    await until(lambda: inspector.under_way)
    second = asyncio.create_task(inspector.run(does.job(does.echo), b""))
    await until(lambda: inspector.waiting)
    second.cancel()
    await until(lambda: not inspector.waiting)
    assert await first == "file_not_examined"
    assert inspector.counts["examined"] == 0


async def test_when_the_department_closes_nothing_of_it_stays() -> None:
    opened = Inspector(ALL)
    asked = asyncio.create_task(opened.run(does.job(does.wait), b""))
    await until(lambda: opened.under_way)
    [child] = await until(lambda: _children(opened.pid))
    await opened.close()
    await until(lambda: not Path(f"/proc/{child}").exists() or _is_dead(child))
    with pytest.raises(Invalid):
        await asked
    with pytest.raises(Unavailable):
        await opened.run(does.job(does.echo), b"")


async def test_what_cannot_be_loaded_is_no_approval() -> None:
    nowhere = Job("nowhere", "tests.nowhere:nothing", does.SMALL)
    opened = Inspector([nowhere])
    with pytest.raises(Invalid):
        await opened.run(nowhere, b"")
    await opened.close()


def _children(pid: int | None) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _is_dead(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


AFTER_A_FORK = """
import asyncio, os, threading, uvloop
from shared.inspection.inspector import Inspector

held = threading.Lock()

async def main():
    held.acquire()  # as by a thread that the new process does not have
    os.register_at_fork(after_in_child=held.acquire)
    inspector = Inspector(())
    await inspector.warm()
    await inspector.close()

uvloop.run(main())
"""


def test_what_libraries_do_after_a_fork_keeps_nobody_waiting() -> None:
    """As OpenTelemetry's does where traces are sent: the department stood still from its start."""
    subprocess.run([sys.executable, "-c", AFTER_A_FORK], check=True, timeout=40)
