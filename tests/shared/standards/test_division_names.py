import csv
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards import divisions
from shared.standards.division_names import full_name, village_committee_name
from shared.standards.errors import NotValid
from tests.shared.standards import examples

with resources.files("shared.standards").joinpath("divisions.csv").open(encoding="utf-8") as file:
    CODES = [row["code"] for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (examples.TAYUANZHUANG, "河北省石家庄市正定县正定镇塔元庄村"),
        (examples.TAYUANZHUANG_NAMESAKE, "河北省石家庄市藁城区石家庄经济技术开发区塔元庄社区"),
        (examples.ZHENGDING_TOWN, "河北省石家庄市正定县正定镇"),
        (examples.HEBEI, "河北省"),
        ("130109110201", "河北省石家庄市藁城区增村镇增村"),  # 增村村民委员会: the village's own 村 is written
        ("130109111217", "河北省石家庄市藁城区常安镇南周卦村"),  # 南周卦村委会
        ("450821001008", "广西壮族自治区贵港市平南县平南街道江滨社区"),
    ],
)
def test_the_full_name_runs_from_the_province_down(code: str, name: str) -> None:
    assert full_name(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [("110101", "北京市东城区"), ("419001", "河南省济源市"), ("500229", "重庆市城口县"), ("500200", "重庆市")],
)
def test_a_placeholder_is_no_part_of_a_name(code: str, name: str) -> None:
    assert full_name(code) == name


@pytest.mark.parametrize(
    ("code", "name"), [("130272", "河北省唐山市汉沽管理区"), ("620201", "甘肃省嘉峪关市"), ("441900", "广东省东莞市")]
)
def test_a_city_is_not_named_twice(code: str, name: str) -> None:
    assert full_name(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (examples.TAYUANZHUANG, "河北省石家庄市正定县正定镇塔元庄村村民委员会"),
        (examples.TAYUANZHUANG_NAMESAKE, "河北省石家庄市藁城区石家庄经济技术开发区塔元庄社区居民委员会"),
        ("130109110201", "河北省石家庄市藁城区增村镇增村村民委员会"),
        ("130109111217", "河北省石家庄市藁城区常安镇南周卦村村民委员会"),
        ("450821001008", "广西壮族自治区贵港市平南县平南街道江滨社区居民委员会"),
    ],
)
def test_a_committee_has_its_full_legal_name(code: str, name: str) -> None:
    assert village_committee_name(code) == name


@pytest.mark.parametrize("code", [examples.ZHENGDING_TOWN, examples.HEBEI, "130110100401"])
def test_a_town_or_a_prison_has_no_committee(code: str) -> None:
    with pytest.raises(NotValid) as refused:
        village_committee_name(code)
    assert refused.value.code == "no_committee"


def test_an_unknown_code_has_no_name() -> None:
    for ask in (full_name, village_committee_name):
        with pytest.raises(NotValid) as refused:
            ask("130199999999")
        assert refused.value.code == "unknown_division"


@given(st.sampled_from([code for code in CODES if not code.endswith("000") and code[9:] < "400"]))
def test_every_village_has_a_committee_named_after_its_place(code: str) -> None:
    kind = "居民委员会" if code[9:] < "200" else "村民委员会"
    assert village_committee_name(code) == full_name(code) + kind


@given(st.sampled_from(CODES))
def test_a_name_begins_with_the_name_of_the_place_above(code: str) -> None:
    above = divisions.parent(code)
    assert above is None or full_name(code).startswith(full_name(above.code))
