"""How a story is told, and what the client does when a department does not answer. No stack is started."""

import io
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.demo.departments import connected
from deploy.demo.exchange import Exchange
from deploy.demo.expectations import Unmet, expect, expect_in
from deploy.demo.interruption import Interrupting, Interruption
from deploy.demo.journeys import Hop, Published
from deploy.demo.live import LiveTeller
from deploy.demo.performance import log_tail
from deploy.demo.plain import PlainTeller
from deploy.demo.teller import Teller, Told
from deploy.demo.wording import Spoken
from shared.standards.text import Text

TENANT = Text("租户", "tenant")
APPLIES = Exchange("certificates", "POST", "/applications", 201, 12.3, 2, (), {})
HOP = Hop(Published("local.certificates.applications", 1), "notification", 7.25)
TOLD = Told(TENANT, Text("提交申请", "applies"), APPLIES, (HOP,))
LATE = Unmet(Text("申请状态", "status"), "issued", "in_review", "certificates")


def tell_all(teller: Teller) -> None:
    with teller:
        teller.chapter(Text("申请", "Applying"))
        for _ in range(30):
            teller.told(TOLD)
        teller.broken(LATE, '{"event": "request"}')


@pytest.mark.parametrize(
    ("spoken", "there", "absent"),
    [("zh", "提交申请", "applies"), ("en", "applies", "提交申请"), ("both", "applies", None)],
)
def test_a_step_is_told_in_the_language_asked_for(spoken: str, there: str, absent: str | None) -> None:
    out = io.StringIO()
    tell_all(PlainTeller(Spoken(spoken), out))
    lines = out.getvalue()
    assert there in lines
    assert absent is None or absent not in lines
    assert "POST certificates /applications 201 12 ms (2 tries)" in lines
    assert "certificates.applications #1 → notification 7.2 ms" in lines
    assert "\x1b" not in lines


def test_a_broken_expectation_tells_what_was_expected_what_came_and_the_log() -> None:
    out = io.StringIO()
    tell_all(PlainTeller(Spoken.en, out))
    end = out.getvalue().splitlines()[-4:]
    assert [line.strip() for line in end] == [
        "expected: issued",
        "came: in_review",
        "certificates.log:",
        '{"event": "request"}',
    ]


def test_a_table_longer_than_the_terminal_is_whole_in_the_end() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, height=12, highlight=False)
    tell_all(LiveTeller(Spoken.en, console))
    last = out.getvalue().rpartition("what happened")[2]
    assert last.count("notification 7.2 ms") == 30
    assert "expected: issued" in last


def test_expectations_that_do_not_hold_are_raised() -> None:
    expect("certificates", TENANT, 1, 1)
    with pytest.raises(Unmet):
        expect("certificates", TENANT, 1, 2)
    with pytest.raises(Unmet):
        expect_in("certificates", TENANT, "a", "b")
    with pytest.raises(Unmet, match="expected 200, came '201'"):
        APPLIES.must(200)


async def test_a_command_keeps_its_key_through_every_try() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            raise httpx.ConnectError("away")
        return httpx.Response(503 if len(keys) == 2 else 201, json={})

    async with connected({"certificates": "http://department"}, httpx.MockTransport(answer)) as departments:
        exchange = await departments["certificates"].post("/applications", {})
        other = await departments["certificates"].post("/applications", {})
    assert (exchange.status, exchange.tries, other.tries) == (201, 3, 1)
    assert keys[0] == keys[1] == keys[2] != keys[3]


async def test_an_interruption_whose_moment_never_comes_stays_ahead() -> None:
    killed: list[Interruption] = []
    never = Interruption("identity", "/citizens")
    async with Interrupting([never], killed.append) as transport:
        assert transport.ahead == (never,)
    assert killed == []


def test_the_log_is_told_without_our_own_looking_on(tmp_path: Path) -> None:
    (tmp_path / "identity").mkdir()
    (tmp_path / "identity" / "identity.log").write_text(
        '{"route":"/received/{feed}/{sequence}"}\n{"route":"/citizens"}\n'
    )
    assert log_tail(tmp_path, "identity") == '{"route":"/citizens"}'
    assert log_tail(tmp_path, "certificates") == ""


def test_a_department_that_does_not_exist_cannot_be_killed() -> None:
    result = CliRunner().invoke(app, ["demo", "--kill", "nobody"])
    assert result.exit_code == 2
    assert "nobody" in result.output


def test_a_story_is_not_played_over_a_stack_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text("{}")
    result = CliRunner().invoke(app, ["demo", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["stack.json"]
