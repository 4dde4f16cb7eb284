"""The parts a runner is made of, without a stack."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest

from deploy.cli.up import _until_ready
from deploy.departments import DEPARTMENTS, NAMES, Department
from deploy.embedded.errors import ServerFailed, TooSlow
from deploy.embedded.ports import free_port, is_free
from deploy.embedded.process import ServerProcess
from deploy.names import PLACES
from deploy.runner import stack_file
from deploy.runner.department_process import DepartmentProcess
from deploy.runner.errors import NotReady, PortTaken, StackError
from deploy.runner.given import Given
from deploy.runner.kept import Kept
from deploy.runner.readiness import wait_until_ready
from deploy.runner.stack import Stack
from deploy.secrets import StackSecrets
from deploy.seed.samples import sample_marriages, sample_people, sample_staff
from shared.contracts.identity import Role
from shared.standards import divisions
from tests.until import until


class Fake:
    """A server that fails to start as often as told."""

    pid = 1

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.starts = 0
        self.is_running = False

    async def start(self) -> None:
        self.starts += 1
        if self.starts > 1 and self.failures:
            self.failures -= 1
            raise ServerFailed("it will not")
        self.is_running = True

    async def stop(self) -> None:
        self.is_running = False

    def kill(self) -> None:
        self.is_running = False


async def test_what_ends_is_started_again_until_it_runs_and_every_try_is_told() -> None:
    told: list[str] = []
    fake = Fake(failures=2)
    kept = Kept("fake", fake, told.append)
    async with asyncio.TaskGroup() as group:
        await kept.start(group)
        fake.kill()
        await until(lambda: fake.is_running, what="it runs again")
        await kept.stop()
    assert fake.starts == 4
    assert [line.split(";")[0] for line in told] == [
        *["fake ended", "it will not"] * 2,
        "fake ended",
        "fake runs again",
    ]


async def test_what_was_stopped_stays_stopped() -> None:
    fake = Fake()
    kept = Kept("fake", fake, print)
    async with asyncio.TaskGroup() as group:
        await kept.start(group)
        await kept.stop()
    # the group ends only when the keeper has
    assert (fake.starts, fake.is_running) == (1, False)


async def test_a_first_start_that_fails_is_not_tried_again() -> None:
    fake = Fake(failures=1)
    fake.starts = 1
    async with asyncio.TaskGroup() as group:
        with pytest.raises(ServerFailed):
            await Kept("fake", fake, print).start(group)
    assert fake.starts == 2


class Slow(Fake):
    """Does not answer in time at its first start."""

    async def start(self) -> None:
        await super().start()
        if self.starts == 1:
            self.is_running = False
            raise TooSlow("it was not ready after 60 s")


async def test_what_is_slow_at_first_is_told_and_started_again() -> None:
    told: list[str] = []
    fake = Slow()
    kept = Kept("fake", fake, told.append)
    async with asyncio.TaskGroup() as group:
        assert not await kept.start_patiently(group)
        await until(lambda: fake.is_running, what="it runs")
        await kept.stop()
    assert [line.split(";")[0] for line in told] == ["it was not ready after 60 s", "fake ended", "fake runs again"]


async def test_a_server_that_does_not_answer_in_time_is_ended(tmp_path: Path) -> None:
    process = ServerProcess(["/bin/sleep", "60"], home=tmp_path, directory=tmp_path)

    async def answers() -> bool:
        return False

    with pytest.raises(TooSlow, match=r"sleep was not ready after 0\.1 s"):
        await process.start(prepare=lambda: None, is_ready=answers, timeout=0.1)
    assert not process.is_running


async def test_an_end_before_all_were_ready_is_a_failure(tmp_path: Path) -> None:
    class Waiting(Stack):
        async def ready(self, timeout: float | None = 60.0) -> None:
            await asyncio.Event().wait()

    waiting = asyncio.create_task(_until_ready(Waiting(tmp_path)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(NotReady, match="ended before every department was ready"):
        await waiting


async def test_ports_of_a_start_that_failed_are_not_kept(tmp_path: Path) -> None:
    before = stack_file.write(tmp_path, None, 21_000).ports
    base = next(port for port in range(22_000, 30_000, 50) if is_free(port + PLACES.index("nats")))
    with socket.create_server(("127.0.0.1", base + PLACES.index("nats"))), pytest.raises(ServerFailed):
        async with Stack(tmp_path, base_port=base, only={"identity"}, tell=lambda _: None):
            raise AssertionError("it has started")
    assert stack_file.ports_kept(tmp_path) == before


def test_ports_are_found_once_and_kept(tmp_path: Path) -> None:
    first = stack_file.write(tmp_path, None, None)
    assert set(first.ports) == set(PLACES)
    assert len(set(first.ports.values())) == len(PLACES)
    assert stack_file.write(tmp_path, None, None) == first == stack_file.read(tmp_path)


def test_a_base_sets_the_ports_anew_and_they_are_kept_too(tmp_path: Path) -> None:
    stack_file.write(tmp_path, None, None)
    moved = stack_file.write(tmp_path, None, 21_000)
    assert list(moved.ports.values()) == list(range(21_000, 21_000 + len(PLACES)))
    assert stack_file.write(tmp_path, None, None).ports == moved.ports


def test_departments_asked_for_one_by_one_add_up(tmp_path: Path) -> None:
    assert stack_file.write(tmp_path, ["notification"], None).departments == ("notification",)
    assert stack_file.write(tmp_path, ["identity"], None).departments == ("identity", "notification")
    assert stack_file.write(tmp_path, None, None).departments == NAMES


async def test_a_department_does_not_start_where_another_program_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = DepartmentProcess(DEPARTMENTS[0], tmp_path, port, {})
        with pytest.raises(PortTaken, match=f"another program uses port {port}, where identity should be"):
            await process.start()


async def test_of_a_department_that_ends_at_once_the_log_is_shown(tmp_path: Path) -> None:
    process = DepartmentProcess(Department("weather"), tmp_path, free_port(), {})
    with pytest.raises(ServerFailed) as failure:
        await process.start()
    assert "weather.log" in str(failure.value)
    assert "No module named services.weather" in str(failure.value)


async def test_who_does_not_become_ready_is_named() -> None:
    with pytest.raises(NotReady, match=r"not ready within 1 s: identity \(does not answer\)"):
        await wait_until_ready({"identity": "http://127.0.0.1:9"}, 1, print)


def test_a_given_broker_is_for_one_department_only(tmp_path: Path) -> None:
    given = Given.by({"NATS_URL": "nats://certificates:secret@somewhere", "DATABASE_URL": ""})
    assert given == Given(nats_url="nats://certificates:secret@somewhere")
    Stack(tmp_path, only={"certificates"}, given=given)
    for only in (None, {"certificates", "identity"}):
        with pytest.raises(StackError, match="--only"):
            Stack(tmp_path, only=only, given=given)


def test_secrets_once_made_stay(tmp_path: Path) -> None:
    secrets = StackSecrets(tmp_path)

    def made(*departments: str) -> tuple[object, ...]:
        secrets.make_logins(departments)
        for name in departments:
            secrets.make_ledger_key(name)
            secrets.make_key_master(name)
        for make in (
            secrets.make_register_secret,
            secrets.make_signing_key,
            secrets.make_stand_in,
        ):
            make()
        files = (
            secrets.signing_key_file,
            secrets.key_master_file("identity"),
            secrets.stand_in_key_file,
            secrets.ledger_key_file("identity"),
        )
        files_read = [file.read_bytes() for file in files]
        return secrets.register_secret_if_made, secrets.nats_password("identity"), *files_read

    before = made("identity")
    assert made("identity", "notification") == before
    assert len({secrets.ledger_key_file(name).read_bytes() for name in ("identity", "notification")}) == 2
    assert secrets.nats_password("notification") != secrets.nats_password("identity")


def test_sample_people_live_where_a_sample_registrar_serves_and_bear_numbers_nobody_has() -> None:
    registrars = [one for one in sample_staff() if Role.registrar in one.roles]
    people = sample_people()
    for one in people:
        assert sum(divisions.is_within(one.division, registrar.division) for registrar in registrars) >= 1, one.name
    assert len({one.id_number for one in people}) == len(people) >= 10
    # 996 to 999 are kept for people over a hundred years old
    assert all(int(one.id_number[14:17]) >= 996 and one.id_number.birth_date.year > 1930 for one in people)


def test_sample_couples_are_sample_people() -> None:
    known = {one.id_number for one in sample_people()}
    for one in sample_marriages():
        assert {one.husband_id_number, one.wife_id_number} <= known


def test_two_villages_and_their_township_have_a_sample_reviewer() -> None:
    reviewed = {one.division for one in sample_staff() if Role.reviewer in one.roles}
    assert reviewed == {"130123100242", "130123100240", "130123100000"}
    assert sorted(divisions.get(code).level for code in reviewed) == ["township", "village", "village"]


def test_every_role_can_be_tried_with_the_sample_staff() -> None:
    assert {role for one in sample_staff() for role in one.roles} == set(Role) - {
        Role.administrator
    }  # there is one from the start


def test_sample_staff_bear_made_up_numbers_and_an_operator_runs_each_department() -> None:
    staff = sample_staff()
    assert all(int(one.id_number[14:17]) >= 996 for one in staff)
    assert {one.department for one in staff if Role.operator in one.roles} == set(NAMES)


async def test_what_did_not_start_is_called_by_its_own_name(tmp_path: Path) -> None:
    """And not by that of the interpreter, which all departments have."""
    process = ServerProcess([sys.executable, "-c", "raise SystemExit(2)"], home=tmp_path, directory=tmp_path)
    process.log = tmp_path / "cases.log"

    async def never() -> bool:
        return False

    with pytest.raises(ServerFailed, match=r"^cases ended while starting; the end of "):
        await process.start(prepare=lambda: None, is_ready=never, timeout=20)
