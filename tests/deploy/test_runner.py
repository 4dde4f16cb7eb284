"""A whole stack, run as a person would: it comes up, mends itself, and keeps what it was told."""

import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.departments import NAMES
from deploy.embedded.claim import any_alive
from deploy.embedded.errors import InUse
from deploy.embedded.ports import is_free
from deploy.names import PLACES
from deploy.runner import stack_file
from deploy.runner.stack import Stack
from deploy.secrets import StackSecrets
from deploy.seed.marry import marry
from deploy.seed.plant import Planted, plant
from deploy.seed.plant_seals import plant_seals
from deploy.seed.samples import sample_marriages, sample_people, sample_staff
from tests.deploy.terminal import Running, departments, tongban, up
from tests.until import until


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack") / "data"


@pytest.fixture(scope="module")
def base() -> int:
    """The first of as many free ports as a stack needs. By chance: other tests may be looking for some as well."""
    for base in random.sample(range(20_000, 32_000), 1000):
        if all(is_free(port) for port in range(base, base + len(PLACES))):
            return base
    raise AssertionError(f"no {len(PLACES)} consecutive ports are free")


@pytest.fixture(scope="module")
async def stack(data_dir: Path, base: int) -> AsyncIterator[Running]:
    """All departments, with sample data, at ports given. For the tests before the first that uses `later`."""
    async with up(data_dir, "--seed", "--ports", str(base)) as running:
        yield running


@dataclass(frozen=True)
class Later:
    """identity alone, on what a killed runner left."""

    runner: Running
    before: list[psutil.Process]  # what the killed runner had started


@pytest.fixture(scope="module")
async def later(stack: Running, data_dir: Path) -> AsyncIterator[Later]:
    before = stack.family()
    stack.process.kill()
    await stack.process.wait()
    async with up(data_dir, "--only", "identity") as running:
        yield Later(running, before)


async def sign_in(address: str, data_dir: Path, login: str) -> int:
    """The status of the answer."""
    credentials = {"login": login, "password": StackSecrets(data_dir).staff_password(login)}
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        return (await client.post("/staff/sign-in", json=credentials)).status_code


async def is_ready(data_dir: Path) -> bool:
    return all(one.is_ready for one in (await departments(data_dir)).values())


async def without_trouble(data_dir: Path) -> bool:
    return not any(one.troubles for one in (await departments(data_dir)).values())


async def test_every_department_is_ready_and_says_where_it_is(stack: Running, data_dir: Path, base: int) -> None:
    await until(lambda: without_trouble(data_dir), what="every department has its broker")
    code, output, _ = await tongban("status", "--json", "--data", data_dir)
    said = json.loads(output)
    assert (code, said["is_ready"], said["is_well"]) == (0, True, True)
    addresses = {one["department"]: one["address"] for one in said["departments"]}
    assert addresses == {name: f"http://127.0.0.1:{base + PLACES.index(name)}" for name in NAMES}
    assert stack.address == addresses[NAMES[0]]
    assert all(address in stack.told for address in addresses.values())


async def test_departments_stay_within_their_permissions(stack: Running, data_dir: Path) -> None:
    await until(lambda: without_trouble(data_dir), what="every department has its broker")
    assert "Violation" not in (data_dir / "nats" / "nats-server.log").read_text()


async def test_the_sample_staff_can_sign_in_and_seeding_again_changes_nothing(stack: Running, data_dir: Path) -> None:
    assert f"{len(sample_staff())} staff appointed, {len(sample_people())} people entered" in stack.told
    assert "tayuanzhuang.reviewer" in stack.told
    assert await sign_in(stack.address, data_dir, "tayuanzhuang.reviewer") == 200
    again = await plant(stack.address, StackSecrets(data_dir), sample_staff(), sample_people())
    assert again == Planted(appointed=0, entered=0)
    people, marriages = sample_people(), sample_marriages()
    assert f"{len(marriages)} marriages recorded" in stack.told
    assert await marry(stack.address, StackSecrets(data_dir), sample_staff(), people, marriages) == 0


