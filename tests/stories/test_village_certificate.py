"""The village's story on one running stack: as it should go, and with each department killed in the middle of it."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.demo.interruption import Interruption, Moment
from deploy.demo.plain import PlainTeller
from deploy.demo.scene import Scene
from deploy.demo.stage import sample_data, staged, who_is_up
from deploy.demo.stories import village_certificate
from deploy.demo.stories.village_cast import Cast
from deploy.demo.stories.village_certificate import Outcome
from deploy.demo.wording import Spoken
from deploy.runner.stack import Stack
from tests.stories import plain_text

SIGN_UP = "/citizens"
APPLY = "/applications"
CONFIRM = "/certificates/{certificate}/revocation/confirm"
APPROVE = "/applications/{application}/approve"
SEND_BACK = "/applications/{application}/send-back"
READ = "/inbox/{notice}/read"


def killed(department: str, route: str, after: int = 0) -> list[Interruption]:
    """Its command is killed under way, and when it is sent again, after it is decided and before it is answered."""
    return [Interruption(department, route, moment, after) for moment in (Moment.under_way, Moment.answered)]


KILLS = {
    # each plays with a tenant of his own: a story begins with somebody who has no account
    "identity": ("乔迁喜", killed("identity", SIGN_UP, after=1)),  # the first answer is to the mistyped number
    "certificates": (
        "郝模样",
        [
            Interruption("certificates", APPLY, Moment.answered),
            *killed("certificates", APPROVE),
            Interruption("certificates", CONFIRM, Moment.answered, after=1),  # the first answer: it takes another
        ],
    ),
    "notification": ("凌试验", [Interruption("notification", SEND_BACK), *killed("notification", READ)]),
}


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """All departments, with the sample data."""
    async with Stack(tmp_path_factory.mktemp("stack"), tell=lambda _: None) as running:
        await running.ready()
        async with staged(running, teller()) as scene:
            await who_is_up(scene, running)
            await sample_data(scene, running)
        yield running


def teller(out: io.StringIO | None = None) -> PlainTeller:
    return PlainTeller(Spoken.both, out or io.StringIO())


@pytest.fixture(scope="module")
async def played(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Scene, Outcome, str]]:
    """The story as it should go, and what was told of it."""
    out = io.StringIO()
    async with staged(stack, teller(out)) as scene:
        folder = tmp_path_factory.mktemp("papers")
        yield scene, await village_certificate.play(scene, Cast.of(stack.secrets), folder), out.getvalue()


async def test_nobody_types_what_a_department_knows(played: tuple[Scene, Outcome, str]) -> None:
    _, outcome, _ = played
    assert set(outcome.kept) == {"name", "id_number", "phone"}
    assert outcome.fields == len(outcome.kept) + len(outcome.typed)


async def test_every_event_is_known_wherever_it_is_taken_in(played: tuple[Scene, Outcome, str]) -> None:
    scene, _, _ = played
    feeds = [event.feed for event in scene.journeys.published]
    assert feeds.count("local.certificates.applications") == 4
    assert feeds.count("local.certificates.lifecycle") == 2
    assert {hop.road for hop in scene.journeys.hops} == {
        "identity → certificates",
        "identity → cases",
        "identity → notification",
        "certificates → notification",
    }


async def test_nobody_can_be_read_in_broker_events_inbox_or_log(
    stack: Stack, played: tuple[Scene, Outcome, str]
) -> None:
    assert await plain_text.found(stack, ["ApplicationSubmitted"]) != [], "what can be read is found"
    assert await plain_text.found(stack, plain_text.words_of_people()) == []


async def test_what_is_told_is_in_both_languages(played: tuple[Scene, Outcome, str]) -> None:
    _, outcome, told = played
    assert outcome.identifier in told
    assert "租户 tenant: 凭验证码注册账户" in told
    assert "stand-in for demonstrations" in told
    assert "\x1b" not in told  # no control codes


async def test_the_folder_holds_what_was_checked(played: tuple[Scene, Outcome, str]) -> None:
    _, outcome, told = played
    assert str(outcome.paper.file) in told
    assert {one.name for one in outcome.paper.folder.iterdir()} == {
        "certificate.pdf",
        "certificate-altered.pdf",
        "qr.txt",
        "trust",
    }
    command = ["check", str(outcome.paper.file), "--trust", str(outcome.paper.trust)]
    assert (await asyncio.to_thread(CliRunner().invoke, app, command)).output.startswith("ended: ")


@pytest.mark.parametrize("department", KILLS)
async def test_a_department_killed_in_the_middle_changes_nothing(stack: Stack, department: str, tmp_path: Path) -> None:
    tenant, interruptions = KILLS[department]
    before = stack.pids[department]
    async with staged(stack, teller(), interruptions) as scene:
        outcome = await village_certificate.play(scene, Cast.of(stack.secrets, tenant), tmp_path)
        assert stack.pids[department] != before
        certificates = (await outcome.tenant.get("certificates", "/certificates")).must()["certificates"]
        applications = (await outcome.tenant.get("certificates", "/applications")).must()["applications"]
        notices = (await outcome.tenant.get("notification", "/inbox")).must()["notices"]
    assert [one["identifier"] for one in certificates] == [outcome.identifier]
    assert [one["application"] for one in applications] == [str(outcome.application)]
    assert len({one["template"] for one in notices}) == len(notices) == 5
