"""The catalogue that ships, and what is said of one that is not right."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.certificates.catalogue_files import FOLDER, catalogue, load
from shared.contracts.errors import Invalid, Misconfigured, NotFound, Refused
from shared.contracts.identity import Role
from shared.standards.legal_clock import LegalClock
from shared.standards.working_days import LAST_YEAR
from tests.services.certificates.examples import (
    COMMITTEE,
    COUNTY,
    CREDIT_CODE,
    SILENT_VILLAGE,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    filled,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogue, to be spoilt."""
    return shutil.copytree(FOLDER, tmp_path / "catalogue")


def spoil(folder: Path, file_name: str, entry: int = 0, **changes: Any) -> None:
    file = folder / file_name
    entries = yaml.safe_load(file.read_text("utf-8"))
    entries[entry] |= changes
    file.write_text(yaml.safe_dump(entries, allow_unicode=True), "utf-8")


def complaint(folder: Path) -> str:
    with pytest.raises(Misconfigured) as caught:
        load(folder)
    return str(caught.value)


def residence(**changes: Any) -> dict[str, Any]:
    entry: dict[str, Any] = yaml.safe_load((FOLDER / "residence.yaml").read_text("utf-8"))[0]
    return entry | changes


def fields(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The residence form with some fields changed."""
    return [field | changes.get(field["name"], {}) for field in residence()["fields"]]


def test_an_issuer_is_called_by_its_full_legal_name() -> None:
    issuer = catalogue().issuers["village", VILLAGE]
    assert (issuer.name, issuer.credit_code) == (COMMITTEE, CREDIT_CODE)


def test_a_village_that_is_not_registered_does_not_issue_on_line() -> None:
    form = filled(village=SILENT_VILLAGE, residence_address="南街1排8号")
    with pytest.raises(Invalid) as caught:
        catalogue().require_issuer(form)
    assert (caught.value.code, set(caught.value.fields)) == ("no_issuer", {"village"})


@pytest.mark.parametrize(
    ("code", "answer"),
    [("kinship", "not_needed"), ("business_premises", "not_needed"), ("death", "not_issued_here")],
)
def test_an_abolished_proof_is_answered_with_what_to_do_and_the_basis(code: str, answer: str) -> None:
    with pytest.raises(Refused) as caught:
        catalogue().current(code, TODAY)
    proof = catalogue().abolished[code]
    assert caught.value.code == answer
    assert proof.because.zh in caught.value.text.zh
    assert proof.because.en in caught.value.text.en
    assert "民发〔2020〕20号" in caught.value.text.zh


def test_an_unknown_type_is_not_found() -> None:
    with pytest.raises(NotFound, match="unknown_type"):
        catalogue().current("travel", TODAY)


def test_versions_come_into_force_by_date_and_old_ones_stay(folder: Path) -> None:
    versions = [residence(), residence(version=2, in_force_from=date(2024, 3, 1), valid_months=12)]
    (folder / "residence.yaml").write_text(yaml.safe_dump(versions, allow_unicode=True), "utf-8")
    loaded = load(folder)
    assert loaded.current("residence", date(2024, 2, 29)).version == 1
    assert loaded.current("residence", date(2024, 3, 1)).version == 2
    assert loaded.version("residence", 1).valid_months == 6
    assert {type.code: type.version for type in loaded.in_force(date(2024, 3, 1))}["residence"] == 2
    with pytest.raises(NotFound):
        loaded.current("residence", date(2023, 11, 30))
    assert "residence" not in {type.code for type in loaded.in_force(date(2023, 11, 30))}
    with pytest.raises(Misconfigured, match="version 3 of residence"):
        loaded.version("residence", 3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type_code": "11130000MB00001320001"}, "type_code"),
        ({"type_code": "1"}, "type_code"),
        ({"promise": "soon"}, "promise"),
        ({"promise": "PT0S"}, "promise"),
        ({"promise": {"working_days": 0}}, "promise.WorkingDays.working_days"),
        ({"issuer": "moon"}, "issuer"),
        ({"review": []}, "review"),
        ({"review": [{"level": "moon", "role": "reviewer"}]}, "review.0.level"),
        ({"review": [{"level": "village", "role": "police_reviewer"}]}, "reviewed by reviewer first"),
        ({"review": [{"level": "village", "role": "reviewer"}] * 2}, "the same review occurs twice"),
        (
            {"evidence": [{"kind": "lease", "label": {"zh": "租约", "en": "Lease"}}] * 2},
            "evidence: a kind occurs twice",
        ),
        (
            {"evidence": [{"kind": "lease", "label": {"zh": "租约", "en": "Lease"}, "media": ["text/html"]}]},
            "evidence.0",
        ),
        (
            {"evidence": [{"kind": "mandate", "label": {"zh": "委托书", "en": "Mandate"}}]},
            "evidence: mandate is the paper",
        ),
        (
            {"review": [{"level": "village", "role": "reviewer"}, {"level": "county", "role": "window"}]},
            "review: window cannot review",
        ),
        ({"rests_on": ["weather"]}, "rests_on"),
        ({"fields": fields(name={"editable": True})}, "the register knows it, so it cannot be edited"),
        ({"fields": fields(village={"type": "county"})}, "must be of type village, as villages issue it"),
        ({"source": []}, "source"),
        ({"name": {"zh": "居住证明"}}, "name.en"),
        ({"division": "purpose"}, "must be of type village"),
        ({"division": "town"}, "division: there is no field town"),
        ({"holder_name": "nick"}, "holder_name: there is no field nick"),
        ({"certifies": ["village", "income"]}, "certifies: there is no field income"),
        ({"one_open_per": ["landlord"]}, "fields.landlord: must be required"),
        ({"fields": [*fields(), fields()[0]]}, "a name occurs twice"),
        ({"fields": fields(name={"prefill": None})}, "fields.name: what cannot be edited needs a prefill"),
        ({"fields": fields(residence_address={"follows": "purpose"})}, "fields.residence_address: follows"),
        ({"fields": fields(purpose={"choices": []})}, "fields.6.choice.choices"),
        ({"fields": fields(purpose={"type": "colour"})}, "fields.6"),
        ({"fields": fields(phone={"max": 3})}, "fields.2.mobile.max"),
        ({"colour": "red"}, "colour"),
        ({"version": 0}, "version"),
    ],
)
def test_a_wrong_type_is_told_by_file_entry_and_field(folder: Path, changes: dict[str, Any], said: str) -> None:
    spoil(folder, "residence.yaml", **changes)
    told = complaint(folder)
    assert told.startswith("residence.yaml: entry 1")
    assert said in told


def test_versions_must_rise(folder: Path) -> None:
    versions = [residence(), residence(version=2)]
    (folder / "residence.yaml").write_text(yaml.safe_dump(versions, allow_unicode=True), "utf-8")
    assert complaint(folder) == "residence.yaml: version 2 must be later than 1"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"credit_code": "54130123ME000124XX"}, "issuers.yaml: entry 1, credit_code"),
        ({"division": "130123100999"}, "issuers.yaml: division 130123100999"),
        ({"division": "130123100000"}, "issuers.yaml: division 130123100000"),  # a town has no committee
        ({"division": "130123100240"}, "issuers.yaml: division 130123100240 occurs twice"),
        ({"name": "塔元庄村委会"}, "issuers.yaml: division 130123100242: A village's name follows"),
        ({"class": "police"}, "issuers.yaml: division 130123100242: A body that is no village needs"),
        ({"class": "moon"}, "issuers.yaml: entry 1, class"),
        ({"division": None}, "issuers.yaml: entry 1, division"),
    ],
)
def test_a_wrong_issuer_is_told(folder: Path, changes: dict[str, Any], said: str) -> None:
    spoil(folder, "issuers.yaml", **changes)
    assert said in complaint(folder)


def test_a_wrong_abolished_proof_is_told(folder: Path) -> None:
    spoil(folder, "abolished.yaml", entry=2, answer="perhaps")
    assert complaint(folder).startswith("abolished.yaml: entry 3, answer")


def test_a_shipped_type_that_its_bodies_may_not_certify_stops_the_start(folder: Path) -> None:
    (folder / "no_criminal_record.yaml").write_text(yaml.safe_dump([residence()], allow_unicode=True), "utf-8")
    assert complaint(folder).startswith("no_criminal_record.yaml: entry 1, issuer: 'Residence certificate' certifies")
    assert "民发〔2020〕20号附件第5项" in complaint(folder)


def test_a_concept_that_there_is_not_stops_the_start(folder: Path) -> None:
    spoil(folder, "residence.yaml", concept="weather")
    assert complaint(folder) == "residence.yaml: entry 1, concept: there is no weather"


def test_a_concept_occurs_once(folder: Path) -> None:
    spoil(folder, "concepts.yaml", concept="kinship")
    assert complaint(folder) == "concepts.yaml: entry 1, concept: kinship occurs twice"


def test_nobody_issues_what_is_not_needed(folder: Path) -> None:
    spoil(folder, "abolished.yaml", issued_by=["police"])
    assert complaint(folder).startswith("abolished.yaml: entry 1")


def test_the_whole_list_of_what_villages_may_not_issue_is_there() -> None:
    assert [proof.item for proof in catalogue().abolished.values()] == list(range(1, 21))
    assert "no_criminal_record" not in {proof.code for proof in catalogue().not_issued()}


@pytest.mark.parametrize(
    ("code", "issuer", "chain"),
    [
        ("residence", COMMITTEE, [(VILLAGE, Role.reviewer)]),
        (
            "family_economic_status",
            COMMITTEE,
            [(VILLAGE, Role.reviewer), (TOWNSHIP, Role.reviewer), (VILLAGE, Role.leader)],
        ),
        ("no_criminal_record", "正定县公安局", [(COUNTY, Role.police_reviewer)]),
        ("household_page", "正定县公安局", [(COUNTY, Role.police_reviewer)]),
        ("birth_medical", "正定县妇幼保健院", [(COUNTY, Role.health_reviewer)]),
        ("vaccination", "正定县妇幼保健院", [(COUNTY, Role.health_reviewer)]),
        ("insurance_voucher", "正定县医疗保障局", [(COUNTY, Role.insurance_clerk)]),
        ("social_security_card", "正定县人力资源和社会保障局", [(COUNTY, Role.social_security_clerk)]),
    ],
)
def test_every_type_has_its_issuer_and_its_reviewers(code: str, issuer: str, chain: list[tuple[str, Role]]) -> None:
    type = catalogue().current(code, TODAY)
    place = VILLAGE if type.issuer == "village" else COUNTY
    body = catalogue().issuer(type.issuer, place)
    assert body
    assert body.name == issuer
    assert [(step.division, step.role) for step in type.chain(place, body)] == chain


def test_the_nearest_body_of_a_class_issues() -> None:
    """Pingnan has no insurance bureau of its own on line; the region's serves it, and reviews there."""
    region = catalogue().issuer("insurance", "450821000000")
    assert region
    assert (region.name, region.division) == ("广西壮族自治区医疗保障局", "450000000000")
    assert catalogue().issuer("insurance", "440100000000") is None
    type = catalogue().current("insurance_voucher", TODAY)
    assert [step.division for step in type.chain("450821000000", region)] == ["450000000000"]


def test_a_promise_in_working_days_is_due_at_the_end_of_the_last_one() -> None:
    """From Saturday, 2023-12-23 on: 25, 26 and 27 December."""
    promised = catalogue().current("no_criminal_record", TODAY).deadline(datetime(2023, 12, 23, 2, 0, tzinfo=UTC))
    assert promised == (datetime(2023, 12, 27, 16, 0, tzinfo=UTC), None)


def test_a_promise_that_needs_a_calendar_not_published_is_pending() -> None:
    far = datetime(LAST_YEAR + 1, 3, 1, tzinfo=UTC)
    promised = catalogue().current("no_criminal_record", TODAY).deadline(far)
    assert promised == (None, LegalClock(far.date(), days=3))


@pytest.mark.parametrize("text", ["- [", "", "just words", "- 1"])
def test_a_file_that_is_no_list_of_entries_is_told(folder: Path, text: str) -> None:
    (folder / "residence.yaml").write_text(text, "utf-8")
    assert complaint(folder).startswith("residence.yaml")


def test_a_missing_file_is_told(folder: Path) -> None:
    (folder / "issuers.yaml").unlink()
    assert complaint(folder).startswith("issuers.yaml cannot be read")
