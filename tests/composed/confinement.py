"""What each container may do, as the engine knows it, and as whom it runs."""

from typing import Any

from deploy.names import NAMES
from tests.composed.engine import Engine

SECRETS_PUBLIC = {"identity-providers", "gateway-certificate"}


async def check_confinement(engine: Engine) -> None:
    """AssertionError names the container."""
    containers = await engine.containers()
    running = {service: one for service, one in containers.items() if one["State"]["Running"]}
    processes = 0
    for service, one in running.items():
        rows = (await engine.docker("top", one["Id"], "-eo", "pid,uid,comm")).splitlines()[1:]
        owners = {row.split()[1] for row in rows}
        assert rows, f"{service} has no process"
        assert "0" not in owners, f"{service} runs as root: {rows}"
        processes += len(rows)
    for service, one in containers.items():
        host = one["HostConfig"]
        assert host["ReadonlyRootfs"], f"{service} may write its root"
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert not host["Privileged"], service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert host["Memory"] > 0, f"{service} may take all memory"
        assert host["NanoCpus"] > 0, service
        assert host["PidsLimit"] > 0, service
        assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "5"}}, service
    await _check_secrets(engine, containers)
    print(f"  {len(containers)} containers: read-only roots, no capabilities, limits")
    print(f"  {processes} processes, none of them root's")


async def _check_secrets(engine: Engine, containers: dict[str, dict[str, Any]]) -> None:
    secrets = {
        path.name: path.read_text()
        for path in engine.secrets.iterdir()
        if path.is_file() and path.name not in SECRETS_PUBLIC and path.stat().st_size
    }
    for service, one in containers.items():
        told = str(one["Config"]) + str(one["HostConfig"]) + str(one["Args"])
        seen = [name for name, secret in secrets.items() if secret in told or secret.replace("\n", "\\n") in told]
        assert not seen, f"the engine tells of {service} whoever asks: {seen}"
    for name in NAMES:
        mounts = {mount["Destination"] for mount in containers[name]["Mounts"]}
        assert f"/run/secrets/{name}-app-password" in mounts
        assert not [one for one in mounts if "owner" in one or "postgres" in one], f"{name} holds another's login"
        assert not [one for one in containers[name]["Config"]["Env"] if "OWNER" in one]
        job = containers[f"{name}-migrate"]["State"]
        assert (job["Status"], job["ExitCode"]) == ("exited", 0), f"{name}-migrate: {job}"
    print("  no secret in any container's description; who serves holds no owner's login")
