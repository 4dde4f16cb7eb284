"""The inbox as a citizen's browser meets it, in the department whole."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from deploy.embedded.department_database import DepartmentDatabase
from services.notification.api import show
from services.notification.read_models.my_notices import MyNotice
from services.notification.service import SERVICE
from shared.contracts import envelope
from shared.contracts.envelope import Numbered, Received
from shared.contracts.event import Event
from shared.standards.text import Language
from tests.department import Department, running
from tests.refusals import problem
from tests.services.notification.examples import (
    ACCOUNT_STREAM,
    APPLICATION_STREAM,
    APPROVED,
    CERTIFICATE_STREAM,
    ESCALATED,
    IDENTIFIER,
    ISSUED,
    LI,
    MORNING,
    NOTICE_ID,
    REFUSED,
    REGISTERED,
    REGISTRY,
    REINSTATED,
    SENT_BACK,
    SUBMITTED,
    SUPERSEDED,
    SUSPENDED,
    TOWNSHIP_LEADER,
    VILLAGE,
    WANG,
)


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    async with running(SERVICE, database) as department:
        yield department


@pytest.fixture
async def wang(department: Department) -> AsyncIterator[AsyncClient]:
    async with department.client(department.token("citizen", WANG)) as client:
        yield client


@pytest.fixture
async def li(department: Department) -> AsyncIterator[AsyncClient]:
    async with department.client(department.token("citizen", LI)) as client:
        yield client


def message(event: Event, stream: str, sequence: int, id: UUID) -> Received:
    """An event on the road, under a number and an id of our choice."""
    feed = REGISTRY.feed_of(type(event))
    assert feed
    return envelope.parse(
        envelope.encode(
            Numbered(
                feed=REGISTRY.heard(feed)[0].full_name,
                sequence=sequence,
                id=id,
                type=REGISTRY.type_of(type(event)),
                schema=1,
                stream=stream,
                version=1,
                data=REGISTRY.encode(event),
                metadata="{}",
                recorded_at=datetime.now(UTC),
            )
        )
    )


async def only_notice(client: AsyncClient) -> str:
    [notice] = (await client.get("/inbox")).json()["notices"]
    return str(notice["notice"])


async def test_an_empty_inbox(wang: AsyncClient) -> None:
    answer = await wang.get("/inbox")
    assert answer.status_code == 200
    assert answer.json() == {"notices": [], "unread": 0, "next": None}


async def test_a_matter_is_told_from_start_to_end_newest_first(department: Department, wang: AsyncClient) -> None:
    await department.give(ACCOUNT_STREAM, REGISTERED)
    await department.give(APPLICATION_STREAM, SUBMITTED, SENT_BACK, APPROVED, REFUSED)
    await department.give(CERTIFICATE_STREAM, ISSUED)
    inbox = (await wang.get("/inbox")).json()
    assert [(notice["template"], notice["about"]) for notice in inbox["notices"]] == [
        ("certificate_issued", CERTIFICATE_STREAM),
        ("application_refused", APPLICATION_STREAM),
        ("application_sent_back", APPLICATION_STREAM),
        ("application_received", APPLICATION_STREAM),
        ("welcome", ACCOUNT_STREAM),
    ]
    assert inbox["unread"] == 5
    assert inbox["next"] is None


async def test_a_notice_is_put_in_the_readers_words(department: Department, wang: AsyncClient) -> None:
    await department.give(CERTIFICATE_STREAM, ISSUED)
    notice = await only_notice(wang)
    in_english = (await wang.get(f"/inbox/{notice}")).json()
    in_chinese = (await wang.get(f"/inbox/{notice}", headers={"accept-language": "zh-CN"})).json()
    assert in_english["title"] == "Issued: residence certificate"
    assert in_chinese["title"] == "居住证明已签发"
    assert in_chinese["body"].startswith("您的居住证明已由河北省石家庄市正定县正定镇塔元庄村村民委员会签发。\n")
    assert IDENTIFIER in in_english["body"]
    assert IDENTIFIER in in_chinese["body"]
    listed = (await wang.get("/inbox", headers={"accept-language": "zh"})).json()["notices"]
    assert listed == [in_chinese]


async def test_the_promise_is_told_in_the_time_of_shanghai(department: Department, wang: AsyncClient) -> None:
    await department.give(APPLICATION_STREAM, SUBMITTED)
    [notice] = (await wang.get("/inbox")).json()["notices"]
    assert "2023-12-23 09:30 Beijing time" in notice["body"]
    assert datetime.fromisoformat(notice["occurred_at"]) == MORNING


async def test_reading_a_notice_counts_once(department: Department, wang: AsyncClient) -> None:
    await department.give(ACCOUNT_STREAM, REGISTERED)
    notice = await only_notice(wang)
    first = await wang.post(f"/inbox/{notice}/read")
    again = await wang.post(f"/inbox/{notice}/read")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["read_at"] is not None
    assert again.json() == first.json()
    assert "event-id" in first.headers
    assert "event-id" not in again.headers
    inbox = (await wang.get("/inbox")).json()
    assert (inbox["unread"], inbox["notices"]) == (0, [first.json()])


async def test_a_read_repeated_under_its_key_tells_the_same_event(department: Department, wang: AsyncClient) -> None:
    await department.give(ACCOUNT_STREAM, REGISTERED)
    notice = await only_notice(wang)
    answers = [await wang.post(f"/inbox/{notice}/read", headers={"idempotency-key": "k1"}) for _ in range(2)]
    assert answers[0].headers["event-id"] == answers[1].headers["event-id"]
    assert answers[0].json() == answers[1].json()


async def test_looking_at_a_notice_does_not_mark_it_read(department: Department, wang: AsyncClient) -> None:
    await department.give(ACCOUNT_STREAM, REGISTERED)
    notice = await only_notice(wang)
    assert (await wang.get(f"/inbox/{notice}")).json()["read_at"] is None
    assert (await wang.get("/inbox")).json()["unread"] == 1


async def test_the_same_message_given_twice_leads_to_one_notice(department: Department, wang: AsyncClient) -> None:
    subscription = department.engine.subscriptions["local.certificates.lifecycle"]
    sent = message(ISSUED, CERTIFICATE_STREAM, 1, uuid4())
    await subscription.take_in([sent, sent])
    await subscription.take_in([sent])
    assert (await wang.get("/inbox")).json()["unread"] == 1


async def test_the_same_event_under_another_number_leads_to_one_notice(
    department: Department, wang: AsyncClient
) -> None:
    """Should its provider ever publish an event twice, the citizen is told once, with what was told first."""
    subscription = department.engine.subscriptions["local.certificates.lifecycle"]
    id = uuid4()
    await subscription.take_in([message(ISSUED, CERTIFICATE_STREAM, number, id) for number in (1, 2)])
    await subscription.take_in([message(ISSUED, CERTIFICATE_STREAM, 3, id)])
    assert await only_notice(wang) == str(id)
    assert await department.engine.pool.fetchval("select count(*) from events") == 2


async def test_another_citizen_neither_sees_nor_marks_it(
    department: Department, wang: AsyncClient, li: AsyncClient
) -> None:
    await department.give(ACCOUNT_STREAM, REGISTERED)
    notice = await only_notice(wang)
    assert (await li.get("/inbox")).json() == {"notices": [], "unread": 0, "next": None}
    assert problem(await li.get(f"/inbox/{notice}")) == (404, "no_such_notice")
    assert problem(await li.post(f"/inbox/{notice}/read")) == (404, "no_such_notice")
    assert problem(await li.get("/inbox", params={"after": notice})) == (404, "no_such_notice")
    assert (await wang.get("/inbox")).json()["unread"] == 1


async def test_there_is_no_notice_of_an_unknown_id(wang: AsyncClient) -> None:
    assert problem(await wang.get(f"/inbox/{uuid4()}")) == (404, "no_such_notice")
    assert problem(await wang.post(f"/inbox/{uuid4()}/read")) == (404, "no_such_notice")


async def test_staff_who_are_named_find_an_overdue_case_in_their_inbox(
    department: Department, wang: AsyncClient, li: AsyncClient
) -> None:
    await department.give(APPLICATION_STREAM, ESCALATED)
    async with department.client(department.token("staff", TOWNSHIP_LEADER, division=VILLAGE)) as leader:
        [notice] = (await leader.get("/inbox")).json()["notices"]
        assert (notice["template"], notice["about"]) == ("overdue_application", APPLICATION_STREAM)
        assert (await leader.post(f"/inbox/{notice['notice']}/read")).json()["read_at"]
    assert [one["template"] for one in (await wang.get("/inbox")).json()["notices"]] == ["application_escalated"]
    assert problem(await wang.get(f"/inbox/{notice['notice']}")) == (404, "no_such_notice")
    assert (await li.get("/inbox")).json()["notices"] == []


async def test_a_holder_reads_what_became_of_his_certificate(department: Department, wang: AsyncClient) -> None:
    await department.give(CERTIFICATE_STREAM, ISSUED, SUSPENDED, REINSTATED, SUPERSEDED)
    templates = [one["template"] for one in (await wang.get("/inbox")).json()["notices"]]
    assert templates == [
        "certificate_superseded",
        "certificate_reinstated",
        "certificate_suspended",
        "certificate_issued",
    ]


async def test_who_is_not_signed_in_sees_nothing(department: Department) -> None:
    async with department.client() as anybody:
        assert (await anybody.get("/inbox")).status_code == 401
        assert (await anybody.post(f"/inbox/{uuid4()}/read")).status_code == 401


async def test_pages_hold_every_notice_once(department: Department, wang: AsyncClient) -> None:
    for minute in range(7):
        moved = SENT_BACK.model_copy(update={"sent_back_at": MORNING + timedelta(minutes=minute // 2)})
        await department.give(APPLICATION_STREAM, moved)
    seen: list[dict[str, str]] = []
    wish: dict[str, str | int] = {"limit": 3}
    sizes = []
    while True:
        page = (await wang.get("/inbox", params=wish)).json()
        assert page["unread"] == 7
        sizes.append(len(page["notices"]))
        seen += page["notices"]
        if page["next"] is None:
            break
        wish["after"] = page["next"]
    assert sizes == [3, 3, 1]
    assert len({notice["notice"] for notice in seen}) == 7
    assert [notice["occurred_at"] for notice in seen] == sorted((n["occurred_at"] for n in seen), reverse=True)


async def test_a_full_last_page_names_no_next(department: Department, wang: AsyncClient) -> None:
    await department.give(APPLICATION_STREAM, SUBMITTED, SENT_BACK)
    assert (await wang.get("/inbox", params={"limit": 2})).json()["next"] is None


@pytest.mark.parametrize(
    ("field", "value"), [("limit", "0"), ("limit", "101"), ("limit", "many"), ("after", "yesterday")]
)
async def test_a_page_that_cannot_be_is_refused(wang: AsyncClient, field: str, value: str) -> None:
    answer = await wang.get("/inbox", params={field: value})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_others_learn_that_it_was_delivered_and_read_but_not_what_it_says(
    department: Department, wang: AsyncClient
) -> None:
    await department.give(ACCOUNT_STREAM, REGISTERED)
    await wang.post(f"/inbox/{await only_notice(wang)}/read")
    rows = await department.engine.pool.fetch("select type, data::text from events order by stream, version")
    assert [row["type"] for row in rows] == [
        "notification.NoticeWritten",
        "notification.NoticeDelivered",
        "notification.NoticeRead",
    ]
    assert ["sealed" in row["data"] for row in rows] == [True, False, False]
    assert not any("王小明" in row["data"] for row in rows)


@pytest.mark.parametrize(("language", "said"), [("zh-CN", "（您作为监护人代办"), ("en", "(You act as guardian")])
def test_a_guardian_is_told_that_it_is_about_his_ward(language: Language, said: str) -> None:
    notice = MyNotice(
        NOTICE_ID, "welcome", {"name": "王小明"}, ACCOUNT_STREAM, MORNING, MORNING, None, as_guardian=True
    )
    assert show(notice, language).body.startswith(said)
    assert said not in show(replace(notice, as_guardian=False), language).body
