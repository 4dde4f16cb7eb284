"""Asks a composed stack what a stranger and its first administrator would.

`python -m tests.composed ENV_FILE CERTIFICATE`, where its ports 80 and 443 are on loopback.
"""

import asyncio
import ssl
import sys
from pathlib import Path

import httpx

from deploy.compose_environment import TRIAL_DOMAIN
from deploy.departments import NAMES
from tests.deploy.nginx import Named
from tests.until import until

THIS_MACHINE = "127.0.0.1"


def read(env_file: Path) -> dict[str, str]:
    lines = [line for line in env_file.read_text("utf-8").splitlines() if not line.startswith("#")]
    values = (line.partition("=") for line in lines)
    return {name: value.strip('"').replace("\\n", "\n") for name, _, value in values}


def client(certificate: Path, department: str) -> httpx.AsyncClient:
    """Speaks to a department through the gateway, whose certificate must be this one."""
    host = f"{department}.{TRIAL_DOMAIN}"
    tls = ssl.create_default_context(cafile=certificate)
    return httpx.AsyncClient(
        base_url=f"https://{THIS_MACHINE}", headers={"host": host}, transport=Named(tls, host), timeout=30
    )


async def check(told: dict[str, str], certificate: Path) -> None:
    """AssertionError: something is not as it should be."""
    for name in NAMES:
        async with client(certificate, name) as department:

            async def ready(department: httpx.AsyncClient = department) -> bool:
                answer = await department.get("/health/ready")
                return answer.status_code == 200 and answer.json()["broker_connected"]

            await until(ready, timeout=60, every=0.5, what=f"{name} is ready, the broker too")
        print(f"  {name} is ready")
    async with httpx.AsyncClient(base_url=f"http://{THIS_MACHINE}") as plain:
        answer = await plain.get("/check", headers={"host": f"certificates.{TRIAL_DOMAIN}"})
        assert answer.headers["location"] == f"{told['CERTIFICATES_PUBLIC_URL']}/check", answer.headers
    async with client(certificate, "certificates") as certificates:
        issuer = (await certificates.get("/.well-known/jwt-vc-issuer")).json()["issuer"]
        assert issuer == told["CERTIFICATES_PUBLIC_URL"], issuer
    print("  credentials name an address that leads here")
    credentials = {"login": told["FIRST_ADMINISTRATOR_LOGIN"], "password": told["FIRST_ADMINISTRATOR_PASSWORD"]}
    async with client(certificate, "identity") as identity:
        answer = await identity.post("/staff/sign-in", json=credentials)
        assert answer.status_code == 200, answer.text
        token = {"authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await identity.get("/staff", headers=token)).status_code == 200
    print("  the first administrator is signed in")


if __name__ == "__main__":
    asyncio.run(check(read(Path(sys.argv[1])), Path(sys.argv[2])))
