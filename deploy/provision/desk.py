"""A department as a member of staff speaks to it: signed in, and again when the token has ended."""

from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import httpx
import orjson

from deploy.provision.errors import DepartmentSaidNo, RequestRefused

PATIENCE = 120.0  # seconds for an answer


class Desk:
    """`client` speaks to the department, `identity` is where one signs in."""

    def __init__(
        self, client: httpx.AsyncClient, identity: httpx.AsyncClient, login: str, password: Callable[[], str]
    ) -> None:
        self._client = client
        self._identity = identity
        self._login = login
        self._password = password
        self._token = ""

    async def send(self, path: str, body: object) -> Any:
        """The answer. The same body is the same request, so nothing is done twice however often it is sent."""
        content = orjson.dumps(body)
        key = f"provision-{sha256(content).hexdigest()[:40]}"
        self._token = self._token or await self._sign_in()
        answer = await self._post(path, content, key)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._token = await self._sign_in()
            answer = await self._post(path, content, key)
        return told(answer)

    async def _post(self, path: str, content: bytes, key: str) -> httpx.Response:
        headers = {
            "authorization": f"Bearer {self._token}",
            "idempotency-key": key,
            "content-type": "application/json",
        }
        return await asked(self._client, path, headers=headers, content=content)

    async def _sign_in(self) -> str:
        credentials = {"login": self._login, "password": self._password()}
        token: str = told(await asked(self._identity, "/staff/sign-in", json=credentials))["access_token"]
        return token


async def asked(client: httpx.AsyncClient, path: str, **request: Any) -> httpx.Response:
    """Raises DepartmentSaidNo when it does not answer."""
    try:
        return await client.post(path, **request)
    except httpx.HTTPError as error:
        raise DepartmentSaidNo(f"{client.base_url} does not answer ({type(error).__name__}): run this again") from None


def told(answer: httpx.Response) -> Any:
    """Raises RequestRefused when it was refused, DepartmentSaidNo when the department could not do it."""
    if answer.is_success:
        return answer.json()
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    text = f"{answer.request.url.path}: {problem.get('detail', answer.status_code)}"
    if answer.is_server_error:
        raise DepartmentSaidNo(text)
    wrong = {error["field"]: error["message"] for error in problem.get("errors", ())}
    raise RequestRefused(text, problem.get("code", ""), wrong)
