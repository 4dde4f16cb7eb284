"""What the insured are told: the golden examples of insurance's events in, notices out."""

import pytest

from deploy.compatibility.golden import FOLDER, read_all
from services.notification import about_insurance
from services.notification.domain.notice import DeliverNotice
from services.notification.reactions import tell
from services.notification.texts import TEXTS
from shared.contracts.event import Event
from shared.contracts.insurance import ClaimSettled, MaternityNotCovered
from tests.services.notification.examples import REGISTRY, came

STREAM = "insured-0192a000-0000-7000-8000-000000000001"


def example(event: type[Event]) -> Event:
    """As it was stored once."""
    type_name = REGISTRY.type_of(event)
    return REGISTRY.decode(type_name, 1, read_all(FOLDER)[type_name, 1].examples[0])


def notice_of(event: Event) -> DeliverNotice:
    [instruction] = tell(came(event, STREAM))
    command = instruction.command
    assert isinstance(command, DeliverNotice)
    return command


@pytest.mark.parametrize("event", about_insurance.EVENTS)
def test_the_insured_is_told_in_both_languages(event: type[Event]) -> None:
    notice = notice_of(example(event))
    assert TEXTS.templates[notice.template].facts.keys() == notice.facts.keys()
    for language in ("zh-CN", "en"):
        words = TEXTS.render(notice.template, notice.facts, language)
        assert "{" not in "".join(words)


def test_a_settlement_tells_who_pays_what() -> None:
    notice = notice_of(example(ClaimSettled))
    assert "个人负担15588.00元" in TEXTS.render(notice.template, notice.facts, "zh-CN").body


@pytest.mark.parametrize("code", ["not_insured", "insurance_lapsed", "not_yet_insured"])
def test_a_mother_who_is_not_covered_is_told_why_and_what_to_do(code: str) -> None:
    told = example(MaternityNotCovered).model_copy(update={"code": code})
    notice = notice_of(told)
    words = TEXTS.render(notice.template, notice.facts, "en")
    assert "2023-11-18" in words.body
    assert "What to do next" in words.body
