"""Whatever the register tells, and in whatever order: at the end no paper holds that says what it no longer says."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.certificates.domain.certificate import CERTIFICATE, Command, IssueCertificate
from services.certificates.domain.certificate_life import ReinstateCertificate, SupersedeCertificate, SuspendCertificate
from services.certificates.domain.certificate_state import Issued, Living, State
from services.certificates.domain.fact_change import Annulled, Change, Corrected, Died, HearOfChange, Lives, Moved
from services.certificates.domain.next_version import next_version
from services.certificates.domain.register_facts import difference
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from tests.services.certificates.examples import FORM, KNOWN, RESIDENCE, SEALED, VILLAGE, state_after
from tests.services.certificates.lives import CLERK, ISSUED, LATER

WITH_REVIEWER = ISSUED.model_copy(update={"reviewer": CLERK.id, "valid_to": None})
STEPS = ["甲", "乙", "张三", "die", "live", "move", "annul", "suspend", "reinstate", "follow", "seal"]


@dataclass
class World:
    """One paper and what takes its place, and the register that it rests on."""

    name: str = "张三"
    is_alive: bool = True
    is_annulled: bool = False
    heard: list[Change] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=lambda: [dict(FORM.values)])
    papers: list[list[Event]] = field(default_factory=lambda: [[WITH_REVIEWER]])

    @property
    def last(self) -> State:
        return state_after(CERTIFICATE, self.papers[-1])

    def do(self, command: Command, paper: int = -1) -> None:
        state = state_after(CERTIFICATE, self.papers[paper])
        self.papers[paper] += CERTIFICATE.decide(state, command)

    def differs(self) -> dict[str, str]:
        known = {source.replace("person.", "holder."): value for source, value in KNOWN.items()}
        known["holder.name"] = self.name
        found = difference(RESIDENCE.fields, RESIDENCE.says, RESIDENCE.rests_on, self.forms[-1], known)
        return dict(found.now)

    def follow(self) -> None:
        """The leader looks at what it heard, the oldest first; what is being replaced keeps it open."""
        while self.heard:
            state = self.last
            if isinstance(state, Living) and state.correction:
                return
            change = self.heard.pop(0)
            if isinstance(change, Died) and self.is_alive:
                continue
            for told in (change, Corrected()) if isinstance(change, Lives) else (change,):
                now = self.differs()
                compared = difference(RESIDENCE.fields, {}, RESIDENCE.rests_on, self.forms[-1], self._known())
                cause = uuid5(UUID(int=1), str(len(self.papers[-1])))
                form = {**self.forms[-1], **now} if now else None
                self.do(HearOfChange(cause, told, RESIDENCE.rests_on, LATER, compared, form))
            state = self.last
            if isinstance(state, Living) and state.correction:
                self.heard.insert(0, Corrected())

    def _known(self) -> dict[str, str]:
        known = {source.replace("person.", "holder."): value for source, value in KNOWN.items()}
        return known | {"holder.name": self.name}

    def seal(self) -> None:
        state = self.last
        if not isinstance(state, Living) or state.correction is None:
            return
        form = state.correction.form
        says = next_version(state.as_issued, RESIDENCE, form, state.correction.decided_by, LATER)
        before = len(self.papers) - 1
        self.papers.append([])
        self.forms.append(dict(form))
        self.do(IssueCertificate(says, SEALED))
        self.papers[-1] = [event for event in self.papers[-1] if type(event).__name__ == "CertificateIssued"]
        self.papers[-1][0] = self.papers[-1][0].model_copy(update={"reviewer": CLERK.id})
        self.do(SupersedeCertificate(says.certificate, says.identifier, LATER), before)

    def step(self, step: str) -> None:
        match step:
            case "die":
                self.is_alive = False
                self.heard.append(Died())
            case "live" if not self.is_alive:
                self.is_alive = True
                self.heard.append(Lives())
            case "live":
                pass
            case "move":
                self.heard.append(Moved(VILLAGE))
            case "annul":
                self.is_annulled = True
                self.heard.append(Annulled())
            case "suspend":
                self._officer(SuspendCertificate(CLERK, "under_review", "核实", LATER))
            case "reinstate":
                if not self.differs() and not self.heard:
                    self._officer(ReinstateCertificate(CLERK, "无误", LATER))
            case "follow":
                self.follow()
            case "seal":
                self.seal()
            case name:
                self.name = name
                self.heard.append(Corrected())

    def _officer(self, command: Command) -> None:
        try:
            self.do(command)
        except Refused:
            return

    def settle(self) -> None:
        for _ in range(len(STEPS) * 10):
            self.follow()
            self.seal()
            state = self.last
            if not self.heard and not (isinstance(state, Living) and state.correction):
                return
        raise AssertionError("never settled")


@example(["die", "move", "follow", "reinstate"])
@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=25))
def test_no_valid_paper_says_what_the_register_no_longer_says(steps: list[str]) -> None:
    world = World()
    for step in steps:
        world.step(step)
    world.settle()
    living = [state for paper in world.papers if isinstance(state := state_after(CERTIFICATE, paper), Living)]
    assert len(living) <= 1
    if world.is_annulled:
        assert living == []
    for state in living:
        if isinstance(state, Issued):
            assert state.as_issued.holder_name == world.name
            assert world.is_alive
