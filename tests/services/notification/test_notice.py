"""Given events, when command, then events or refused."""

from datetime import timedelta

import pytest

from services.notification.domain.notice import (
    NOTICE,
    Command,
    DeliverNotice,
    MarkRead,
    NotDelivered,
    NoticeWritten,
    State,
)
from shared.contracts.errors import NotFound
from shared.contracts.event import Event
from shared.contracts.notification import NoticeDelivered, NoticeRead
from tests.services.notification.examples import ACCOUNT_STREAM, LI, MORNING, NOTICE_ID, SUBMITTED, WANG

DELIVER = DeliverNotice(NOTICE_ID, WANG, "welcome", {"name": "王小明"}, ACCOUNT_STREAM, MORNING)
OPEN = MarkRead(NOTICE_ID, WANG, MORNING + timedelta(hours=1))

WRITTEN = NoticeWritten(
    recipient=WANG,
    template="welcome",
    facts={"name": "王小明"},
    about=ACCOUNT_STREAM,
    occurred_at=MORNING,
    concerns=WANG,
)
DELIVERED = NoticeDelivered(notice=NOTICE_ID, recipient=WANG, template="welcome", about=ACCOUNT_STREAM)
READ = NoticeRead(notice=NOTICE_ID, recipient=WANG, read_at=OPEN.now)


def given(*events: Event) -> State:
    state: State = NotDelivered()
    for event in events:
        state = NOTICE.evolve(state, event)
    return state


def then(state: State, command: Command) -> list[Event]:
    return list(NOTICE.decide(state, command))


def test_a_notice_is_written_and_delivered_in_one_decision() -> None:
    assert then(given(), DELIVER) == [WRITTEN, DELIVERED]


@pytest.mark.parametrize("history", [(WRITTEN, DELIVERED), (WRITTEN, DELIVERED, READ)])
def test_a_notice_is_delivered_once(history: tuple[Event, ...]) -> None:
    assert then(given(*history), DELIVER) == []


def test_its_recipient_reads_it() -> None:
    assert then(given(WRITTEN, DELIVERED), OPEN) == [READ]


def test_reading_it_again_changes_nothing() -> None:
    assert then(given(WRITTEN, DELIVERED, READ), OPEN) == []


@pytest.mark.parametrize("history", [(), (WRITTEN, DELIVERED), (WRITTEN, DELIVERED, READ)])
def test_to_anybody_else_there_is_no_such_notice(history: tuple[Event, ...]) -> None:
    with pytest.raises(NotFound, match="no_such_notice"):
        then(given(*history), MarkRead(NOTICE_ID, LI, MORNING))


def test_what_is_not_delivered_cannot_be_read() -> None:
    with pytest.raises(NotFound, match="no_such_notice"):
        then(given(), OPEN)


def test_an_event_of_no_concern_changes_nothing() -> None:
    assert given(WRITTEN, DELIVERED, SUBMITTED) == given(WRITTEN, DELIVERED)


def test_what_the_words_rest_on_is_personal_and_stays_private() -> None:
    assert NoticeWritten.personal_fields() == {"facts"}
    assert not NoticeDelivered.personal_fields()
    assert "facts" not in NoticeDelivered.model_fields


def test_a_written_notice_of_schema_1_is_read_for_ever() -> None:
    stored = (
        '{"recipient":"0192a000-0000-7000-8000-000000000001","template":"application_sent_back",'
        '"facts":{"certificate":"residence","wrong_fields":{"landlord":"请填写全名"}},'
        '"about":"application-0192b000-0000-7000-8000-000000000001","occurred_at":"2023-12-23T01:00:00Z"}'
    )
    event = NoticeWritten.model_validate_json(stored)
    assert event.facts == {"certificate": "residence", "wrong_fields": {"landlord": "请填写全名"}}
    assert event.model_dump_json() == stored.removesuffix("}") + ',"as_guardian":false,"concerns":null}'
