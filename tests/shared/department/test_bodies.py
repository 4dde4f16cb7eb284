"""A body too large is refused without being taken in."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx

from shared.department.limits import LARGEST_BODY

PIECE = b"x" * 65536


class Upload:
    """Ten megabytes that count how many of their pieces were taken."""

    def __init__(self) -> None:
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(10 * 1024 * 1024 // len(PIECE)):
            self.taken += 1
            yield PIECE


async def test_ten_megabytes_announced_are_refused_before_any_is_read(citizen: httpx.AsyncClient) -> None:
    upload = Upload()
    length = {"content-length": str(10 * 1024 * 1024), "content-type": "application/json"}
    answer = await citizen.post(f"/loans/{uuid4()}", content=upload, headers=length)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert "1 MiB" in answer.json()["detail"]
    assert upload.taken == 0


async def test_ten_megabytes_unannounced_are_refused_at_the_limit(citizen: httpx.AsyncClient) -> None:
    upload = Upload()
    answer = await citizen.post(f"/loans/{uuid4()}", content=upload, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert upload.taken <= LARGEST_BODY // len(PIECE) + 1


async def test_a_body_of_just_the_limit_is_read(citizen: httpx.AsyncClient) -> None:
    body = json.dumps({"title": ""}).encode()
    padded = body[:-2] + b"x" * (LARGEST_BODY - len(body)) + body[-2:]
    answer = await citizen.post(f"/loans/{uuid4()}", content=padded, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, "At most 50 characters, please.")
