import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards.errors import NotValid
from shared.standards.name_spelling import spelt
from shared.standards.person_name import LONGEST, LONGEST_TYPED, is_same_name, person_name, same_key
from tests.shared.standards.names import names, spellings


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        *((f"艾力{dot}买买提", "艾力·买买提") for dot in "·•‧∙⋅・･\u0387\u2027\u30fb\u16eb.．`"),
        ("艾力 · 买买提", "艾力·买买提"),
        ("艾力··买买提", "艾力·买买提"),
        ("苏　安", "苏安"),
        ("苏\u00a0安", "苏安"),
        ("郎 月", "郎月"),
        (" 郎\t月\n", "郎月"),
        ("郎\u200b月\ufeff", "郎月"),
        ("郎\U000e0100月", "郎月"),
        ("\uf92c月", "郎月"),
        ("⽅⽉", "方月"),
        ("王〇一", "王〇一"),
        ("王○一", "王〇一"),
        ("O’NEILL", "O'NEILL"),
        ("O‘NEILL", "O'NEILL"),
        ("OʼNEILL", "O'NEILL"),
        ("O` NEILL", "O'NEILL"),
        ("JEAN‐LUC", "JEAN-LUC"),
        ("JEAN – LUC", "JEAN-LUC"),
        ("ＪＥＡＮ－ＬＵＣ", "JEAN-LUC"),
        ("MARIA  ANNA", "MARIA ANNA"),
        ("Rene\u0301e", "Renée"),
        ("𠮷野", "𠮷野"),
        ("﨑山", "﨑山"),
        ("Nguyễn Thị", "Nguyễn Thị"),
    ],
)
def test_what_was_typed_is_spelt_as_the_register_does(typed: str, name: str) -> None:
    assert person_name(typed) == name
    assert is_same_name(typed, name)


@pytest.mark.parametrize(
    ("typed", "character", "code_point"),
    [
        ("郎1月", "1", "U+0031"),
        ("郎１月", "１", "U+FF11"),
        ("郎x", "x", "U+0078"),
        ("郎Ｘ", "Ｘ", "U+FF38"),
        ("David李", "李", "U+674E"),
        ("郎.", ".", "U+002E"),
        ("张（小）", "（", "U+FF08"),
        ("·郎月", "·", "U+00B7"),
        ("郎月•", "•", "U+2022"),
        ("郎-月", "-", "U+002D"),
        ("O''NEILL", "'", "U+0027"),
        ("郎\ue863", "\ue863", "U+E863"),
        ("郎\U0003ffff", "", "U+3FFFF"),
        ("郎\ud800", "", "U+D800"),
        ("郎\u202e月", "", "U+202E"),
        ("郎\u2067月", "", "U+2067"),
        ("郎\0月", "", "U+0000"),
        ("김철수", "김", "U+AE40"),
        ("ئالىم", "", "U+0626"),
        ("ИВАН", "И", "U+0418"),
        ("王🙂", "🙂", "U+1F642"),
        ("佐々木", "々", "U+3005"),
        ("Za\u0316\u0317\u0318", "\u0318", "U+0318"),
        ("王\u0301明", "\u0301", "U+0301"),
    ],
)
def test_a_refusal_names_the_character_and_its_code_point(typed: str, character: str, code_point: str) -> None:
    with pytest.raises(NotValid) as refused:
        person_name(typed, "child_name")
    wrong = refused.value
    assert (wrong.code, wrong.field) == ("wrong_name", "child_name")
    for sentence in wrong.text:
        assert code_point in sentence
        assert character in sentence
        sentence.encode()
        assert not any(unicodedata.category(one) in ("Cc", "Cf") for one in sentence)


@pytest.mark.parametrize("typed", ["", " ", "郎", "郎\u200b", "郎" * (LONGEST + 1), "x" * LONGEST_TYPED * 100])
def test_a_name_has_2_to_50_characters(typed: str) -> None:
    with pytest.raises(NotValid, match="2 to 50"):
        person_name(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [("郎月", "郎日"), ("艾力·买买提", "艾力买买提"), ("JEAN", "JEANNE"), ("ANNE", "ÄNNE"), ("一", "〇")],
)
def test_different_names_are_not_the_same(one: str, other: str) -> None:
    assert not is_same_name(one, other)


@given(names().flatmap(lambda name: st.tuples(st.just(name), spellings(name))))
def test_any_spelling_that_a_keyboard_yields_is_the_same_person(case: tuple[str, str]) -> None:
    name, typed = case
    assert is_same_name(person_name(typed), name)
    assert same_key(typed) == same_key(name)
    assert person_name(typed).upper() == person_name(name).upper()


@given(st.text())
def test_a_spelling_is_spelt_once_for_all(text: str) -> None:
    assert spelt(spelt(text)) == spelt(text)
    assert same_key(same_key(text)) == same_key(text) == same_key(spelt(text))


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("·•.`'’- \u3000〇郎O\u0301\u200b\ud800"))))
def test_what_is_taken_is_a_name_and_stays_as_it_is(text: str) -> None:
    try:
        name = person_name(text)
    except NotValid as refused:
        assert refused.code == "wrong_name"
    else:
        assert person_name(name) == name
        assert unicodedata.is_normalized("NFC", name)
        assert is_same_name(text, name)
