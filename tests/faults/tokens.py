"""Who may do what, without signing in each time: tokens made with the stack's own signing key.

Staff sign in once, to learn their ids. All tokens are issued two hours ago and live a day: clocks jump in these tests.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self
from uuid import UUID

import httpx
from joserfc.jwk import OKPKey

from deploy.secrets import StackSecrets
from shared.contracts.identity import Role
from shared.department import tokens
from shared.department.caller import Caller

EARLIER = timedelta(hours=2)
LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class Staff:
    id: UUID
    roles: frozenset[Role]
    division: str


class Tokens:
    """`registrar` serves the county, `reviewers` their villages."""

    def __init__(self, key: OKPKey, registrar: Staff, reviewers: dict[str, Staff]) -> None:
        self._key = key
        self.registrar = self._issue(_caller(registrar))
        self.reviewers = {village: self._issue(_caller(staff)) for village, staff in reviewers.items()}
        self._citizens: dict[UUID, str] = {}

    @classmethod
    async def of(cls, secrets: StackSecrets, identity: str, registrar: str, reviewers: dict[str, str]) -> Self:
        """By their logins."""
        key = OKPKey.import_key(secrets.signing_key_file.read_text("ascii"))
        async with httpx.AsyncClient(base_url=identity, timeout=30, trust_env=False) as client:

            async def staff(login: str) -> Staff:
                credentials = {"login": login, "password": secrets.staff_password(login)}
                signed_in = (await client.post("/staff/sign-in", json=credentials)).raise_for_status().json()
                bearer = {"authorization": f"Bearer {signed_in['access_token']}"}
                me = (await client.get("/me", headers=bearer)).raise_for_status().json()
                return Staff(UUID(me["staff"]), frozenset(map(Role, me["roles"])), me["division"])

            return cls(
                key, await staff(registrar), {village: await staff(login) for village, login in reviewers.items()}
            )

    def citizen(self, person: UUID) -> str:
        if person not in self._citizens:
            self._citizens[person] = self._issue(Caller("citizen", person))
        return self._citizens[person]

    @cached_property
    def _kid(self) -> str:
        return self._key.thumbprint()

    def _issue(self, caller: Caller) -> str:
        return tokens.issue(self._key, self._kid, caller, datetime.now(UTC) - EARLIER, LIFETIME)


def _caller(staff: Staff) -> Caller:
    return Caller("staff", staff.id, staff.roles, staff.division)
