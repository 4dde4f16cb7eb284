"""What is longer than its place on the paper is refused: a type's bounds are held against its template."""

from typing import Any

import pytest

from services.certificates.catalogue_files import catalogue
from services.certificates.document.places import Form, form_of, problems
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.content import STRUCK_OUT
from shared.contracts.errors import Misconfigured

BIRTH = catalogue().version("birth_medical", 2)
TYPES = [type for versions in catalogue().types.values() for type in versions]


def changed(type: CertificateType, field: str, **change: Any) -> CertificateType:
    fields = tuple(one.model_copy(update=change) if one.name == field else one for one in type.fields)
    return type.model_copy(update={"fields": fields})


@pytest.mark.parametrize("type", TYPES, ids=lambda type: f"{type.code}-{type.version}")
def test_every_type_fits_its_paper(type: CertificateType) -> None:
    assert list(problems(type)) == []


def test_a_field_longer_than_its_place_is_told() -> None:
    [problem] = problems(changed(BIRTH, "birth_place", max_length=200))
    assert problem.place == "fields.birth_place"
    assert "200" in problem.text.zh


def test_a_field_longer_than_a_tables_line_may_be_is_told() -> None:
    residence = catalogue().version("residence", 1)
    [problem] = problems(changed(residence, "purpose_detail", max_length=1000))
    assert problem.place == "fields.purpose_detail"


def test_what_a_form_has_no_place_for_is_told() -> None:
    more = BIRTH.model_copy(update={"certifies": (*BIRTH.certifies, "birth_county")})
    assert [problem.place for problem in problems(more)] == ["fields.birth_county"]


def test_a_template_that_there_is_not_is_told() -> None:
    assert [one.place for one in problems(BIRTH.model_copy(update={"template": "papyrus"}))] == ["template"]


def test_rows_that_do_not_fill_the_sheet_are_told() -> None:
    with pytest.raises(ValueError, match="row 1 does not fill"):
        Form.model_validate({"rows": [[{"label": "姓名", "label_columns": 3, "columns": 3}]]})


def test_what_always_stands_there_follows_the_field_beside_it() -> None:
    form = form_of("birth_certificate")
    assert form is not None
    kinds = [place for place in form.places if place.says == "居民身份证"]
    filled = [place.filled({"mother_id_number": "1", "father_id_number": STRUCK_OUT}) for place in kinds]
    assert filled == ["居民身份证", STRUCK_OUT]
    assert kinds[0].filled({}) == ""


def test_a_form_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "torn.yaml").write_text("rows: []")
    monkeypatch.setattr("services.certificates.document.places.TEMPLATES", tmp_path)
    with pytest.raises(Misconfigured, match=r"torn\.yaml"):
        form_of("torn")
