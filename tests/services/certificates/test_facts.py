"""What departments may ask instead of a paper: the answers, who is entitled, and the data that says so."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certificates.facts.answering import UNKNOWN, Answered, Known, answer
from services.certificates.facts.entitlement import AskableFact, askable_facts, load
from services.certificates.facts.question import (
    QUESTION,
    AnswerFact,
    Asking,
    FactAnswered,
    FactAsked,
    FactRefused,
    RefuseFact,
)
from services.certificates.facts.register_entries import Entry
from services.certificates.read_models.holdings import Holding
from shared.contracts.errors import Misconfigured
from shared.contracts.identity import Role
from shared.standards.id_number import IdNumber
from shared.standards.person_name import same_key
from tests.services.certificates.examples import (
    ID_NUMBER,
    NOW,
    OTHER_VILLAGE,
    REVIEWER,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    history,
)

ENTERED, MOVED, DIED, ISSUED = (UUID(int=n) for n in range(1, 5))
ENTRY = Entry(ZHANG, ID_NUMBER, VILLAGE, None, ENTERED, MOVED, None)
DEAD = replace(ENTRY, died_on=TODAY, death_event=DIED)
HELD = Holding(UUID(int=9), "residence", OTHER_VILLAGE, False, NOW, ISSUED, "valid", date(2024, 6, 24))
KNOWN = Known(ENTRY, (), TODAY)


def test_someone_is_a_resident_where_his_household_is_and_in_all_that_holds_it() -> None:
    for place in (VILLAGE, TOWNSHIP, "130123000000"):
        assert answer("resident", place, KNOWN) == Answered("yes", MOVED)
    assert answer("resident", OTHER_VILLAGE, KNOWN) == Answered("no", MOVED)


def test_a_tenant_is_a_resident_by_his_certificate_while_it_holds() -> None:
    tenant = replace(KNOWN, holdings=(HELD,))
    assert answer("resident", OTHER_VILLAGE, tenant) == Answered("yes", ISSUED)
    suspended = replace(KNOWN, holdings=(replace(HELD, status="suspended"),))
    assert answer("resident", OTHER_VILLAGE, suspended) == Answered("no", MOVED)
    assert answer("resident", OTHER_VILLAGE, replace(tenant, day=date(2024, 6, 24))) == Answered("yes", ISSUED)
    assert answer("resident", OTHER_VILLAGE, replace(tenant, day=date(2024, 6, 25))) == Answered("no", MOVED)
    other_type = replace(KNOWN, holdings=(replace(HELD, certificate_type="family_economic_status"),))
    assert answer("resident", OTHER_VILLAGE, other_type) == Answered("no", MOVED)


def test_the_dead_live_nowhere() -> None:
    dead = Known(DEAD, (HELD,), TODAY)
    assert answer("alive", "", KNOWN) == Answered("yes", ENTERED)
    assert answer("alive", "", dead) == Answered("no", DIED)
    assert answer("resident", VILLAGE, dead) == Answered("no", DIED)
    assert answer("adult", "", dead) == UNKNOWN


def test_one_comes_of_age_on_the_eighteenth_birthday() -> None:
    child = replace(ENTRY, id_number=IdNumber("130123200002291231"))
    eve, birthday = date(2018, 2, 28), date(2018, 3, 1)  # of who was born on a 29 February
    assert answer("adult", "", Known(child, (), eve)).answer == "no"
    assert answer("adult", "", Known(child, (), birthday)).answer == "yes"


def test_a_certificate_of_the_type_is_held_or_not() -> None:
    holder = replace(KNOWN, holdings=(HELD,))
    assert answer("holds_certificate", "residence", holder) == Answered("yes", ISSUED)
    assert answer("holds_certificate", "household_page", holder) == Answered("no", None)


FACTS = askable_facts()
CURIOUS = frozenset({Role.operator, Role.administrator})


@given(
    st.sampled_from(sorted(FACTS)),
    st.frozensets(st.sampled_from(sorted(Role))),
    st.sampled_from(["school_entry", "pension_eligibility", "curiosity"]),
)
def test_only_a_listed_role_asks_and_a_conditional_fact_only_for_a_listed_purpose(
    fact: str, roles: frozenset[Role], purpose: str
) -> None:
    entry = next(one for name, one in FACTS.items() if name == fact)
    refusal = entry.refusal(roles, purpose)
    if not roles & entry.askers:
        assert refusal == "role"
    elif entry.attribute == "conditional" and purpose not in entry.purposes:
        assert refusal == "purpose"
    else:
        assert refusal is None


def test_nobody_is_entitled_by_running_the_stack_or_appointing_staff() -> None:
    assert all(entry.refusal(CURIOUS, "school_entry") == "role" for entry in FACTS.values())


def test_every_fact_names_its_legal_basis() -> None:
    assert all("〔" in entry.basis or "《" in entry.basis for entry in FACTS.values())


GOOD = """
- fact: alive
  name: {zh: 健在, en: alive}
  means: {zh: 健在, en: alive}
  attribute: conditional
  basis: 《政务数据共享条例》
  askers: [window]
  purposes: {pension: {zh: 养老, en: pension}}
"""


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("askers: [window]", "askers: [king]", "askers"),
        ("askers: [window]", "askers: []", "askers"),
        ("conditional", "unconditional", "purposes"),
        ("fact: alive", "fact: rich", "fact"),
        ("  basis: 《政务数据共享条例》\n", "", "basis"),
    ],
)
def test_entitlements_that_cannot_be_meant_are_named(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text(GOOD.replace(before, after), "utf-8")
    with pytest.raises(Misconfigured, match=complaint):
        load(file)


def test_a_fact_stands_once_in_the_list(tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text(GOOD + GOOD, "utf-8")
    with pytest.raises(Misconfigured, match="twice"):
        load(file)
    file.write_text(GOOD, "utf-8")
    assert isinstance(load(file)["alive"], AskableFact)


ASKING = Asking(UUID(int=7), ZHANG, "resident", VILLAGE, REVIEWER.id, TOWNSHIP, "school_entry", "2024-17", NOW)
ASKED = FactAsked(
    question=UUID(int=7),
    person=ZHANG,
    fact="resident",
    about=VILLAGE,
    asker=REVIEWER.id,
    division=TOWNSHIP,
    purpose="school_entry",
    case="2024-17",
    asked_at=NOW,
)


def test_question_and_answer_are_kept_in_one_decision() -> None:
    assert history(QUESTION, AnswerFact(ASKING, "yes", MOVED)) == [
        ASKED,
        FactAnswered(question=UUID(int=7), answer="yes", basis=MOVED, answered_at=NOW),
    ]


def test_a_refused_question_is_kept_too() -> None:
    assert history(QUESTION, RefuseFact(ASKING, "role")) == [
        ASKED,
        FactRefused(question=UUID(int=7), because="role", refused_at=NOW),
    ]


def test_a_question_is_answered_once() -> None:
    later = replace(ASKING, now=datetime(2024, 1, 1, tzinfo=UTC))
    assert len(history(QUESTION, AnswerFact(ASKING, "yes", MOVED), AnswerFact(later, "no", None))) == 2


def test_what_is_kept_of_a_question_is_ids_and_the_fact() -> None:
    assert FactAsked.personal_fields() == {"case"}
    assert not {"name", "id_number"} & FactAsked.model_fields.keys()


def test_width_case_and_spaces_of_a_name_make_no_difference() -> None:
    assert same_key("Ａnna Li") == same_key("anna li")
