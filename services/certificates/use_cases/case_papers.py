"""The applications that a case's item led to, the paper that stands of them, and what it was asked for with."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.certificates.domain import application_state as states
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.certificate import certificate_of
from services.certificates.domain.certificate_state import Living
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.use_cases.forms_behind import form_behind
from services.certificates.use_cases.present import in_its_place
from shared.contracts.case_items import ItemTaken
from shared.contracts.cases import CertificatesItemRequested, CertificatesItemWithdrawn
from shared.contracts.certificates import (
    CertificateIssued,
    CertificatesItemDone,
    CertificatesItemRefused,
    CertificatesItemUndone,
    CertificatesItemWaiting,
)
from shared.eventstore.store import Store
from shared.messaging.asked_item import Vocabulary, asked_item, item_id, reference

VOCABULARY = Vocabulary(
    CertificatesItemRequested,
    CertificatesItemWithdrawn,
    CertificatesItemWaiting,
    CertificatesItemDone,
    CertificatesItemRefused,
    CertificatesItemUndone,
)
ITEM = asked_item(VOCABULARY)


@dataclass(frozen=True, slots=True)
class Made:
    """An application of an item."""

    attempt: int
    state: states.Open | states.Closed

    @property
    def id(self) -> UUID:
        return self.state.of.application


@dataclass(frozen=True, slots=True)
class Standing:
    """A paper of an item that holds, or is suspended. `inputs`: those that it was asked for with."""

    of: CertificateIssued
    form: Mapping[str, str]
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CasePapers:
    store: Store

    async def made(self, item: ItemTaken) -> list[Made]:
        """Its applications, the newest first."""
        found = []
        for attempt in range(item.attempt, 0, -1):
            stream = APPLICATION.stream(reference(item.case, item.item, attempt))
            state = (await self.store.stand(stream, APPLICATION)).state
            if not isinstance(state, states.NotSubmitted):
                found.append(Made(attempt, state))
        return found

    async def standing(self, item: ItemTaken) -> Standing | None:
        """The paper of an earlier attempt that is not over. None: there is none."""
        applied = await self.made(item)
        for after, made in zip([None, *applied], applied, strict=False):
            if not isinstance(made.state, states.Approved):
                continue
            paper = await in_its_place(self.store, certificate_of(made.id))
            if isinstance(paper, Living):
                form = await form_behind(self.store, paper.as_issued)
                until = after.attempt if after else item.attempt
                return Standing(paper.as_issued, form or {}, await self.inputs_behind(item, made.attempt, until))
        return None

    async def inputs_behind(self, item: ItemTaken, attempt: int, until: int) -> Mapping[str, str]:
        """What led to the application of this attempt: its inputs, or those of a later one that put it right."""
        behind: Mapping[str, str] = {}
        asked: ItemTaken | None = None
        for event in (await self.store.load(ITEM.stream(item_id(item.case, item.item)), ITEM)).events:
            match event.data:
                case ItemTaken() as asked:
                    behind = asked.inputs if asked.attempt == attempt else behind
                case CertificatesItemWaiting(on_its_way=False) | CertificatesItemDone():
                    if asked and attempt <= asked.attempt < until:
                        behind = asked.inputs
        return behind


def form_of(type: CertificateType, inputs: Mapping[str, str]) -> Mapping[str, str]:
    given = {name: value for name, value in inputs.items() if (field := type.field(name)) and field.editable}
    if type.issuing_body and (body := inputs.get("issuing_body")):
        given[type.issuing_body] = body
    return given


def anew(type: CertificateType, item: ItemTaken, standing: Standing) -> Mapping[str, str]:
    """What the paper says today, with what is asked for otherwise than before: the register may have corrected it."""
    given, before = form_of(type, item.inputs), form_of(type, standing.inputs)
    is_elsewhere = item.inputs.get("issuing_body") != standing.inputs.get("issuing_body")
    follows = {type.division} if is_elsewhere else set()
    stays = {
        name: value
        for name, value in standing.form.items()
        if (field := type.field(name))
        and field.editable
        and given.get(name) == before.get(name)
        and name not in follows
    }
    return {**given, **stays}
