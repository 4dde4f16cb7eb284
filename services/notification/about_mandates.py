"""What principals and agents are told: of mandates, and of each act done under one."""

from collections.abc import Iterator
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from services.notification.told import Told, told
from shared.contracts.certificates import (
    ApplicationMessageSent,
    ApplicationResubmitted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from shared.contracts.event import Event
from shared.contracts.identity import MandateAccepted, MandateDeclined, MandateEnd, MandateEnded, MandateGiven
from shared.contracts.insurance import MaternityAllowanceConfirmed
from shared.contracts.matters import MATTERS
from shared.standards.text import Text

EVENTS: tuple[type[Event], ...] = (
    MandateGiven,
    MandateAccepted,
    MandateDeclined,
    MandateEnded,
    ApplicationSubmitted,
    ApplicationResubmitted,
    ApplicationWithdrawn,
    ApplicationMessageSent,
    MaternityAllowanceConfirmed,
)

WHY: MappingProxyType[MandateEnd, Text] = MappingProxyType(
    {
        "by_principal": Text("委托人已终止委托", "the principal ended it"),
        "by_agent": Text("代理人已辞去委托", "the agent ended it"),
        "principal_died": Text("委托人已死亡", "the principal has died"),
        "agent_died": Text("代理人已死亡", "the agent has died"),
        "lapsed": Text("委托期限届满", "its last day is over"),
        "principal_annulled": Text("委托人的户口登记已撤销", "the principal's entry in the register was annulled"),
        "agent_annulled": Text("代理人的户口登记已撤销", "the agent's entry in the register was annulled"),
    }
)
SUBMITTED = Text("提交申请", "submitted the application")
RESUBMITTED = Text("补正并重新提交申请", "put the application right and submitted it again")
WITHDRAWN = Text("撤回申请", "withdrew the application")
WROTE = Text("向受理单位留言", "wrote to the office")


def about_mandate(event: Event) -> Iterator[Told]:
    """Both parties; of an act for oneself nothing is told here."""
    match event:
        case MandateGiven() | MandateAccepted() | MandateDeclined() | MandateEnded():
            yield from _mandate(event)
        case ApplicationSubmitted(submitted_at=at):
            yield from _acted(event, event.certificate_type, SUBMITTED, at)
        case ApplicationResubmitted(resubmitted_at=at):
            yield from _acted(event, event.certificate_type or "", RESUBMITTED, at)
        case ApplicationWithdrawn(withdrawn_at=at):
            yield from _acted(event, event.certificate_type, WITHDRAWN, at)
        case ApplicationMessageSent(sent_at=at):
            yield from _acted(event, event.certificate_type, WROTE, at)
        case MaternityAllowanceConfirmed(agent=UUID() as agent, confirmed_at=at):
            amount = str(event.amount)
            yield told(event.person, "agent_confirmed_allowance", at, agent=event.agent_name or "", amount=amount)
            yield told(agent, "allowance_confirmed_as_agent", at, amount=amount)


def _mandate(event: MandateGiven | MandateAccepted | MandateDeclined | MandateEnded) -> Iterator[Told]:
    match event:
        case MandateGiven() | MandateAccepted():
            is_new = isinstance(event, MandateGiven)
            at = event.given_at if isinstance(event, MandateGiven) else event.accepted_at
            matters, until = _words(MATTERS.titles(event.matters)), event.until.isoformat()
            principals = "mandate_given" if is_new else "mandate_accepted"
            yield told(event.principal, principals, at, agent=event.agent_name, matters=matters, until=until)
            if event.agent:
                agents = "mandate_offered" if is_new else "mandate_taken_on"
                yield told(event.agent, agents, at, principal=event.principal_name, matters=matters, until=until)
        case MandateDeclined():
            yield told(event.principal, "mandate_declined", event.declined_at, agent=event.agent_name)
        case MandateEnded():
            yield from _ended(event)


def _ended(event: MandateEnded) -> Iterator[Told]:
    """The dead read nothing."""
    why = _words(WHY[event.reason])
    if event.reason != "principal_died":
        yield told(event.principal, "mandate_ended", event.ended_at, agent=event.agent_name, reason=why)
    if event.agent and event.reason != "agent_died":
        principal = event.principal_name
        yield told(event.agent, "mandate_ended_for_agent", event.ended_at, principal=principal, reason=why)


def _acted(
    event: ApplicationSubmitted | ApplicationResubmitted | ApplicationWithdrawn | ApplicationMessageSent,
    certificate: str,
    act: Text,
    at: datetime,
) -> Iterator[Told]:
    if event.agent is None:
        return
    agent, words = event.agent_name or "", _words(act)
    yield told(event.citizen, "agent_acted", at, agent=agent, act=words, certificate=certificate)
    yield told(event.agent, "acted_as_agent", at, act=words, certificate=certificate)


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
