"""Hostile files at the doors: every answer is a refusal in words, and honest work goes on beside them."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.certificates.inspection.jobs import DOCUMENT
from services.certificates.service import SERVICE
from services.identity.api import people_import
from shared.contracts.errors import Refused
from tests.databases import Databases
from tests.department import running
from tests.doors import hostile_pdf as pdf
from tests.doors.hostile_files import HOSTILE_FILES, LISTS, HostileFile
from tests.services.certificates.office import Office, apply
from tests.services.certificates.seals import desk
from tests.until import until

MB = 1024 * 1024
OFFICER = UUID("01890a5d-ac96-774b-bcce-b302099a8057")  # hands in a signature
FEW = (
    "table of 1 kB unpacks to 1 MB",
    "table of 16 kB unpacks to 16 MB",
    "table that hides its size",
    "table with a predictor of one column",
    "table deflated four times",
    "arrays 100,000 deep",
    "arrays 100,000 deep in an object stream",
    "a million objects in an object stream",
    "two tables before each other",
    "page tree in a ring",
    "fields in a ring",
    "encrypted",
    "byte range of 20 digits",
    "byte range below zero",
    "signature 1,000 sequences deep",
    "XML whose entities grow",
    "100,000 pages",
    "5 MB of openings",
    "cut after 50%",
    "PDF behind a byte order mark",
    "table of 1 kB behind a byte order mark",
    "file beyond the limit",
    "key id 900 deep",
    "credential's key id 900 deep",
    "number of 5,000 digits",
    "10,000 disclosures",
    "disclosure 10,000 deep",
    "5 MB of tildes",
    "500 kB of parameters",
    "letters that grow",
    "code with a key id 900 deep",
    "PNG of 60,000 by 60,000",
    "JPEG of 10,000 scans",
    "PNG of nothing",
    "GIF that says PNG",
    "PNG that unpacks to 100 MB",
    "PNG of empty chunks",
)
COSTLY = pdf.signed(b"00" * (2 * MB + MB // 4))  # as much processor time as it is let


@pytest.fixture(scope="module")
async def office(databases: Databases) -> AsyncIterator[Office]:
    async with (
        databases.fresh() as database,
        running(SERVICE, database) as department,
        Office(department) as opened,
    ):
        await desk.appointed(department, OFFICER)
        yield opened


@pytest.fixture(scope="module")
async def doors(office: Office) -> Mapping[str, Any]:
    keeper = await desk.keeper(office)
    return {
        "anyone": await office.anyone(),
        "citizen": await office.citizen(),
        "keeper": keeper,
        "seal": await desk.applied(keeper, {"kind": "signature", "staff": str(OFFICER)}),
    }


async def sent(doors: Mapping[str, Any], file: HostileFile) -> httpx.Response:
    content, answer = file.content(), None
    match file.door:
        case "check":
            answer = await doors["anyone"].post("/check", files={"file": ("file", content, file.media)})
        case "code":
            answer = await doors["anyone"].get("/check", params={"c": content.decode("ascii")})
        case "evidence":
            answer = await doors["citizen"].post("/evidence", content=content, headers={"content-type": file.media})
        case "picture":
            body = {"picture": base64.b64encode(content).decode("ascii")}
            answer = await doors["keeper"].post(f"/seals/{doors['seal']}/make", json=body)
    assert isinstance(answer, httpx.Response)
    return answer


def told(answer: httpx.Response) -> str:
    said: dict[str, Any] = answer.json()
    return str(said["code"] if answer.status_code >= 400 else said.get("status", "taken"))


def test_every_hostile_file_has_a_name_of_its_own_at_its_door() -> None:
    names = [(file.door, file.name) for file in HOSTILE_FILES]
    assert len(names) == len(set(names)) > 80
    assert set(FEW) <= {file.name for file in HOSTILE_FILES}
    assert all("valid" not in file.may_answer for file in HOSTILE_FILES)


@pytest.mark.parametrize(
    "file",
    [file for file in HOSTILE_FILES if file.name in FEW and file.door != "people"],
    ids=lambda file: f"{file.door}: {file.name}",
)
async def test_a_hostile_file_is_answered_in_words(doors: Mapping[str, Any], file: HostileFile) -> None:
    answer = await sent(doors, file)
    assert answer.status_code < 500
    assert told(answer) in file.may_answer
    assert "examined" not in answer.text or "within limits" in answer.text


@pytest.mark.parametrize("file", LISTS, ids=lambda file: file.name)
def test_a_hostile_list_is_refused_in_words(file: HostileFile) -> None:
    with pytest.raises(Refused) as refused:
        people_import.read(file.content(), file.media)
    assert refused.value.code in file.may_answer


@pytest.mark.parametrize("beyond", [1, 64 * 1024])
async def test_a_file_beyond_the_limit_is_told_that_limit(office: Office, beyond: int) -> None:
    answer = await _checked(office, "en", pdf.HEAD + bytes(5 * MB - len(pdf.HEAD) + beyond))
    assert told(answer) in ("file_too_large", "body_too_large")
    assert "5 M" in answer.json()["detail"]


async def test_the_department_does_not_grow_by_what_a_file_unpacks_to(office: Office, doors: Mapping[str, Any]) -> None:
    bombs = [pdf.inflating_table(64), pdf.inflating_table(64, b"/S#69ze")]
    await doors["anyone"].post("/check", files={"file": ("a.pdf", pdf.signed(), "application/pdf")})
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = _peak()
    for bomb in bombs:
        answer = await doors["anyone"].post("/check", files={"file": ("a.pdf", bomb, "application/pdf")})
        assert told(answer) == "file_not_examined"
    assert _peak() - before < 32 * MB
    assert office.department.engine.inspector.worst.memory < 64 * MB + DOCUMENT.limits.memory


async def test_processor_time_of_a_file_is_bounded(office: Office, doors: Mapping[str, Any]) -> None:
    inspector = office.department.engine.inspector
    answer = await doors["anyone"].post("/check", files={"file": ("a.pdf", COSTLY, "application/pdf")})
    assert (answer.status_code, told(answer)) == (422, "file_not_examined")
    assert "请提交签发时的原始文件" in (await _checked(office, "zh-CN", COSTLY)).json()["detail"]
    assert inspector.counts["processor"] + inspector.counts["time"] >= 2  # on a busy machine its deadline comes first
    assert inspector.worst.processor < DOCUMENT.limits.processor + 1.5


async def test_beside_eight_hostile_files_an_approval_goes_through(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    inspector = office.department.engine.inspector
    hostile = [asyncio.create_task(_from_elsewhere(office, number)) for number in range(10)]
    await until(lambda: (inspector.under_way, inspector.waiting) == (2, 8))
    over = await _from_elsewhere(office, 11)
    assert (over.status_code, told(over)) == (503, "inspector_busy")
    assert int(over.headers["retry-after"]) > 0
    approved = await reviewer.post(f"/applications/{application}/approve")
    assert approved.status_code == 200
    assert not all(one.done() for one in hostile)
    for one in hostile:
        one.cancel()
    await asyncio.gather(*hostile, return_exceptions=True)
    await until(lambda: not inspector.under_way)


async def _checked(office: Office, language: str, content: bytes) -> httpx.Response:
    anyone = await office.anyone(language=language)
    return await anyone.post("/check", files={"file": ("a.pdf", content, "application/pdf")})


async def _from_elsewhere(office: Office, number: int) -> httpx.Response:
    transport = httpx.ASGITransport(app=office.department.app, client=(f"192.0.2.{number}", 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://department") as client:
        return await client.post("/check", files={"file": ("a.pdf", COSTLY, "application/pdf")})


def _peak() -> int:
    """Bytes that this process had at most."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
