"""Signing a citizen up on a stack of one's own: the code is read from the sink, a stand-in vouches for the person.

The one way in for demonstrations, sample data and tests; a person does the same with a phone and an ID card.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import httpx

from deploy.cli.messages import newest
from deploy.reach import Reached, reach
from deploy.runner.errors import StackError
from deploy.runner.stack import Stack
from deploy.stand_in import StandIn

PATIENCE = 30.0  # seconds for a code to lie in the sink
LOOK = 0.05
CODE = re.compile(r"[0-9]{6}")


class Answered(Protocol):
    def must(self, status: int = 200) -> Any:
        """The body; raises for any other status."""
        ...


A = TypeVar("A", bound=Answered)
Post = Callable[[str, object, str | None], Awaitable[A]]
"""Of identity: route, body and access token."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody of the household register, and how they want to sign in."""

    name: str
    id_number: str
    phone: str
    password: str

    def claim(self, code: str) -> dict[str, str]:
        return {
            "name": self.name,
            "id_number": str(self.id_number),
            "phone": self.phone,
            "code": code,
            "password": self.password,
        }

    @property
    def credentials(self) -> dict[str, str]:
        return {"id_number": str(self.id_number), "password": self.password}


class Step(StrEnum):
    code_asked = "code_asked"
    opened = "opened"
    phone_signed_in = "phone_signed_in"  # at the level of an account
    challenged = "challenged"
    verified = "verified"


@dataclass(frozen=True, slots=True)
class Entrance:
    """What signing up needs beside HTTP: the sink of identity, and the stand-in's key."""

    identity: Reached
    stand_in: StandIn

    @classmethod
    def of(cls, stack: Stack) -> "Entrance":
        return cls(reach(stack.data_dir, "identity"), StandIn.of(stack.secrets.stand_in_key_file))

    async def codes(self, phone: str, purpose: str) -> list[str]:
        """Those in the sink, the latest first."""
        put = [one for one in await newest(self.identity, phone) if one.kind == f"code {purpose}"]
        return [found.group() for one in put if (found := CODE.search(one.text))]

    async def ask_code(self, post: Post[A], phone: str, purpose: str = "sign_up") -> tuple[str, A]:
        """Have one sent, and read it. StackError: none came; a phone gets one a minute."""
        before = len(await self.codes(phone, purpose))
        answer = await post("/codes", {"phone": phone, "purpose": purpose}, None)
        answer.must(202)
        deadline = time.monotonic() + PATIENCE
        while True:
            codes = await self.codes(phone, purpose)
            if len(codes) > before:
                return codes[0], answer
            if time.monotonic() > deadline:
                raise StackError("no code came: a phone gets one a minute, 5 an hour and 10 a day")
            await asyncio.sleep(LOOK)


Told = Callable[[Step, A, str], Awaitable[None]]
"""After each step: its answer, and the code once it was asked for, else the access token so far."""


async def _nothing(_step: Step, _answer: Answered, _with: str) -> None:
    return None


async def sign_up(post: Post[A], entrance: Entrance, newcomer: Newcomer, told: Told[A] = _nothing) -> str:
    """The access token of a person who has proved who they are. Raises what `must` raises, StackError."""
    code, answer = await entrance.ask_code(post, newcomer.phone)
    await told(Step.code_asked, answer, code)
    answer = await post("/citizens", newcomer.claim(code), None)
    answer.must(201)
    await told(Step.opened, answer, "")
    answer = await post("/sign-in", {**newcomer.credentials, "phone": newcomer.phone}, None)
    token: str = answer.must()["access_token"]
    await told(Step.phone_signed_in, answer, token)
    answer = await post("/me/verification/challenge", None, token)
    asked = answer.must()
    await told(Step.challenged, answer, token)
    assertion = entrance.stand_in.vouch(
        newcomer.name, newcomer.id_number, audience=asked["audience"], nonce=asked["nonce"], now=datetime.now(UTC)
    )
    answer = await post("/me/verification", {"assertion": assertion}, token)
    verified: str = answer.must()["access_token"]
    await told(Step.verified, answer, verified)
    return verified


class HttpAnswer:
    """An answer of httpx."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response

    def must(self, status: int = 200) -> Any:
        if self.response.status_code != status:
            raise StackError(f"{self.response.request.url.path}: {self.response.status_code} {self.response.text}")
        return self.response.json()


def post_by(client: httpx.AsyncClient) -> Post[HttpAnswer]:
    """Requests to identity, whose address is the client's base URL."""

    async def post(route: str, body: object, token: str | None) -> HttpAnswer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return HttpAnswer(await client.post(route, json=body, headers=headers))

    return post
