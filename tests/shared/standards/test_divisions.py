import csv
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards import divisions
from shared.standards.divisions import Division, Level
from shared.standards.errors import NotValid
from tests.shared.standards import examples

with resources.files("shared.standards").joinpath("divisions.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))

codes = st.sampled_from([row["code"] for row in ROWS])


def names(found: tuple[Division, ...]) -> list[str]:
    return [division.name for division in found]


def test_a_village_is_found_by_its_code() -> None:
    assert divisions.get(examples.TAYUANZHUANG) == Division(examples.TAYUANZHUANG, "塔元庄村民委员会", "village")


def test_a_namesake_is_another_place() -> None:
    namesake = divisions.get(examples.TAYUANZHUANG_NAMESAKE)
    assert namesake.name.startswith("塔元庄")
    assert namesake != divisions.get(examples.TAYUANZHUANG)
    assert not divisions.is_within(namesake.code, examples.ZHENGDING)


@pytest.mark.parametrize("code", ["130123", "130123000", "130123000000"])
def test_a_code_may_be_given_in_each_of_its_lengths(code: str) -> None:
    assert divisions.get(code) == Division(examples.ZHENGDING, "正定县", "county")
    assert divisions.is_within(examples.TAYUANZHUANG, code)


@pytest.mark.parametrize("code", ["130199999999", "132421", "", "13", "1301231002422", "13012310024٢", "正定县"])
def test_an_unknown_code_is_not_found(code: str) -> None:
    assert divisions.find(code) is None
    for ask in (divisions.get, divisions.parent, divisions.ancestors, divisions.children):
        with pytest.raises(NotValid) as refused:
            ask(code)
        assert refused.value.code == "unknown_division"


def test_a_village_lies_in_everything_above_it_and_in_itself() -> None:
    above = names(divisions.ancestors(examples.TAYUANZHUANG))
    assert above == ["河北省", "石家庄市", "正定县", "正定镇"]
    for area in (
        examples.TAYUANZHUANG,
        examples.ZHENGDING_TOWN,
        examples.ZHENGDING,
        examples.SHIJIAZHUANG,
        examples.HEBEI,
    ):
        assert divisions.is_within(examples.TAYUANZHUANG, area)


def test_an_area_does_not_lie_in_its_part() -> None:
    assert not divisions.is_within(examples.ZHENGDING, examples.TAYUANZHUANG)
    assert not divisions.is_within(examples.HEBEI, examples.SHIJIAZHUANG)


def test_codes_that_begin_alike_are_not_within_each_other() -> None:
    """130110 ends in a zero of its own: its digits go in pairs, not until the last non-zero."""
    assert divisions.level_of("130110") == "county"
    assert not divisions.is_within("130111", "130110")
    assert not divisions.is_within("130123100241", "130123100240")


def test_an_abolished_code_still_lies_where_it_lay() -> None:
    assert divisions.find("130124999999") is None
    assert divisions.is_within("130124999999", examples.SHIJIAZHUANG)


@pytest.mark.parametrize("code", ["", "13", "1301230000000", "13012a"])
def test_where_a_malformed_code_lies_cannot_be_asked(code: str) -> None:
    for pair in ((code, examples.HEBEI), (examples.HEBEI, code)):
        with pytest.raises(NotValid) as refused:
            divisions.is_within(*pair)
        assert refused.value.code == "division_code"


@given(codes, codes)
def test_lying_within_is_having_it_above_oneself(code: str, area: str) -> None:
    above = {code, *(division.code for division in divisions.ancestors(code))}
    assert divisions.is_within(code, area) == (area in above)


@given(codes)
def test_every_division_is_a_child_of_its_parent(code: str) -> None:
    above = divisions.parent(code)
    if above is None:
        assert divisions.level_of(code) == "province"
    else:
        assert divisions.get(code) in divisions.children(above.code)


def test_children_are_the_next_level_only_in_the_order_of_their_codes() -> None:
    towns = divisions.children(examples.ZHENGDING)
    assert names(towns)[:3] == ["诸福屯街道", "三里屯街道", "正定镇"]
    assert {town.level for town in towns} == {"township"}
    assert [town.code for town in towns] == sorted(town.code for town in towns)
    assert divisions.children(examples.TAYUANZHUANG) == ()


def test_the_level_follows_from_the_zeros_for_every_published_row() -> None:
    """But for the three cities without counties, listed again as counties of their own."""
    differing = [row["name"] for row in ROWS if divisions.level_of(row["code"]) != row["level"]]
    assert sorted(differing) == ["东莞市", "中山市", "儋州市"]
    assert divisions.get("441900").level == "city"


def test_every_published_row_can_be_found() -> None:
    assert all(divisions.get(row["code"]).name == row["name"] for row in ROWS)
    assert len(ROWS) == 9348


def test_a_row_that_only_completes_the_code_is_a_placeholder() -> None:
    assert divisions.get("110100").is_placeholder
    assert not divisions.get(examples.ZHENGDING).is_placeholder


def test_every_division_is_within_the_whole_country() -> None:
    for code in (examples.TAYUANZHUANG, examples.HEBEI, divisions.WHOLE_COUNTRY):
        assert divisions.is_within(code, divisions.WHOLE_COUNTRY)
    assert not divisions.is_within(divisions.WHOLE_COUNTRY, examples.HEBEI)


@pytest.mark.parametrize("area", [examples.TAYUANZHUANG, examples.ZHENGDING, examples.HEBEI, divisions.WHOLE_COUNTRY])
def test_a_span_holds_what_lies_within(area: str) -> None:
    first, last = divisions.span(area)
    assert all((first <= row["code"] <= last) == divisions.is_within(row["code"], area) for row in ROWS)


def test_what_holds_a_village_at_each_level_follows_from_its_code() -> None:
    levels: tuple[Level, ...] = ("village", "township", "county", "city")
    held_by = [divisions.at_level(examples.TAYUANZHUANG, level) for level in levels]
    assert held_by == ["130123100242", "130123100000", "130123000000", "130100000000"]
    assert divisions.at_level("130123", "village") == "130123000000"


@given(codes)
def test_every_division_lies_in_what_holds_it_at_any_level(code: str) -> None:
    levels: tuple[Level, ...] = ("village", "township", "county", "city", "province")
    for level in levels:
        assert divisions.is_within(code, divisions.at_level(code, level))
