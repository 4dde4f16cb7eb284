"""A real nginx with the shipped configuration, before a department that tells what reached it."""

import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar.types import Receive, Scope, Send

from deploy.composed.environment import TRIAL_DOMAIN, host_names
from deploy.embedded.ports import free_port
from deploy.gateway_problems import FOLDER
from deploy.trial_certificate import trial_certificate
from tests.until import until

HOST = f"identity.{TRIAL_DOMAIN}"


def nginx_binary() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class Gateway:
    """Where it listens, and the certificate that is to be trusted."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.https, self.http, self.health = free_port(), free_port(), free_port()
        self.certificate = home / "certificate.pem"

    @property
    def log(self) -> str:
        return (self.home / "access.log").read_text("utf-8")

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)

    def client(self, host: str = HOST, **headers: str) -> httpx.AsyncClient:
        """Speaks to the gateway as to `host`."""
        return httpx.AsyncClient(
            base_url=f"https://127.0.0.1:{self.https}",
            headers={"host": host, "accept-language": "en", **headers},
            transport=Named(self.tls, host),
            timeout=30,
        )

    def write(self, department: int, changes: Mapping[str, str]) -> Path:
        """The shipped configuration with this machine's places, and `changes`; each must be found in it."""
        certificate, key = trial_certificate(host_names(TRIAL_DOMAIN))
        self.certificate.write_bytes(certificate)
        (self.home / "key.pem").write_bytes(key)
        files = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.conf")}
        here = {
            "/run/secrets/gateway-certificate": str(self.certificate),
            "/run/secrets/gateway-key": str(self.home / "key.pem"),
            "/tmp/gateway": str(self.home / "gateway"),
            "/dev/stdout": str(self.home / "access.log"),
            "listen 8443": f"listen 127.0.0.1:{self.https}",
            "listen 8080": f"listen 127.0.0.1:{self.http}",
            "127.0.0.1:8081": f"127.0.0.1:{self.health}",
            "http://$department:8080": f"http://127.0.0.1:{department}",
            "worker_processes auto": "worker_processes 1",
            "worker_rlimit_nofile 20000;": "",
            "worker_connections 8192": "worker_connections 512",
        }
        for old, new in {**here, **changes}.items():
            assert any(old in text for text in files.values()), f"the configuration has no {old}"
            files = {name: text.replace(old, new) for name, text in files.items()}
        for name, text in files.items():
            (self.home / name).write_text(text, "utf-8")
        return self.home / "nginx.conf"


class Named(httpx.AsyncHTTPTransport):
    """Asks for the certificate of `host`, whatever address it connects to."""

    def __init__(self, tls: ssl.SSLContext, host: str) -> None:
        super().__init__(verify=tls)
        self._host = host

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = self._host
        return await super().handle_async_request(request)


@asynccontextmanager
async def gateway(
    home: Path, changes: Mapping[str, str] | None = None, *, away: bool = False
) -> AsyncIterator[Gateway]:
    """nginx with a department behind it; `away`: the department does not answer."""
    binary = nginx_binary()
    assert binary is not None
    made = Gateway(home)
    async with department() as port:
        configuration = made.write(free_port() if away else port, changes or {})
        command = [binary, "-e", "stderr", "-c", str(configuration)]
        # a worker of root's is root: the folders of pytest are closed to others
        command += ["-g", "daemon off; user root;" if home.owner() == "root" else "daemon off;"]
        with (home / "errors.log").open("wb") as errors:
            process = subprocess.Popen(command, stderr=errors)
        try:
            await until(lambda: _answers(made), what="nginx answers")
            yield made
        finally:
            process.terminate()
            process.wait(30)


async def _answers(made: Gateway) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{made.health}/")).status_code == 204
    except httpx.TransportError:
        return False


@asynccontextmanager
async def department(status: int = 200) -> AsyncIterator[int]:
    """The port of an application that answers with the path, the headers and the size of the body that reached it."""
    config = uvicorn.Config(
        partial(_tell, status), port=0, interface="asgi3", ws="none", lifespan="off", log_config=None
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.force_exit = True
        await server.shutdown()


async def _tell(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    size, more = 0, True
    while more:
        message: Any = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    body = json.dumps({"path": scope["path"], "headers": headers, "size": size}).encode()
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body, "more_body": False})
