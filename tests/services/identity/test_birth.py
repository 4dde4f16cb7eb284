"""Whether the register may take a birth: pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from services.identity.domain.birth import Birth, birth_of
from services.identity.domain.birth_claim import BIRTH_CLAIM, ClaimBirth, ReleaseBirth
from services.identity.domain.events import BirthClaimed, BirthReleased, NewbornNumberChosen
from services.identity.domain.guardians import NameGuardians
from services.identity.domain.marriage import Ended, Reason, Standing
from services.identity.domain.newborn_number import NEWBORN_NUMBER, ChooseNumber, Numbered, Unnumbered
from services.identity.domain.parentage import Marriage, Parents, implausible_parents
from services.identity.domain.parentage import parents_of as decide_parents
from services.identity.domain.person import (
    PERSON,
    Dead,
    Entered,
    EnterNewborn,
    EnterPerson,
    OfBirth,
    State,
    Unknown,
)
from services.identity.register_rules_file import REGISTER_RULES
from shared.contracts.errors import Invalid, Refused
from shared.contracts.identity import BirthRecorded, GuardiansNamed, PersonDied, PersonRegistered
from shared.standards.check_digits import mod_11_2
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import (
    LI_ID,
    LI_NUMBER,
    NAMESAKE,
    NOW,
    TAYUANZHUANG,
    WANG_ENTERED,
    WANG_ID,
    WANG_NUMBER,
    decided,
)

TODAY = date(2023, 12, 24)
BORN = date(2023, 12, 22)
MARRIAGE_ID = UUID(int=7)
NEWBORN = IdNumber("130123202312220024")
OTHER_NUMBER = IdNumber("130123202312220040")
INPUTS = {
    "child_name": "王小满",
    "child_sex": "female",
    "birth_date": "2023-12-22",
    "birth_order": "first",
    "householder": "mother",
    "division": TAYUANZHUANG,
    "address": "12号",
    "mother_id_number": LI_NUMBER,
    "father_id_number": WANG_NUMBER,
    "birth_certificate": "Q130123456",
}
MOTHER = Entered(LI_ID, "李芳", LI_NUMBER, TAYUANZHUANG, "12号")
FATHER = Entered(WANG_ID, "王小明", WANG_NUMBER, NAMESAKE, "3栋")
RULES = REGISTER_RULES[-1]
MARRIAGE = Standing(MARRIAGE_ID, (WANG_ID, LI_ID), "J130123-2021-000520", date(2021, 5, 20))


def read(**changed: str) -> Birth:
    return birth_of({**INPUTS, **changed}, TODAY, RULES)


def parents_of(
    birth: Birth, mother: State, father: State | None, marriages: Sequence[Marriage] = (MARRIAGE,)
) -> Parents:
    return decide_parents(birth, mother, father, marriages, RULES, TODAY)


def test_a_birth_with_all_it_needs_is_taken() -> None:
    birth = read()
    assert (birth.is_male, birth.householder, birth.way) == (False, "mother", "wedlock")
    assert parents_of(birth, MOTHER, FATHER) == Parents(MOTHER, FATHER, (MOTHER, FATHER), MOTHER)


@pytest.mark.parametrize("field", INPUTS)
def test_a_birth_with_something_missing_is_refused_by_its_name(field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(**{field: " "})
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("field", "wrong", "code"),
    [
        ("child_name", "王1", "wrong_name"),
        ("child_name", "郎1月", "wrong_name"),
        ("child_sex", "boy", "wrong_child_sex"),
        ("birth_order", "ninth", "wrong_birth_order"),
        ("way", "by stork", "wrong_way"),
        ("naming", "any", "wrong_naming"),
        ("mother", "李芳", "wrong_mother"),
        ("died_on", "2023-12-21", "wrong_died_on"),  # before the birth
        ("stillbirth", "yes", "stillbirth"),
        ("birth_date", "2023-02-30", "wrong_birth_date"),
        ("birth_date", "2023-12-25", "wrong_birth_date"),  # tomorrow
        ("householder", "uncle", "wrong_householder"),
        ("division", "130123000000", "wrong_division"),
        ("division", "139999000000", "unknown_division"),
        ("mother_id_number", "11010519491231002", "length"),
        ("father_id_number", "130123198503120018", "check_digit"),
    ],
)
def test_what_cannot_be_is_refused(field: str, wrong: str, code: str) -> None:
    with pytest.raises((Refused, NotValid)) as refused:
        read(**{field: wrong})
    assert refused.value.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mother", "father", "changed", "code"),
    [
        (Unknown(), FATHER, {}, "mother_not_registered"),
        (MOTHER, Unknown(), {}, "father_not_registered"),
        (Dead(MOTHER, date(2023, 12, 21)), FATHER, {}, "mother_dead"),
        (Dead(MOTHER, TODAY), Dead(FATHER, TODAY), {}, "no_parent_left"),
        (Dead(MOTHER, TODAY), FATHER, {}, "household_closed"),
        (MOTHER, Dead(FATHER, date(2023, 2, 24)), {}, "father_died_too_early"),
        (MOTHER, Dead(FATHER, date(2023, 12, 1)), {"way": "acknowledged"}, "father_dead"),
        (MOTHER, FATHER, {"way": "posthumous"}, "father_lives"),
        (MOTHER, FATHER, {"handed_in_on": "2023-12-24", "birth_date": "2023-06-23"}, "too_late"),
        (
            MOTHER,
            FATHER,
            {"way": "acknowledged", "householder": "father", "division": NAMESAKE},
            "wrong_parentage_proof",
        ),
        (
            MOTHER,
            None,
            {"way": "mother_alone", "child_name": "李小满", "father_id_number": "", "householder": "father"},
            "wrong_householder",
        ),
        (MOTHER, FATHER, {"child_name": "赵小满"}, "surname_of_neither_parent"),
        (MOTHER, FATHER, {"householder": "father"}, "household_elsewhere"),
        (FATHER, MOTHER, {"mother_id_number": WANG_NUMBER, "father_id_number": LI_NUMBER}, "parents_mistaken"),
    ],
)
def test_parents_who_keep_a_child_out_are_named(
    mother: State, father: State | None, changed: dict[str, str], code: str
) -> None:
    married = changed.get("way") in (None, "wedlock", "posthumous")
    with pytest.raises(Refused) as refused:
        parents_of(read(**changed), mother, father, (MARRIAGE,) if married else ())
    assert refused.value.code == code


def test_a_child_may_bear_its_mothers_surname_and_join_its_fathers_household() -> None:
    changed = {"child_name": "李小满", "householder": "father", "division": NAMESAKE}
    assert parents_of(read(**changed), MOTHER, FATHER).joined == FATHER


def test_a_mother_alone_names_no_father() -> None:
    birth = read(way="mother_alone", child_name="李小满", father_id_number="")
    assert parents_of(birth, MOTHER, None, ()) == Parents(MOTHER, None, (MOTHER,), MOTHER)
    with pytest.raises(Invalid, match="wrong_father_id_number"):
        read(way="mother_alone", child_name="李小满")


def test_a_father_not_married_acknowledges_and_proves_for_his_household() -> None:
    assert parents_of(read(way="acknowledged"), MOTHER, FATHER, ()).joined == MOTHER
    into_his = {"way": "acknowledged", "householder": "father", "division": NAMESAKE, "parentage_proof": "冀鉴2023-12"}
    assert parents_of(read(**into_his), MOTHER, FATHER, ()).joined == FATHER


def born(year: int, parent: Entered) -> Entered:
    body = f"130123{year}0101{'021' if parent.id_number.is_male else '022'}"
    return replace(parent, id_number=IdNumber(body + mod_11_2(body)))


@pytest.mark.parametrize(
    ("mother", "father", "way", "code"),
    [
        (2014, 1990, "wedlock", "parent_too_young"),
        (1990, 2014, "wedlock", "parent_too_young"),
        (1990, 2006, "acknowledged", "father_not_of_age"),
    ],
)
def test_who_cannot_be_a_parent_by_age_is_sent_to_the_police(mother: int, father: int, way: str, code: str) -> None:
    with pytest.raises(Refused, match=code) as refused:
        parents_of(read(way=way), born(mother, MOTHER), born(father, FATHER))
    assert "派出所" in refused.value.text.zh


@pytest.mark.parametrize(
    ("mother", "father", "reasons"),
    [
        (2009, 1948, ()),
        (2010, 1990, ("mother_age",)),
        (1967, 1990, ("mother_age",)),
        (1990, 1947, ("father_age",)),
    ],
)
def test_parents_of_an_unusual_age_are_looked_at_first(mother: int, father: int, reasons: tuple[str, ...]) -> None:
    parents = parents_of(read(), born(mother, MOTHER), born(father, FATHER))
    assert implausible_parents(read(), parents, RULES) == reasons


def test_a_parentage_test_is_looked_at_first() -> None:
    into_his = {"way": "acknowledged", "householder": "father", "division": NAMESAKE, "parentage_proof": "冀鉴2023-12"}
    birth = read(**into_his)
    parents = parents_of(birth, born(1990, MOTHER), born(1990, FATHER), ())
    assert implausible_parents(birth, parents, RULES) == ("parentage_proof",)


@pytest.mark.parametrize("days", [1, 300])
def test_a_child_of_a_father_who_died_before_has_that_father(days: int) -> None:
    father = Dead(FATHER, date(2023, 12, 22) - timedelta(days=days))
    parents = parents_of(read(way="posthumous"), MOTHER, father)
    assert (parents.father, parents.guardians) == (FATHER, (MOTHER,))


def test_a_parent_who_died_after_the_birth_is_a_parent_and_no_guardian() -> None:
    parents = parents_of(read(), MOTHER, Dead(FATHER, TODAY))
    assert (parents.father, parents.guardians) == (FATHER, (MOTHER,))


def test_the_way_of_wedlock_asks_for_a_marriage_of_the_two() -> None:
    with pytest.raises(Refused, match="no_marriage_on_record"):
        parents_of(read(way="wedlock"), MOTHER, FATHER, ())
    over = Ended(MARRIAGE, "divorce", date(2023, 2, 1), 1)
    with pytest.raises(Refused, match="no_marriage_on_record"):
        parents_of(read(way="wedlock"), MOTHER, FATHER, (over,))
    lately = Ended(MARRIAGE, "divorce", date(2023, 12, 23), 1)
    assert parents_of(read(way="wedlock"), MOTHER, FATHER, (lately,)).father == FATHER


def ended(days_before: int, reason: Reason = "divorce") -> Ended:
    return Ended(MARRIAGE, reason, BORN - timedelta(days=days_before), 1)


def test_the_marriage_at_the_birth_decides_not_a_later_one() -> None:
    later = Standing(UUID(int=8), (WANG_ID, LI_ID), "J130123-2023-000521", BORN + timedelta(days=1))
    with pytest.raises(Refused, match="no_marriage_on_record"):
        parents_of(read(way="wedlock"), MOTHER, FATHER, (later,))
    assert parents_of(read(way="acknowledged"), MOTHER, FATHER, (later,)).father == FATHER


def test_a_former_husband_is_no_father_where_she_remarried_before_the_birth() -> None:
    new = Standing(UUID(int=8), (UUID(int=9), LI_ID), "J130123-2023-000521", BORN - timedelta(days=10))
    with pytest.raises(Refused, match="no_marriage_on_record"):
        parents_of(read(way="wedlock"), MOTHER, FATHER, (ended(40), new))


@pytest.mark.parametrize(("days", "counts"), [(-5, True), (0, True), (300, True), (301, False)])
def test_a_divorced_husband_is_the_father_for_so_many_days(days: int, *, counts: bool) -> None:
    if counts:
        assert parents_of(read(way="wedlock"), MOTHER, FATHER, (ended(days),)).father == FATHER
        with pytest.raises(Refused, match="born_in_marriage"):
            parents_of(read(way="acknowledged"), MOTHER, FATHER, (ended(days),))
    else:
        with pytest.raises(Refused, match="no_marriage_on_record"):
            parents_of(read(way="wedlock"), MOTHER, FATHER, (ended(days),))


def test_a_marriage_with_an_annulled_entry_makes_no_father() -> None:
    with pytest.raises(Refused, match="no_marriage_on_record"):
        parents_of(read(way="wedlock"), MOTHER, FATHER, (ended(-1, "annulled"),))


def test_a_child_named_by_custom_bears_neither_surname() -> None:
    name = "迪丽努尔·艾力"
    with pytest.raises(Refused, match="surname_of_neither_parent"):
        parents_of(read(child_name=name), MOTHER, FATHER)
    assert parents_of(read(child_name=name, naming="custom"), MOTHER, FATHER).father == FATHER


@pytest.mark.parametrize(("born", "last"), [("2023-05-30", date(2023, 11, 30)), ("2023-08-31", date(2024, 2, 29))])
def test_the_last_day_of_the_sixth_month_counts(born: str, last: date) -> None:
    for day, is_late in ((last, False), (last + timedelta(days=1), True)):
        birth = birth_of({**INPUTS, "birth_date": born, "handed_in_on": day.isoformat()}, date(2024, 12, 1), RULES)
        if is_late:
            with pytest.raises(Refused, match="too_late"):
                parents_of(birth, MOTHER, FATHER)
        else:
            parents_of(birth, MOTHER, FATHER)


OF_BIRTH = OfBirth(LI_ID, WANG_ID, date(2023, 12, 22), "first", "Q130123456")


def test_a_newborn_is_entered_with_guardians_and_birth() -> None:
    entry = EnterPerson(NEWBORN_ID, "王小满", NEWBORN, TAYUANZHUANG, "12号", NOW)
    command = EnterNewborn(entry, (LI_ID, WANG_ID), OF_BIRTH)
    registered, guardians, birth = decided(PERSON, [], command)
    assert isinstance(registered, PersonRegistered)
    assert guardians == GuardiansNamed(person=NEWBORN_ID, guardians=(LI_ID, WANG_ID), named_at=NOW)
    assert isinstance(birth, BirthRecorded)
    assert (birth.mother, birth.father, birth.order) == (LI_ID, WANG_ID, "first")
    with pytest.raises(Refused):
        decided(PERSON, [registered, guardians, birth], command)


def test_a_child_who_died_before_registration_is_entered_with_its_death() -> None:
    entry = EnterPerson(NEWBORN_ID, "王小满", NEWBORN, TAYUANZHUANG, "12号", NOW)
    *_, death = decided(PERSON, [], EnterNewborn(entry, (LI_ID,), OF_BIRTH, date(2023, 12, 23)))
    assert death == PersonDied(person=NEWBORN_ID, died_on=date(2023, 12, 23), recorded_at=NOW)


NEWBORN_ID = WANG_ENTERED.person
OF_A_CHILD = PersonRegistered(**{**WANG_ENTERED.model_dump(), "id_number": NEWBORN})


def test_other_guardians_are_named_and_the_same_again_are_no_news() -> None:
    named = decided(PERSON, [OF_A_CHILD], NameGuardians((LI_ID,), NOW))
    assert named == [GuardiansNamed(person=WANG_ID, guardians=(LI_ID,), named_at=NOW)]
    assert decided(PERSON, [OF_A_CHILD, *named], NameGuardians((LI_ID,), NOW)) == []


@pytest.mark.parametrize("guardians", [(), (WANG_ID,), (LI_ID, LI_ID)])
def test_guardians_are_others_and_different(guardians: tuple[object, ...]) -> None:
    with pytest.raises(Invalid):
        decided(PERSON, [OF_A_CHILD], NameGuardians(guardians, NOW))  # type: ignore[arg-type]


def test_someone_of_age_has_no_guardians() -> None:
    with pytest.raises(Refused, match="of_age"):
        decided(PERSON, [WANG_ENTERED], NameGuardians((LI_ID,), NOW))


CLAIMED = BirthClaimed(newborn=WANG_ID, claimed_at=NOW)


def test_a_birth_is_claimed_once_and_the_same_newborn_may_claim_again() -> None:
    assert decided(BIRTH_CLAIM, [], ClaimBirth(WANG_ID, NOW)) == [CLAIMED]
    assert decided(BIRTH_CLAIM, [CLAIMED], ClaimBirth(WANG_ID, NOW)) == []
    with pytest.raises(Refused, match="birth_already_entered"):
        decided(BIRTH_CLAIM, [CLAIMED], ClaimBirth(LI_ID, NOW))


def test_only_who_claimed_releases_and_then_another_may_claim() -> None:
    assert decided(BIRTH_CLAIM, [CLAIMED], ReleaseBirth(LI_ID, NOW)) == []
    released = decided(BIRTH_CLAIM, [CLAIMED], ReleaseBirth(WANG_ID, NOW))
    assert released == [BirthReleased(newborn=WANG_ID, released_at=NOW)]
    assert decided(BIRTH_CLAIM, [CLAIMED, *released], ClaimBirth(LI_ID, NOW))


def test_a_number_is_chosen_once_until_it_proves_to_be_anothers() -> None:
    chosen = NewbornNumberChosen(newborn=WANG_ID, id_number=NEWBORN, chosen_at=NOW)
    first = ChooseNumber(WANG_ID, NEWBORN, Unnumbered(), NOW)
    assert decided(NEWBORN_NUMBER, [], first) == [chosen]
    assert decided(NEWBORN_NUMBER, [chosen], ChooseNumber(WANG_ID, OTHER_NUMBER, Unnumbered(), NOW)) == []
    another = ChooseNumber(WANG_ID, OTHER_NUMBER, Numbered(NEWBORN), NOW)
    assert decided(NEWBORN_NUMBER, [chosen], another) == [chosen.model_copy(update={"id_number": OTHER_NUMBER})]
