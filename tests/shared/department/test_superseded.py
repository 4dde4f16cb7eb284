"""What an instance tells the world when a newer release has taken over its read models."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from deploy.embedded.department_database import DepartmentDatabase
from shared.department.signing_keys import SIGNING_KEYS
from shared.eventstore.standing import Standing
from tests.department import running
from tests.shared.department import library
from tests.until import until


async def test_it_is_not_ready_takes_no_commands_and_stops_leading(
    database: DepartmentDatabase, sharing_file: Path
) -> None:
    async with (
        running(library.SERVICE, database, sharing_file=sharing_file, contracts=library.CONTRACTS) as department,
        department.client(department.token()) as client,
    ):
        engine = department.engine
        await until(lambda: engine.state().is_leading, what="it leads")
        assert (await client.get("/health/ready")).json()["is_superseded"] is False
        newer = [replace(model, version=2) for model in (SIGNING_KEYS,)]
        async with Standing(database.app_url, "library", newer, engine.registry) as standing:
            assert (await client.post(f"/loans/{uuid4()}", json={"title": "史记"})).status_code == 201
            await standing.stand()
            refused = await client.post(f"/loans/{uuid4()}", json={"title": "史记"})
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            assert refused.headers["retry-after"]
            await until(lambda: engine.state().is_superseded, what="it notices")
            await until(lambda: not engine.state().is_leading, what="it stops leading")
        told = await client.get("/health/ready")
        assert (told.status_code, told.json()["is_superseded"], told.json()["is_leading"]) == (503, True, False)
        assert (await client.get("/health/live")).status_code == 200
