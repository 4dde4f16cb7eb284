"""The words: what the file must hold, and what a reader sees."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

import services
from services.notification.texts import TEXTS, read_texts
from shared.contracts.errors import Broken
from shared.standards.text import Language, Text
from tests.services.notification.examples import IDENTIFIER, VILLAGE_COMMITTEE

TEMPLATES_EVER_USED: dict[str, set[str]] = {
    "welcome": {"name"},
    "application_received": {"certificate", "expected_by"},
    "application_received_undated": {"certificate"},
    "application_sent_back": {"certificate", "wrong_fields"},
    "application_refused": {"certificate", "reason"},
    "application_refused_with_notice": {"certificate", "reason", "remedy"},
    "certificate_issued": {"certificate", "identifier", "issuing_body"},
    "application_step_passed": {"certificate"},
    "application_escalated": {"certificate", "level"},
    "overdue_application": {"certificate", "overdue_since"},
    "message_from_office": {"certificate", "text"},
    "message_from_applicant": {"certificate", "text"},
    "certificate_suspended": {"certificate", "identifier", "explanation"},
    "certificate_reinstated": {"certificate", "identifier", "explanation"},
    "certificate_revoked": {"certificate", "identifier", "explanation"},
    "certificate_superseded": {"certificate", "identifier", "by_identifier"},
    "certificate_expired": {"certificate", "identifier", "valid_to"},
    "claim_settled": {"hospital", "total", "fund", "person"},
    "settlement_reversed": {"total", "reason"},
    "claim_held": {"hospital", "total", "reasons"},
    "claim_released": {"amount", "reason"},
    "claim_not_paid": {"amount", "reason"},
    "allowance_held": {"amount", "reasons"},
    "allowance_released": {"amount", "reason"},
    "allowance_not_paid": {"amount", "reason"},
    "held_withdrawn": {"amount", "reason"},
    "repayment_ordered": {"amount", "reason"},
    "repayment_recorded": {"amount"},
    "repayment_dropped": {"amount", "reason"},
    "maternity_allowance_ready": {"amount", "days", "employer"},
    "maternity_allowance_paid": {"amount"},
    "maternity_allowance_rejected": {"amount", "reason"},
    "maternity_not_insured": {"discharged_on"},
    "death_record_withdrawn": set(),
    "application_terminated": {"certificate"},
    "application_ended": {"certificate", "explanation"},
    "reviewed_application_ended": {"certificate", "explanation"},
    "reviewed_application_terminated": {"certificate"},
    "maternity_insurance_lapsed": {"discharged_on"},
    "maternity_not_yet_insured": {"discharged_on"},
    "case_awaits_consent": {"case"},
    "case_handed_in_for_you": {"case", "counter"},
    "case_consent_wanted": {"case"},
    "case_started": {"case", "expected_by"},
    "case_started_undated": {"case"},
    "case_item_refused": {"item", "reason"},
    "case_item_to_retry": {"item", "reason"},
    "case_supplement_asked": {"what"},
    "case_consent_withdrawn": set(),
    "case_stopped_apply_again": {"case", "done", "not_done"},
    "case_nothing_done_apply_again": {"case", "done", "not_done"},
    "case_consent_withdrawn_apply_again": set(),
    "case_stopped_with_words": {"words"},
    "case_person_lost": {"words"},
    "case_stopped_by_bureau": {"reason"},
    "case_correction_needed": {"fields", "why"},
    "case_consent_renewed": set(),
    "case_consent_recorded": {"counter"},
    "case_withdrawal_recorded": set(),
    "case_facts_changed": {"changed"},
    "case_item_stuck": {"item"},
    "case_completed": {"case", "done"},
    "case_partly_done": {"case", "done", "not_done"},
    "case_stopped": {"case", "done", "not_done"},
    "case_late": {"case", "level", "overdue_since", "expected_by"},
    "case_late_undated": {"case", "level", "overdue_since"},
    "case_item_late": {"case", "item", "level", "overdue_since", "expected_by"},
    "case_item_late_undated": {"case", "item", "level", "overdue_since"},
    "overdue_case": {"overdue_since"},
    "overdue_case_item": {"item", "overdue_since"},
    "mandate_given": {"agent", "matters", "until"},
    "mandate_offered": {"principal", "matters", "until"},
    "mandate_accepted": {"agent", "matters", "until"},
    "mandate_taken_on": {"principal", "matters", "until"},
    "erasure_outcome": {"erased", "kept"},
    "mandate_declined": {"agent"},
    "mandate_ended": {"agent", "reason"},
    "mandate_ended_for_agent": {"principal", "reason"},
    "agent_acted": {"agent", "act", "certificate"},
    "acted_as_agent": {"act", "certificate"},
    "agent_confirmed_allowance": {"agent", "amount"},
    "allowance_confirmed_as_agent": {"amount"},
    "certificate_printed": {"certificate", "identifier", "printed_at", "place"},
}
FILE: dict[str, Any] = {
    "templates": {
        "greeting": {
            "facts": {"name": "text"},
            "zh": {"title": "您好", "body": "{name}，您好"},
            "en": {"title": "Hello", "body": "Hello {name}"},
        }
    },
    "certificates": {"residence": {"zh": "居住证明", "en": "residence certificate"}},
    "levels": {},
    "cases": {},
    "items": {},
    "fields": {},
}


def changed(place: str, value: object) -> str:
    """The file with one entry set anew, or taken out (None)."""
    file = deepcopy(FILE)
    *path, last = place.split(".")
    entry = file
    for step in path:
        entry = entry[step]
    if value is None:
        del entry[last]
    else:
        entry[last] = value
    return yaml.safe_dump(file, allow_unicode=True)


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        ("templates.greeting.en", None, "greeting.en"),
        ("templates.greeting.zh", None, "greeting.zh"),
        ("templates.greeting.fr", {"title": "Bonjour", "body": "Bonjour {name}"}, "greeting.fr"),
        ("templates.greeting.en.title", None, "greeting.en.title"),
        ("templates.greeting.zh.body", " ", "greeting.zh.body"),
        ("templates.greeting.en.body", "Hello", "en and the facts do not agree on name"),
        ("templates.greeting.zh.body", "{name}，您好，{phone}", "zh and the facts do not agree on phone"),
        ("templates.greeting.facts", {"name": "text", "phone": "text"}, "do not agree on phone"),
        ("templates.greeting.facts", {"name": "colour"}, "facts.name"),
        ("templates.greeting.en.body", "Hello {name", "greeting"),
        ("templates.greeting.en.body", "Hello {name.__class__}", "no bare placeholder"),
        ("templates.greeting.en.body", "Hello {name!r}", "no bare placeholder"),
        ("templates.greeting.en.body", "Hello {name:>5000}", "no bare placeholder"),
        ("templates.greeting.en.body", "Hello {name} {}", "no bare placeholder"),
        ("certificates.residence.en", None, "certificates.residence"),
        ("fields", None, "fields"),
    ],
)
def test_a_wrong_file_is_refused_and_the_entry_named(place: str, value: object, complaint: str) -> None:
    with pytest.raises(Broken, match=complaint):
        read_texts(changed(place, value))


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(Broken, match="YAML"):
        read_texts("templates: {")


def test_a_right_file_is_read() -> None:
    words = read_texts(yaml.safe_dump(FILE)).render("greeting", {"name": "王小明"}, "en")
    assert words == ("Hello", "Hello 王小明")


def test_a_template_once_used_stays_with_the_same_placeholders() -> None:
    """Delivered notices are put in words from it for ever; a new meaning is a new template, added here."""
    assert {name: set(template.facts) for name, template in TEXTS.templates.items()} == TEMPLATES_EVER_USED


@pytest.mark.parametrize(("language", "step"), [("zh-CN", "下一步："), ("en", "What to do next: ")])
def test_every_notice_says_what_to_do_next(language: Language, step: str) -> None:
    for template in TEXTS.templates.values():
        assert step in template.to(language).body


@pytest.mark.parametrize(
    ("language", "shown"),
    [("zh-CN", "预计于2023年12月24日00:30前办结"), ("en", "expected by 2023-12-24 00:30 Beijing time")],
)
def test_times_are_those_of_shanghai(language: Language, shown: str) -> None:
    facts = {"certificate": "residence", "expected_by": "2023-12-23T16:30:00+00:00"}
    assert shown in TEXTS.render("application_received", facts, language).body


@pytest.mark.parametrize(
    ("language", "entries"),
    [
        ("zh-CN", "- 居住起始日期：应为2021年\n- 房东或户主姓名：请填写全名\n- shoe_size：{purpose}\n"),
        ("en", "- Resident since: 应为2021年\n- Landlord or host: 请填写全名\n- shoe_size: {purpose}\n"),
    ],
)
def test_marked_fields_are_listed_by_their_labels_and_unknown_ones_by_name(language: Language, entries: str) -> None:
    marked = {"residence_since": "应为2021年", "landlord": "请填写全名", "shoe_size": "{purpose}"}
    words = TEXTS.render("application_sent_back", {"certificate": "residence", "wrong_fields": marked}, language)
    assert entries in words.body


def test_a_certificate_is_called_by_its_title_and_an_unknown_one_by_its_code() -> None:
    facts = {"certificate": "residence", "identifier": IDENTIFIER, "issuing_body": VILLAGE_COMMITTEE}
    words = TEXTS.render("certificate_issued", facts, "zh-CN")
    assert words.title == "居住证明已签发"
    assert IDENTIFIER in words.body
    assert VILLAGE_COMMITTEE in words.body
    assert TEXTS.render("certificate_issued", {**facts, "certificate": "moon"}, "en").title == "Issued: moon"


@pytest.mark.parametrize(
    ("template", "facts"),
    [
        ("never_written", {}),
        ("welcome", {"certificate": "residence"}),
        ("welcome", {"name": {"first": "小明"}}),
        ("application_sent_back", {"certificate": "residence", "wrong_fields": "all"}),
    ],
)
def test_facts_that_do_not_fit_their_template_are_a_bug(template: str, facts: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        TEXTS.render(template, facts, "en")


def test_every_certificate_type_and_form_field_of_the_catalogue_has_its_words() -> None:
    folder = Path(*services.__path__) / "certificates" / "catalogue"
    catalogue = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in folder.glob("*.yaml")}
    types = {code: versions for code, versions in catalogue.items() if "fields" in versions[0]}
    assert types
    assert types.keys() <= TEXTS.certificates.keys()
    for versions in types.values():
        for field in versions[-1]["fields"]:
            assert TEXTS.fields[field["name"]] == Text(**field["label"])


def test_every_one_thing_case_and_its_items_have_their_words() -> None:
    folder = Path(*services.__path__) / "cases" / "definitions"
    files = list(folder.glob("*.yaml"))
    assert files
    for file in files:
        latest = yaml.safe_load(file.read_text("utf-8"))[-1]
        assert TEXTS.cases[file.stem] == Text(**latest["name"])
        for item in latest["items"]:
            assert TEXTS.items[item["code"]] == Text(**item["name"])


SUSPENDED = {"certificate": "residence", "identifier": IDENTIFIER}


@pytest.mark.parametrize(
    ("explanation", "zh", "en"),
    [
        ("租约已到期。 The lease has ended.", "原因：租约已到期。\n", "Reason: The lease has ended.\n"),
        ("租约已到期", "原因：租约已到期\n", "Reason: 租约已到期\n"),
        ("房东 Smith 来电说明。", "原因：房东 Smith 来电说明。\n", "Reason: 房东 Smith 来电说明。\n"),
    ],
)
def test_an_explanation_in_both_languages_is_told_in_the_readers(explanation: str, zh: str, en: str) -> None:
    facts = {**SUSPENDED, "explanation": explanation}
    assert zh in TEXTS.render("certificate_suspended", facts, "zh-CN").body
    assert en in TEXTS.render("certificate_suspended", facts, "en").body
