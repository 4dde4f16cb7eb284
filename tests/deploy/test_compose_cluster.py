"""The composed stack with three brokers and standbys: laid over compose.yaml, it leaves nothing out."""

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from deploy import known_stack
from deploy.composed.broker import NODES
from deploy.composed.make import make
from deploy.departments import NAMES
from deploy.embedded.nats import nats_binary

ROOT = Path(__file__).parents[2]
BASE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
CLUSTER: dict[str, Any] = yaml.safe_load((ROOT / "compose.cluster.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = CLUSTER["services"]


def test_every_department_has_a_standby_and_an_address_that_names_both() -> None:
    for name in NAMES:
        environment = SERVICES[name]["environment"]
        hosts = f"@{name}-postgres,{name}-standby/{name}?target_session_attrs=read-write"
        assert environment["DATABASE_URL"].endswith(hosts)
        assert SERVICES[f"{name}-migrate"]["environment"]["DATABASE_OWNER_URL"].endswith(hosts)
        assert SERVICES[f"{name}-standby"]["volumes"] == [f"{name}-standby:/var/lib/postgresql"]
        assert environment["STREAM_REPLICAS"] == str(len(NODES))
        assert environment["NATS_URL"].count("nats://") == len(NODES)


def test_what_is_added_is_confined_as_what_was_there() -> None:
    for name, service in SERVICES.items():
        if name in BASE["services"]:
            continue
        like = BASE["services"]["nats" if name in NODES else f"{name.removesuffix('-standby')}-postgres"]
        for entry in (
            "cap_drop",
            "read_only",
            "security_opt",
            "user",
            "group_add",
            "mem_limit",
            "pids_limit",
            "networks",
        ):
            assert service[entry] == like[entry], (name, entry)


def test_its_files_are_there_and_its_volumes_named() -> None:
    for config in CLUSTER["configs"].values():
        assert (ROOT / config["file"]).is_file()
    volumes = {volume.partition(":")[0] for one in SERVICES.values() for volume in one.get("volumes", ())}
    assert {one for one in volumes if not one.startswith("$")} == set(CLUSTER["volumes"])


def test_the_brokers_configuration_is_valid(tmp_path: Path) -> None:
    list(make(tmp_path, "localhost"))
    (tmp_path / "nats.conf").write_bytes((ROOT / "deploy/nats/nats.cluster.conf").read_bytes())
    (tmp_path / "accounts").symlink_to(tmp_path / "secrets/nats")
    checked = subprocess.run(
        [nats_binary(), "-t", "-c", tmp_path / "nats.conf"],
        env={**os.environ, "SERVER_NAME": "nats-2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_tools_find_both_servers_and_all_brokers(tmp_path: Path) -> None:
    described = (ROOT / "deploy/tools/stack.cluster.yaml").read_text("utf-8")
    for line in described.splitlines():
        if "/run/secrets/" in line:
            (tmp_path / line.rpartition("/")[2]).write_text("word")
    (tmp_path / "stack.yaml").write_text(described.replace("/run/secrets", str(tmp_path)))
    found = known_stack.find(tmp_path / "stack.yaml", {})
    assert set(found.departments) == set(NAMES)
    one = found.one("identity")
    assert (
        one.database
        == "postgresql://identity:word@identity-postgres,identity-standby/identity?target_session_attrs=read-write"
    )
    assert one.need_nats().count("nats://") == len(NODES)
