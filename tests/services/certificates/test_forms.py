"""Filling the residence form: what comes by itself, what is refused."""

from collections.abc import Mapping

import pytest

from services.certificates.domain import forms
from shared.contracts.errors import Invalid
from shared.forms.fields import Known
from tests.services.certificates.examples import FORM, GIVEN, KNOWN, OTHER_VILLAGE, RESIDENCE, TODAY, VILLAGE


def wrong_fields(given: Mapping[str, str], known: Known = KNOWN) -> set[str]:
    with pytest.raises(Invalid) as caught:
        forms.complete(RESIDENCE, given, known, TODAY)
    return set(caught.value.fields)


def test_what_is_known_need_not_be_written() -> None:
    assert FORM.values == {
        "name": "张三",
        "id_number": "130123198503120019",
        "phone": "13800138000",
        "village": VILLAGE,
        "residence_address": "3排12号",
        "residence_since": "2021-09-01",
        "purpose": "school_entry",
    }
    assert FORM.division == VILLAGE


def test_the_form_handed_out_shows_what_is_known_and_nothing_else() -> None:
    handed_out = forms.prefilled(RESIDENCE, KNOWN)
    assert handed_out["name"] == "张三"
    assert "purpose" not in handed_out


def test_a_form_handed_out_and_sent_back_whole_is_taken() -> None:
    whole = {**forms.prefilled(RESIDENCE, KNOWN), **GIVEN}
    assert forms.complete(RESIDENCE, whole, KNOWN, TODAY) == FORM


def test_every_missing_field_is_named_at_once() -> None:
    assert wrong_fields({}) == {"purpose", "residence_since"}


def test_only_blanks_count_as_missing() -> None:
    assert wrong_fields({**GIVEN, "residence_address": "  "}) == {"residence_address"}


def test_name_and_id_number_are_the_registers_not_the_applicants() -> None:
    assert wrong_fields({**GIVEN, "name": "李四", "id_number": "11010519491231002X"}) == {"name", "id_number"}


def test_fields_the_form_does_not_have_are_named() -> None:
    assert wrong_fields({**GIVEN, "income": "0"}) == {"income"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("residence_since", "2023-12-25"),  # tomorrow
        ("residence_since", "1985-03-11"),  # before birth
        ("residence_since", "2023-02-30"),
        ("residence_since", "去年"),
        ("purpose", "travel"),
        ("village", "130123100000"),  # a town
        ("village", "130123100999"),  # nowhere
        ("village", "塔元庄村"),
        ("phone", "12345"),
        ("residence_address", "号" * 121),
        ("residence_address", "3排\x0012号"),
        ("residence_address", "3排\n12号"),
        ("residence_address", "3排‮12号"),
        ("landlord", "王" * 61),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(field: str, value: str) -> None:
    assert wrong_fields({**GIVEN, field: value}) == {field}


@pytest.mark.parametrize("value", ["2023-12-24", "1985-03-12"])
def test_residence_may_begin_today_and_on_the_day_of_birth(value: str) -> None:
    assert (
        forms.complete(RESIDENCE, {**GIVEN, "residence_since": value}, KNOWN, TODAY).values["residence_since"] == value
    )


def test_the_longest_address_is_taken() -> None:
    assert forms.complete(RESIDENCE, {**GIVEN, "residence_address": "号" * 120}, KNOWN, TODAY)


def test_a_tenants_address_is_not_filled_from_the_household_in_another_village() -> None:
    """Else his home address would be certified in a village where he does not live."""
    assert wrong_fields({**GIVEN, "village": OTHER_VILLAGE}) == {"residence_address"}
    tenant = {**GIVEN, "village": OTHER_VILLAGE, "residence_address": "南街1排8号", "landlord": "安有例"}
    assert forms.complete(RESIDENCE, tenant, KNOWN, TODAY).division == OTHER_VILLAGE


def test_a_missing_phone_is_no_obstacle() -> None:
    known: Known = {source: value for source, value in KNOWN.items() if source != "citizen.phone"}
    assert "phone" not in forms.complete(RESIDENCE, GIVEN, known, TODAY).values


def test_a_correction_changes_what_is_given_and_keeps_the_rest() -> None:
    form = forms.corrected(RESIDENCE, FORM.values, {"residence_since": "2021-10-01"}, KNOWN, TODAY)
    assert form.values == {**FORM.values, "residence_since": "2021-10-01"}


def test_a_correction_takes_the_registers_part_anew() -> None:
    known: Known = {**KNOWN, "person.name": "张叁"}
    assert forms.corrected(RESIDENCE, FORM.values, {}, known, TODAY).values["name"] == "张叁"


@pytest.mark.parametrize("given", [{"purpose": "employment"}, {"village": OTHER_VILLAGE}])
def test_a_correction_cannot_make_it_another_application(given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        forms.corrected(RESIDENCE, FORM.values, given, KNOWN, TODAY)
    assert set(caught.value.fields) == set(given)