async def test_sample_reviewers_and_bodies_can_sign_and_seeding_again_makes_no_second_seal(
    stack: Running, data_dir: Path
) -> None:
    addresses = stack_file.read(data_dir).addresses
    async with httpx.AsyncClient(base_url=addresses["certificates"], trust_env=False) as client:
        seals = (await client.get("/seals", params={"limit": 100})).json()["seals"]
        assert f"{len(seals)} seals and signatures registered" in stack.told
        assert {one["status"] for one in seals} == {"in_use"}
        assert {"塔元庄村村民委员会", "审有民"} <= {one["owner_name"].split("正定镇")[-1] for one in seals}
        assert await plant_seals(addresses, StackSecrets(data_dir), sample_staff()) == 0
        assert len((await client.get("/seals", params={"limit": 100})).json()["seals"]) == len(seals)


async def test_every_department_is_witnessed_by_the_others(stack: Running, data_dir: Path) -> None:
    async def witnessed() -> bool:
        code, table, _ = await tongban("verify", "identity", "--data", data_dir)
        return code == 0 and "certificates" in table and "notification" in table  # named where they hold something

    await until(witnessed, timeout=30, what="the neighbours hold identity's ledger")


async def test_a_killed_department_comes_back_at_its_address(stack: Running, data_dir: Path) -> None:
    killed = next(one for one in stack.family() if one.cmdline()[-1:] == ["services.identity"])
    killed.kill()
    await until(lambda: "identity runs again" in stack.told, timeout=30, what="it runs again")
    assert not any_alive([killed])
    await until(lambda: is_ready(data_dir), what="every department is ready again")


async def test_a_killed_broker_comes_back_too(stack: Running, data_dir: Path) -> None:
    next(one for one in stack.family() if one.name() == "nats-server").kill()
    await until(lambda: "nats runs again" in stack.told, what="it runs again")
    await until(lambda: without_trouble(data_dir), what="every department is back on the road")


async def test_a_second_runner_leaves_the_stack_alone(stack: Running, data_dir: Path) -> None:
    with pytest.raises(InUse):
        async with Stack(data_dir):
            pytest.fail("two runners keep the same departments")
    assert await is_ready(data_dir)


async def test_secrets_are_readable_by_their_owner_only(stack: Running, data_dir: Path) -> None:
    for name in (
        "secrets.json",
        "signing-key.pem",
        "key-master.txt",
        "key-master-identity.txt",
        "ledger-key-identity.pem",
        "stack.json",
        "identity/identity.log",
        "nats/nats.conf",
        "nats/accounts.conf",
    ):
        assert (data_dir / name).stat().st_mode & 0o077 == 0, name
    assert data_dir.stat().st_mode & 0o077 == 0


async def test_after_a_killed_runner_the_next_one_finds_all_as_it_was(
    stack: Running, later: Later, data_dir: Path
) -> None:
    await until(lambda: not any_alive(later.before), what="nothing of the killed one runs on")
    assert later.runner.address == stack.address
    assert await sign_in(later.runner.address, data_dir, "tayuanzhuang.reviewer") == 200


async def test_another_runner_joins_and_leaves_without_disturbing_the_first(later: Later, data_dir: Path) -> None:
    async with up(data_dir, "--only", "notification") as second:
        assert "nats: using the one that another runner started" in second.told
        servers = {one.name() for one in second.family()}
        assert not servers & {"nats-server", "postgres"}
        assert (await departments(data_dir))["notification"].is_ready
    code, table, _ = await tongban("status", "--data", data_dir)
    lines = {line.split()[0]: line for line in table.splitlines()}
    assert code == 1
    assert "does not answer" in lines["notification"]
    assert "yes" in lines["identity"]


async def test_ctrl_c_stops_everything_and_is_no_failure(later: Later) -> None:
    family = later.runner.family()
    assert any_alive(family)
    assert await later.runner.interrupt() == (0, "")  # nothing more on standard output than the ready line
    assert not any_alive(family)
    assert later.runner.told.rstrip().endswith("stopping")
