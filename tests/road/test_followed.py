"""Departments follow a sharing catalogue that was checked and taken by the broker, not one that was merely saved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.road import file, work
from deploy.road.work import password_file
from deploy.runner.stack import Stack
from deploy.sharing import SHARING_FILE
from shared.contracts.errors import Misconfigured

SHIPPED = SHARING_FILE.read_text("utf-8")
LESS = SHIPPED.replace("subscribers: [certificates, notification, cases]", "subscribers: [certificates, cases]")
MISSPELT = SHIPPED.replace("subscribers: [certificates, notification, cases]", "subscribers: [certifcates, cases]")
ROW = "subscribers: [certificates, insurance, cases]"
MEMBERS = ("identity", "certificates", "notification", "insurance", "cases")


@dataclass(frozen=True)
class Road:
    saved: Path
    directory: Path
    passwords: Path
    server: Nats

    @property
    def followed(self) -> str:
        return (self.directory / "sharing.yaml").read_text("utf-8")

    async def apply(self) -> list[str]:
        return await work.apply(self.directory, self.saved, self.directory, self.passwords, [self.server.url()])


@pytest.fixture
async def road(tmp_path: Path) -> AsyncIterator[Road]:
    saved, directory, passwords = tmp_path / "own.yaml", tmp_path / "road", tmp_path / "passwords"
    saved.write_text(SHIPPED, "utf-8")
    passwords.mkdir()
    for login in ("sys", *MEMBERS):
        (passwords / password_file(login, "local")).write_text(f"a-password-of-32-characters-of-{login}")
    work.write(directory, saved, directory, passwords)
    server = Nats(tmp_path / "nats", free_port(), accounts_file=directory / file.NAME)
    await server.start()
    yield Road(saved, directory, passwords, server)
    await server.stop()


async def test_what_is_saved_moves_nobody_until_it_is_applied(road: Road) -> None:
    assert road.followed == SHIPPED
    road.saved.write_text(LESS, "utf-8")
    assert road.followed == SHIPPED
    assert await road.apply()
    assert road.followed == LESS


async def test_a_slip_of_the_pen_is_refused_and_not_followed(road: Road) -> None:
    road.saved.write_text(MISSPELT, "utf-8")
    with pytest.raises(Misconfigured, match="not on the road"):
        await road.apply()
    assert road.followed == SHIPPED


async def test_what_no_broker_has_taken_is_not_followed(road: Road) -> None:
    road.saved.write_text(LESS, "utf-8")
    await road.server.stop()
    with pytest.raises(Exception, match="broker"):
        await road.apply()
    assert road.followed == SHIPPED


async def test_a_second_runner_takes_what_the_running_broker_took(tmp_path: Path) -> None:
    saved = tmp_path / "own.yaml"
    saved.write_text(SHIPPED, "utf-8")
    told: list[str] = []

    def settled() -> str:
        Stack(tmp_path / "data", sharing_file=saved, tell=told.append)._settle()
        return (tmp_path / "data" / "nats" / "sharing.yaml").read_text("utf-8")

    assert settled() == SHIPPED
    first = Stack(tmp_path / "data", tell=told.append)
    first._settle()
    await first.nats.start()
    try:
        saved.write_text(LESS, "utf-8")
        assert settled() == SHIPPED
    finally:
        await first.nats.stop()
    assert told == [f"{saved} was changed since the broker took it: run `tongban road apply`"]
    assert settled() == LESS


async def test_other_fields_for_a_subscriber_are_told(road: Road) -> None:
    road.saved.write_text(SHIPPED.replace(ROW, f"{ROW}\n    fields: {{cases: [name]}}", 1), "utf-8")
    told = ["local.cases is given of local.identity.people: name"]
    assert work.differences(road.directory, road.saved, road.directory, road.passwords) == told
    assert await road.apply() == told
    road.saved.write_text(SHIPPED, "utf-8")
    assert await road.apply() == ["local.cases is given of local.identity.people: all fields"]
