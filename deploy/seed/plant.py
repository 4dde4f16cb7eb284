"""Puts the sample data into a running stack, over HTTP as an administrator and a registrar would."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from deploy.reach import reach
from deploy.runner.errors import StackError
from deploy.secrets import ADMINISTRATOR, StackSecrets
from deploy.seed.samples import SamplePerson, SampleStaff
from deploy.sign_up import Entrance, Newcomer, post_by, sign_up
from deploy.stand_in import StandIn
from services.identity.appointing_file import RULES
from shared.contracts.identity import Role
from shared.standards.divisions import is_within

PATIENCE = 30.0  # seconds for an answer
HELPERS_PHONE = "13900000071"


class SeedFailed(StackError):
    """identity did not take the sample data; the message says why."""


@dataclass(frozen=True, slots=True)
class Planted:
    """How much was new; what was there already was left as it is."""

    appointed: int
    entered: int


async def plant(
    identity: str, secrets: StackSecrets, staff: Sequence[SampleStaff], people: Sequence[SamplePerson]
) -> Planted:
    """Appoint and enter whoever is not there yet. `identity`: that department's address. SeedFailed: see there.

    Whoever must be a verified person is appointed last, once they are in the register and have an account.
    """
    registrars = [one for one in staff if Role.registrar in one.roles]
    helpers = [one for one in staff if _must_be_verified(one)]
    try:
        async with httpx.AsyncClient(base_url=identity, timeout=PATIENCE, trust_env=False) as client:
            administrator = await sign_in(client, ADMINISTRATOR, secrets)
            others = [one for one in staff if one not in helpers]
            appointed = [await _appoint(client, administrator, one, secrets) for one in others]
            entered = [
                await _enter(client, await sign_in(client, one.login, secrets), _people_of(one, people))
                for one in registrars
            ]
            appointed += [await _appoint_verified(client, administrator, one, secrets) for one in helpers]
    except httpx.HTTPError as error:
        raise SeedFailed(f"identity does not answer at {identity} ({type(error).__name__})") from None
    return Planted(sum(appointed), sum(entered))


def _must_be_verified(staff: SampleStaff) -> bool:
    return any(RULES.roles[role].verified for role in staff.roles)


def _people_of(registrar: SampleStaff, people: Sequence[SamplePerson]) -> list[SamplePerson]:
    return [one for one in people if is_within(one.division, registrar.division)]


async def sign_in(client: httpx.AsyncClient, login: str, secrets: StackSecrets) -> dict[str, str]:
    """The headers to ask with from now on."""
    credentials = {"login": login, "password": secrets.staff_password(login)}
    response = await client.post("/staff/sign-in", json=credentials)
    if response.status_code == HTTPStatus.UNAUTHORIZED:  # broken off before they had chosen it
        response = await _choose_password(client, login, secrets)
    answer = expect(response, f"{login} cannot sign in")
    return {"Authorization": f"Bearer {answer['access_token']}"}


async def _appoint(
    client: httpx.AsyncClient, administrator: dict[str, str], staff: SampleStaff, secrets: StackSecrets
) -> bool:
    return await _begin(client, staff, await _send(client, administrator, staff, secrets), secrets)


async def _appoint_verified(
    client: httpx.AsyncClient, administrator: dict[str, str], staff: SampleStaff, secrets: StackSecrets
) -> bool:
    """Where they have not proved who they are, they sign up first; their password is that of their staff login."""
    response = await _send(client, administrator, staff, secrets)
    if _is_conflict(response, "not_verified"):
        password = secrets.staff_password(staff.login)
        newcomer = Newcomer(staff.name, staff.id_number[:], HELPERS_PHONE, password)
        stand_in = StandIn.of(secrets.stand_in_key_file)
        await sign_up(post_by(client), Entrance(reach(secrets.data_dir, "identity"), stand_in), newcomer)
        response = await _send(client, administrator, staff, secrets)
    return await _begin(client, staff, response, secrets)


async def _send(
    client: httpx.AsyncClient, administrator: dict[str, str], staff: SampleStaff, secrets: StackSecrets
) -> httpx.Response:
    appointment = {**staff.model_dump(mode="json"), "password": secrets.one_time_password(staff.login)}
    return await client.post("/staff", json=appointment, headers=administrator)


async def _begin(
    client: httpx.AsyncClient, staff: SampleStaff, response: httpx.Response, secrets: StackSecrets
) -> bool:
    """Whether they are new; then they choose their own password."""
    if _is_conflict(response, "login_taken"):
        return False
    expect(response, f"{staff.login} cannot be appointed")
    expect(await _choose_password(client, staff.login, secrets), f"{staff.login} cannot choose a password")
    return True


async def _choose_password(client: httpx.AsyncClient, login: str, secrets: StackSecrets) -> httpx.Response:
    choice = {"login": login, "password": secrets.one_time_password(login), "new": secrets.staff_password(login)}
    return await client.post("/staff/first-password", json=choice)


def _is_conflict(response: httpx.Response, code: str) -> bool:
    return response.status_code == HTTPStatus.CONFLICT and response.json()["code"] == code


async def _enter(client: httpx.AsyncClient, registrar: dict[str, str], people: Sequence[SamplePerson]) -> int:
    rows = [one.model_dump(mode="json", exclude_none=True) for one in people]
    report = expect(await client.post("/people/import", json=rows, headers=registrar), "people cannot be entered")
    wrong = [row for row in report["rejected"] if row["code"] != "already_in_register"]
    if wrong:
        raise SeedFailed(f"sample person {wrong[0]['line']}: {wrong[0]['detail']}")
    return len(report["entered"])


def expect(response: httpx.Response, otherwise: str) -> Any:
    if response.is_success:
        return response.json()
    problem = response.json() if "json" in response.headers.get("content-type", "") else {}
    raise SeedFailed(f"{otherwise}: {problem.get('detail', response.status_code)}")
