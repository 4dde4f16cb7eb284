"""What the font cannot draw is found before anything is signed."""

import pytest

from services.certificates.catalogue_files import catalogue
from services.certificates.document.rendering import TEMPLATES
from shared.contracts.errors import Invalid
from shared.department.glyphs import missing_glyphs
from tests.services.certificates.document.paper import SAYS, page

RARE = "𠮷"  # U+20BB7, in many a Japanese and some a Chinese name


@pytest.mark.parametrize("name", ["张三", "欧阳龑", "喆", "镕", "䶮", "阿不都·热合曼", "O'Brien-Smith", "〇"])
def test_common_and_less_common_names_can_be_drawn(name: str) -> None:
    assert missing_glyphs(name) == []


@pytest.mark.parametrize("character", [RARE, "\ue000", "🙂", "ب"])
def test_rare_private_and_foreign_characters_are_found(character: str) -> None:
    assert missing_glyphs(f"张{character}三{character}") == [character]


def test_the_refusal_names_field_and_code_point_and_says_what_to_do() -> None:
    with pytest.raises(Invalid) as refusal:
        page(SAYS.model_copy(update={"holder_name": f"张{RARE}"})).require_glyphs()
    refused = refusal.value
    assert refused.code == "missing_glyph"
    assert (set(refused.fields), refused.facts["code_points"]) == ({"name"}, ["U+20BB7"])
    assert "“申请人姓名”" in refused.text.zh
    assert "U+20BB7" in refused.text.zh
    assert "administrator" in refused.text.en
    assert RARE not in refused.text.zh + refused.text.en


@pytest.mark.parametrize("field", ["number", "issuing_body", "identifier"])
def test_every_text_is_looked_at(field: str) -> None:
    with pytest.raises(Invalid):
        page(SAYS.model_copy(update={field: RARE})).require_glyphs()
    with pytest.raises(Invalid):
        page(SAYS.model_copy(update={"content": {**SAYS.content, "purpose": RARE}})).require_glyphs()


def test_the_templates_and_the_catalogue_say_nothing_that_cannot_be_drawn() -> None:
    words = [file.read_text("utf-8").replace("\n", "") for file in TEMPLATES.glob("*.typ")]
    words += [
        text
        for versions in catalogue().types.values()
        for type in versions
        for text in (*type.name, *(word for field in type.fields for word in field.label))
    ]
    assert missing_glyphs("".join(words)) == []
