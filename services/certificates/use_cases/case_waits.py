"""How long an item waits for what comes by itself, and what is answered meanwhile and in the end. Dated data."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from services.certificates.yaml_entries import read
from shared.contracts.case_items import ItemTaken, Words
from shared.contracts.errors import Misconfigured
from shared.messaging.asked_item import AnswerRefused, AnswerWaiting

FILE = Path(__file__).with_name("case_waits.yaml")
ON_ITS_WAY = Words(
    zh="等待户籍登记信息送达，通常只需片刻；三日内未到的将告知您核对。",
    en="waiting for the register's entry, which usually takes a moment; if it does not come, you are told",
)

GUARDIAN_ON_ITS_WAY = Words(
    zh="持证人未满18周岁，须由户籍登记的监护人办理；正等待监护人登记信息，尚未登记监护人的，请先到公安机关登记。",
    en="The holder is under 18, so a guardian in the register must act; waiting to hear who that is. If none is "
    "entered yet, please have the police enter one.",
)
TOO_YOUNG = Words(
    zh="持证人年龄过小，不能自己申领；请由其监护人到签发机构当面办理。号码填写有误的，请更正后重新提交。",
    en="Who would hold this is too young to apply; their guardian turns to the issuing body in person. If the number "
    "is wrong, please correct it and hand it in again.",
)


class Waits(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at_once_seconds: int = Field(ge=1, le=600)
    at_most_hours: int = Field(ge=1, le=24 * 90)
    source: tuple[str, ...] = Field(min_length=1)

    def until_known(
        self, item: ItemTaken, now: datetime, code: str, why: Words, field: str, told: Words = ON_ITS_WAY
    ) -> AnswerWaiting | AnswerRefused | None:
        """None: look again at once. `told`: what is waited for.

        `code`, `why` and `field`: what is answered when it has not come in the end."""
        waited = now - item.requested_at
        if waited < timedelta(seconds=self.at_once_seconds):
            return None
        if waited < timedelta(hours=self.at_most_hours):
            return AnswerWaiting(told, now, on_its_way=True)
        return _refused(now, code, why, field)

    def a_moment(self, item: ItemTaken, now: datetime, code: str, why: Words, field: str) -> AnswerRefused | None:
        """As `until_known` of what is wrong, unless an event that is on its way puts it right."""
        is_fresh = now - item.requested_at < timedelta(seconds=self.at_once_seconds)
        return None if is_fresh else _refused(now, code, why, field)


@cache
def waits() -> Waits:
    """Raises Misconfigured."""
    entries = read(FILE, Waits)
    if len(entries) != 1:
        raise Misconfigured(f"{FILE.name}: there is one entry")
    return entries[0]


def _refused(now: datetime, code: str, why: Words, field: str) -> AnswerRefused:
    return AnswerRefused(code, why, now, may_retry=True, fields={field: why})
