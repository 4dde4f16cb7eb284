"""Lives of a birth's case by chance but repeatably: `python -m tests.services.cases.lives --count 10000`.

Whatever happens in whatever order (corrections, refusals, deaths, withdrawals, late and doubled answers), somebody can
always act, and once everybody does what is theirs to do the case ends: done, partly done, or stopped and freed.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from services.cases.definitions import definitions
from services.cases.domain.answering import Answer, GiveUpItem, NoteStuck, RetryItem, TakeAnswer
from services.cases.domain.case import CASE, Command
from services.cases.domain.case_state import AwaitingConsent, Closed, NotOpened, Running, State
from services.cases.domain.consent import GiveConsent, OpenCase, StopCase, WithdrawConsent
from services.cases.domain.facts import Gone, TakeFacts, wrong_now
from services.cases.domain.following import is_free
from services.cases.domain.opening import Persons, TakenIn, open_case
from services.cases.domain.supplement import AskSupplement, Form, Supplement
from shared.contracts.case_items import (
    ItemDone,
    ItemRefused,
    ItemRequested,
    ItemUndone,
    ItemWaiting,
    ItemWithdrawn,
    Words,
)
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.standards.shanghai import day_in_shanghai
from tests.services.cases.examples import CLERK, FATHER, MOTHER

BIRTH = definitions().of_version("birth", 2)
assert BIRTH is not None
DEFINITION = BIRTH
BEGINNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
WHY = Words(zh="示例原因。", en="An example of a reason.")
CHILD = UUID("018c94c2-4f00-7000-8000-0000000000c9")
NAMES = ("季小满", "寓小满", "季小雪", "王小满")
STEPS = 40  # of chance in a life
DUTIES = 200  # within which it ends once everybody does what is theirs
FORM = {
    "child_name": "季小满",
    "child_sex": "female",
    "birth_date": "2026-03-01",
    "birth_time": "09:30",
    "birth_order": "first",
    "gestation_weeks": "39",
    "weight_grams": "3250",
    "length_cm": "50",
    "hospital": "zhengding_maternal",
    "householder": "mother",
    "card_bank": "icbc",
}


@dataclass
class Life:
    """One birth: a register, a family, departments that owe answers, and a bureau."""

    random: Random
    way: str
    now: datetime = BEGINNING
    facts: dict[str, str] = field(default_factory=dict)
    gone: dict[str, Gone] = field(default_factory=dict)
    state: State = CASE.initial
    owed: list[ItemRequested | ItemWithdrawn] = field(default_factory=list)
    said: list[Answer] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    ended: list[Closed] = field(default_factory=list)

    def hand_in(self) -> None:
        way = DEFINITION.way_called(self.way)
        assert way is not None
        ids = {"mother": MOTHER, "father": FATHER}
        persons = Persons({role: ids[role] for role in way.roles}, self.known(), MOTHER, way)
        given = dict(FORM)
        if self.way == "acknowledged":
            given |= {"acknowledged_name": "寓客来", "acknowledged_id_number": "130123198808169999"}
        taken_in = TakenIn("app", None, self.now, day_in_shanghai(self.now))
        opened = open_case(DEFINITION, given, persons, taken_in, number=len(self.ended))
        self.state, self.owed, self.said = CASE.initial, [], []
        self.do(OpenCase(opened))

    def known(self) -> dict[str, str]:
        roles = {"mother"} if self.way == "mother_alone" else {"mother", "father"}
        told = {source: value for source, value in self.facts.items() if source.partition(".")[0] in roles}
        return {**told, "marriage.licence": "J130123-2020-000123"}

    def do(self, command: Command) -> bool:
        """Whether anything came of it. What the rules refuse changes nothing."""
        try:
            made = CASE.decide(self.state, command)
        except Refused:
            return False
        for event in made:
            self.state = CASE.evolve(self.state, event)
            if isinstance(event, ItemRequested | ItemWithdrawn):
                self.owed = [one for one in self.owed if one.item != event.item]
                self.owed.append(event)
        self.events += made
        return bool(made)

    # what the world does

    def take_facts(self) -> TakeFacts:
        way = DEFINITION.way_called(self.way)
        assert way is not None
        made = {name: CHILD for item in getattr(self.state, "items", {}).values() for name in item.results}
        gone = {role: one for role, one in self.gone.items() if role != "child" or "child" in made}
        return TakeFacts(DEFINITION, way, self.known(), gone, None, self.now)

    def change_the_register(self) -> None:
        role = self.random.choice(["mother", "father"])
        match self.random.randrange(4):
            case 0:
                self.facts[f"{role}.id_number"] = self.random.choice(["130123199202189981", "130123199202189965"])
            case 1:
                self.facts[f"{role}.name"] = self.random.choice(["季试用", "吉试用"])
            case 2:
                self.facts[f"{role}.division"] = self.random.choice(["130123100242", "130123100240", "450821105202"])
                self.facts[f"{role}.address"] = f"{self.random.randrange(99)}号"
            case _:
                self.lose_or_find(self.random.choice(["mother", "father", "child"]))
        self.do(self.take_facts())

    def lose_or_find(self, role: str) -> None:
        if role in self.gone:
            del self.gone[role]
        else:
            ids = {"mother": MOTHER, "father": FATHER, "child": CHILD}
            self.gone[role] = Gone(ids[role], self.random.choice(["died", "died", "annulled"]))

    def answer(self, *, kindly: bool = False) -> bool:
        """A department answers what it owes."""
        if not self.owed:
            return False
        asked = self.owed.pop(self.random.randrange(len(self.owed)))
        if isinstance(asked, ItemWithdrawn):
            left = WHY if self.random.random() < 0.3 else None
            return self.hear(ItemUndone(case=asked.case, item=asked.item, left=left, undone_at=self.now))
        item: dict[str, Any] = {"case": asked.case, "item": asked.item}
        if kindly or (chance := self.random.random()) < 0.5:
            return self.hear(ItemDone(**item, attempt=asked.attempt, results=self.results(asked), done_at=self.now))
        fields = {name: WHY for name in asked.inputs if self.random.random() < 0.2}
        if chance < 0.7:
            self.owed.append(asked)  # still to be answered
            return self.hear(ItemWaiting(**item, waits_for=WHY, since=self.now, fields=fields))
        may_retry = self.random.random() < 0.7
        refused = ItemRefused(
            **item,
            attempt=asked.attempt,
            code="no",
            reason=WHY,
            may_retry=may_retry,
            refused_at=self.now,
            fields=fields,
        )
        return self.hear(refused)

    def results(self, asked: ItemRequested) -> dict[str, str]:
        if asked.item == "household_entry":
            return {"child": str(CHILD), "child_id_number": "130123202603010026"}
        return {"certificate": f"1.2.156.{asked.attempt}"}

    def hear(self, answer: Answer) -> bool:
        """Somebody acted, whatever came of it."""
        self.said.append(answer)
        self.do(TakeAnswer(answer))
        return True

    def hear_again(self) -> None:
        """Late, or delivered twice."""
        if self.said:
            self.do(TakeAnswer(self.random.choice(self.said)))

    def lose_an_answer(self) -> None:
        """Nothing comes of what was asked."""
        if self.owed:
            lost = self.owed.pop(self.random.randrange(len(self.owed)))
            self.do(NoteStuck(lost.item, self.now))

    # what the family does

    def consent(self, person: UUID | None = None) -> bool:
        wrong = wrong_now(self.state, self.take_facts()) if not isinstance(self.state, NotOpened) else {}
        return self.do(GiveConsent(person or self.random.choice([MOTHER, FATHER]), self.now, wrong=wrong))

    def withdraw(self) -> bool:
        return self.do(WithdrawConsent(self.random.choice([MOTHER, FATHER]), self.now))

    def supplement(self, *, kindly: bool = False) -> bool:
        state = self.state
        if not isinstance(state, Running) or state.supplement is None:
            return False
        given = (
            {} if kindly else {name: self.value(name) for name in state.supplement.fields if self.random.random() < 0.7}
        )
        way = DEFINITION.way_called(self.way)
        assert way is not None
        by_form = Form(DEFINITION, way, self.known(), None, day_in_shanghai(self.now))
        person = self.random.choice(sorted(state.of.acting))
        return self.do(Supplement(person, "见附件", self.now, given, by_form))

    def value(self, name: str) -> str:
        choices = {
            "child_name": NAMES,
            "householder": ("mother", "father"),
            "hospital": ("zhengding_maternal", "pingnan_maternal", "at_home"),
            "birth_time": ("09:30", "10:00", "25:00"),
            "naming": ("surname", "custom"),
            "child_sex": ("female", "male"),
            "weight_grams": ("3250", "3300"),
        }
        return self.random.choice(choices.get(name, ("38", "13800138000")))

    # what the bureau does

    def ask(self) -> bool:
        typed = () if isinstance(self.state, NotOpened) else self.state.of.as_opened.typed
        fields = tuple(name for name in typed if self.random.random() < 0.2)
        return self.do(AskSupplement(CLERK, "请核对。", self.now, fields))

    def retry(self) -> bool:
        return any(self.do(RetryItem(code, self.now)) for code in self.items())

    def give_up(self) -> bool:
        return any(self.do(GiveUpItem(code, self.now)) for code in self.items())

    def stop(self) -> bool:
        return self.do(StopCase(CLERK, "无人继续办理。", self.now))

    def items(self) -> list[str]:
        codes = list(getattr(self.state, "items", {}))
        self.random.shuffle(codes)
        return codes

    # a life

    def live(self) -> None:
        """By chance for a while."""
        happenings: list[tuple[Callable[[], object], int]] = [
            (self.answer, 10),
            (self.consent, 4),
            (self.hear_again, 4),
            (self.change_the_register, 3),
            (self.supplement, 4),
            (self.ask, 1),
            (self.retry, 2),
            (self.give_up, 1),
            (self.lose_an_answer, 1),
            (self.withdraw, 0 if self.random.random() < 0.6 else 1),
            (self.stop, 0 if self.random.random() < 0.9 else 1),
        ]
        acts, weights = zip(*happenings, strict=True)
        for _ in range(self.random.randrange(STEPS)):
            self.now += timedelta(hours=self.random.choice([1, 5, 30]))
            self.random.choices(acts, weights)[0]()
            if isinstance(self.state, Closed):
                self.close()
                if self.random.random() < 0.5 or not is_free(self.state):
                    return
                self.gone.clear()
                self.facts |= {"mother.name": "季试用", "father.name": "寓客来"}
                self.hand_in()

    def everybody_does_theirs(self) -> None:
        """Raises AssertionError when nobody can act, or it does not end."""
        for _ in range(DUTIES):
            if isinstance(self.state, Closed):
                self.close()
                return
            self.now += timedelta(days=1)
            if not any(duty() for duty in self.duties()):
                raise AssertionError(f"nobody can act: {self.state}")
        raise AssertionError(f"it does not end: {self.state}")

    def duties(self) -> Iterator[Callable[[], bool]]:
        state = self.state
        if isinstance(state, AwaitingConsent | Running):
            consents = state.of.as_opened.consents
            for person in [one.person for one in consents if one.role in state.of.missing]:
                yield lambda person=person: self.consent(person)  # type: ignore[misc]
        yield lambda: self.supplement(kindly=True)
        yield self.owed_again
        yield lambda: self.answer(kindly=self.random.random() < 0.8)
        yield self.retry if self.random.random() < 0.5 else self.give_up
        yield self.give_up
        yield self.is_in_time

    def is_in_time(self) -> bool:
        """What a department holds is waited for until it is late."""
        held = [one for one in getattr(self.state, "items", {}).values() if one.status == "held"]
        return any(one.due and one.due > self.now for one in held)

    def owed_again(self) -> bool:
        """What was asked and not answered is noticed in the end."""
        owed = {one.item for one in self.owed}
        items = getattr(self.state, "items", {})
        return any(
            self.do(NoteStuck(code, self.now))
            for code, one in items.items()
            if code not in owed and one.status in ("requested", "undoing") and not one.is_stuck
        )

    def close(self) -> None:
        """How it ended is told truly."""
        state = self.state
        assert isinstance(state, Closed)
        done = {code for code, one in state.items.items() if one.status == "done"}
        assert set(state.closed.done) == done
        assert state.closed.may_apply_again == is_free(state)
        if is_free(state):
            assert "household_entry" not in done
        assert all(one.is_at_its_end for one in state.items.values())
        if state not in self.ended:
            self.ended.append(state)


def born(seed: int) -> Life:
    random = Random(seed)
    life = Life(random, random.choice(["wedlock", "wedlock", "mother_alone", "acknowledged", "posthumous"]))
    life.facts = {
        "mother.name": "季试用",
        "mother.id_number": "130123199202189981",
        "mother.division": "130123100242",
        "mother.address": "西街5排1号",
        "mother.residence": "河北省石家庄市正定县正定镇塔元庄村西街5排1号",
        "mother.phone": "13800138001",
        "father.name": "寓客来",
        "father.id_number": "130123198808169999",
        "father.division": "130123102201",
        "father.address": "中心街9号",
        "father.residence": "河北省石家庄市正定县曲阳桥镇中心街9号",
    }
    life.hand_in()
    return life


def lived(seed: int) -> Life:
    """Raises AssertionError naming the seed."""
    life = born(seed)
    try:
        life.live()
        life.everybody_does_theirs()
    except AssertionError as wrong:
        raise AssertionError(f"seed {seed}: {wrong}") from wrong
    return life


def many(count: int, first: int = 0) -> Counter[str]:
    """How so many lives ended."""
    ends: Counter[str] = Counter()
    for seed in range(first, first + count):
        for closed in lived(seed).ended:
            ends[closed.closed.outcome + (", free" if is_free(closed) else "")] += 1
    return ends


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.services.cases.lives", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="lives (default 10,000)")
    count = parser.parse_args().count
    began = time.perf_counter()
    print(f"{count} lives: {dict(many(count))} in {time.perf_counter() - began:.1f} s")
