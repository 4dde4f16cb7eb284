"""What hostile files cost, and how long an honest approval takes beside eight of them."""

import statistics
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from shared.department.caller import Caller
from tests.doors.asking import Asking
from tests.doors.commands_twice import newcomer
from tests.doors.hostile_files import HOSTILE_FILES, HostileFile
from tests.doors.machine_watch import Taken, watched
from tests.doors.town import OWNER, Town
from tests.doors.tried import Answer, Tried

BESIDE = 8  # senders of hostile files
APPROVALS = 12
LONGEST_APPROVAL = 1.0  # seconds, the median; on a machine that is busy with something else, SLOWER times that at rest
SLOWER = 3
MOST_MEMORY = 400.0  # MiB of certificates, at its highest
MOST_PROCESSOR = 5.0  # seconds of one file
BUSY = "inspector_busy"
PATIENCE = 60.0  # seconds until an application can be approved


def hostile_files(town: Town) -> Iterator[Tried]:
    """One after the other; each is answered as it may be, at a bounded cost."""
    tried = Tried("hostile files", f"{len(HOSTILE_FILES)} PDFs, pictures, codes, lists that inflate, nest, loop, lie")
    costs: list[tuple[Taken, str]] = []
    for file in HOSTILE_FILES:
        department = "identity" if file.door == "people" else "certificates"
        content = file.content()
        with watched(town.stack.pids[department]) as taken:
            answer = send(town, file, content)
        if answer is None:
            continue
        tried.note(answer, lambda answer, file=file: _may(file, answer), f"{sorted(file.may_answer)} for {file.name}")  # type: ignore[misc]
        costs.append((taken, file.name))
        if taken.processor > MOST_PROCESSOR:
            tried.complain(f"{file.name} took {taken.processor:.1f} s of processor")
    slowest, largest = max(costs, key=lambda one: one[0].processor), max(costs, key=lambda one: one[0].peak)
    tried.what += f"; worst: {slowest[0].processor:.2f} s of processor ({slowest[1]})"
    tried.what += f", {largest[0].peak:.0f} MiB in all ({largest[1]})"
    yield tried


def send(town: Town, file: HostileFile, content: bytes) -> Answer | None:
    """None: at a door that is tried elsewhere."""
    match file.door:
        case "check":
            with Asking(town, "certificates") as nobody:
                return nobody.ask("POST", "/check", files={"file": ("file", content, file.media)})
        case "code":
            with Asking(town, "certificates") as nobody:
                return nobody.ask("GET", "/check", params={"c": content.decode("latin-1")})
        case "evidence":
            with Asking(town, "certificates", OWNER) as owner:
                return owner.ask("POST", "/evidence", {"content-type": file.media}, content=content)
        case "people":
            with Asking(town, "identity", "registrar") as registrar:
                return registrar.ask("POST", "/people/import", {"content-type": file.media}, content=content)
        case "picture":
            return None


def _may(file: HostileFile, answer: Answer) -> bool:
    told = answer.json()
    said = {str(told.get("code")), str(told.get("status"))} if isinstance(told, dict) else set()
    return bool(said & {*file.may_answer, BUSY, "address_too_long"})


def approvals_beside(town: Town) -> Iterator[Tried]:
    """Applications are approved one by one: at rest, then while eight senders send the costliest files."""
    at_rest = Tried("honest approvals at rest", "one by one")
    beside = Tried("honest approvals beside hostile files", f"{BESIDE} senders of documents to POST /check")
    resting = _approve(town, at_rest, _applications(town, APPROVALS))
    waiting = _applications(town, APPROVALS)
    contents = [(file, file.content()) for file in HOSTILE_FILES if file.door == "check" and not file.is_slow]
    ended = threading.Event()
    sent = [0] * BESIDE

    def keep_sending(number: int) -> None:
        while not ended.is_set():
            for file, content in contents[number::BESIDE]:
                if ended.is_set():
                    return
                send(town, file, content)
                sent[number] += 1

    senders = [threading.Thread(target=keep_sending, args=(number,)) for number in range(BESIDE)]
    with watched(town.stack.pids["certificates"]) as taken:
        for sender in senders:
            sender.start()
        try:
            seconds = _approve(town, beside, waiting)
        finally:
            ended.set()
            for sender in senders:
                sender.join()
    beside.what += (
        f"; {sum(sent)} files sent; memory of certificates at its peak: {taken.own_peak:.0f} MiB, "
        f"with the inspector {taken.peak:.0f} MiB"
    )
    usual = statistics.median(resting)
    if statistics.median(seconds) > max(LONGEST_APPROVAL, SLOWER * usual):
        beside.complain(f"approvals took {statistics.median(seconds):.2f} s, {usual:.2f} s at rest")
    if taken.own_peak > MOST_MEMORY:
        beside.complain(f"certificates took {taken.own_peak:.0f} MiB")
    yield at_rest
    yield beside


def _approve(town: Town, tried: Tried, applications: list[UUID]) -> list[float]:
    seconds = []
    with Asking(town, "certificates", "reviewer") as reviewer:
        for application in applications:
            began = time.perf_counter()
            answer = reviewer.ask("POST", f"/applications/{application}/approve")
            seconds.append(time.perf_counter() - began)
            tried.note(answer, lambda answer: answer.status == 200, "200")
    tried.what += f"; median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s"
    return seconds


def _applications(town: Town, count: int) -> list[UUID]:
    """Of newcomers to the village, ready to be approved."""
    made = []
    with Asking(town, "identity", "registrar") as registrar:
        people = [registrar.ask("POST", "/people", json=newcomer()).json()["person"] for _ in range(count)]
    form = {"residence_since": "2019-09-01", "purpose": "school_entry", "purpose_detail": "塔元庄小学一年级"}
    for person in people:
        with Asking(town, "certificates", Caller("citizen", UUID(person))) as citizen:
            deadline = datetime.now(UTC).timestamp() + PATIENCE
            while True:  # until certificates has heard of them
                answer = citizen.ask("POST", "/applications", json={"type": "residence", "form": form})
                if answer.status == 201:
                    made.append(UUID(answer.json()["application"]))
                    break
                assert datetime.now(UTC).timestamp() < deadline, answer
    return made
