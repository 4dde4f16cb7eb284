"""A child's surname against a parent's."""

import pytest

from shared.standards.surnames import bears_surname_of, surname_of


@pytest.mark.parametrize(("name", "surname"), [("王小明", "王"), ("欧阳小满", "欧阳"), ("司马", "司")])
def test_a_surname_is_one_character_or_a_double_one(name: str, surname: str) -> None:
    assert surname_of(name) == surname


@pytest.mark.parametrize(
    ("child", "parent", "bears"),
    [
        ("王小满", "王小明", True),
        ("王李小满", "王小明", True),
        ("李小满", "王小明", False),
        ("欧小满", "欧阳锋", False),  # 欧 is another surname than 欧阳
        ("欧阳", "欧阳锋", False),  # a surname alone is no name
        ("艾小满", "艾力·买买提", False),  # no surname in front to compare by
        ("CURIE", "CURTIS", False),
        ("王〇一", "王小明", True),
        ("𠮷小满", "𠮷田一", True),
        ("PICARD ZOE", "JEAN-LUC PICARD", True),  # either order is written
        ("ZOE PICARD", "JEAN-LUC PICARD", True),
        ("ZOE O’NEILL", "O'NEILL MARY", True),  # another apostrophe is the same
        ("Zoe Picard", "PICARD JEAN", True),
        ("PICARD", "JEAN PICARD", False),  # a surname alone is no name
        ("ZOE CURIE", "JEAN PICARD", False),
        ("ZOE PICARDO", "JEAN PICARD", False),
        ("王小满", "WANG MARY", False),
    ],
)
def test_a_child_bears_a_parents_surname(child: str, parent: str, bears: bool) -> None:
    assert bears_surname_of(child, parent) is bears
