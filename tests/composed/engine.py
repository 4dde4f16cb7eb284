"""The engine's own command lines, `docker` and `docker compose`."""

import asyncio
import json
import os
import shlex
from pathlib import Path
from typing import Any


class Failed(AssertionError):
    """A command ended with another code than 0; the message holds what it said."""


class Engine:
    """`DOCKER` and `COMPOSE_OPTIONS` in the environment say how to reach it. Its own environment goes on to it."""

    def __init__(self, directory: Path) -> None:
        self.secrets = directory / "secrets"
        self._docker = shlex.split(os.environ.get("DOCKER", "docker"))
        self._options = shlex.split(os.environ.get("COMPOSE_OPTIONS", f"--env-file {directory / '.env'}"))

    async def docker(self, *arguments: str, **environment: str) -> str:
        """Its standard output. Failed: see there."""
        process = await asyncio.create_subprocess_exec(
            *self._docker,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **environment},
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            tail = err.decode(errors="replace")[-2000:]
            raise Failed(f"docker {shlex.join(arguments)}: {process.returncode}\n{out.decode()[-2000:]}\n{tail}")
        return out.decode()

    async def compose(self, *arguments: str, **environment: str) -> str:
        return await self.docker("compose", *self._options, *arguments, **environment)

    async def tool(self, *arguments: str) -> str:
        """`tongban …` in the tools container. Failed: it ended with another code than 0."""
        return await self.compose("run", "--rm", "--no-TTY", "--quiet-pull", "tools", *arguments)

    async def containers(self) -> dict[str, dict[str, Any]]:
        """What the engine knows of each container, by service; jobs that have ended are among them."""
        ids = (await self.compose("ps", "--all", "--quiet")).split()
        known = json.loads(await self.docker("inspect", *ids))
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in known}

    async def is_healthy(self, service: str) -> bool:
        state = (await self.containers())[service]["State"]
        return bool(state["Running"] and state["Health"]["Status"] == "healthy")
