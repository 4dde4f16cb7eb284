"""What a type certifies is told by meaning: however it is called, villages certify what is theirs."""

from typing import Any

import pytest

from services.certificates.catalogue import not_theirs, refuse_what_is_not_theirs
from services.certificates.catalogue_files import catalogue
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.concept import CLASSES
from shared.contracts.errors import Refused
from tests.services.certificates.test_catalogue import fields, residence

OF_POLICE: dict[str, Any] = {"issuer": "police", "review": [{"level": "issuer", "role": "police_reviewer"}]}


def named(code: str = "tenancy", zh: str = "租住证", en: str = "Tenancy", **changes: Any) -> CertificateType:
    definition = {**residence(), "code": code, "name": {"zh": zh, "en": en}, **changes}
    return CertificateType.model_validate(definition)


def meant(*name: str, **changes: Any) -> str | None:
    """The concept for which a type is refused."""
    found = not_theirs(named(*name, **{"concept": None, **changes}), catalogue().concepts.values())
    return found.concept if found else None


def refusal(**changes: Any) -> str | None:
    """The code of the refusal to publish it."""
    try:
        refuse_what_is_not_theirs(named(**changes), catalogue().concepts)
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("good_conduct", "无犯罪记录证明", "Good conduct"),
        ("good_conduct", "品德证", "Character"),
        ("character", "无犯罪情况说明", "Character"),
        ("character", "無犯罪記錄證明", "Character"),
        ("character", "无·犯 罪－记录", "Character"),
        ("character", "无犯\u200b罪记录", "Character"),
        ("character", "品行证明", "Character"),
        ("character", "现实表现证明", "Character"),
        ("character", "表现良好", "ＣＲＩＭＩＮＡＬ record: none"),
        ("character", "表现良好", "Police  clearance"),
    ],
)
def test_no_village_certifies_that_somebody_has_no_record(code: str, zh: str, en: str) -> None:
    assert meant(code, zh, en) == "no_criminal_record"
    assert meant(code, zh, en, **OF_POLICE) is None


@pytest.mark.parametrize(
    ("zh", "concept"),
    [
        ("亲属之关系证明", "kinship"),
        ("同一人证明", "identity"),
        ("户口更正说明", "register_entry_change"),
        ("养狗登记", "dog_keeping"),
        ("社区戒毒证明", "drug_rehabilitation"),
        ("下落不明证明", "missing_person"),
        ("单身证明", "marital_status"),
        ("婚姻情况说明", "marital_status"),
        ("出生情况证明", "birth"),
        ("在世证明", "alive"),
        ("亡故证明", "death"),
        ("患病情况证明", "illness"),
        ("残疾情况证明", "disability"),
        ("计生证明", "childbearing"),
        ("无业证明", "employment"),
        ("人事档案证明", "personal_file"),
        ("房产证明", "property"),
        ("遗产继承证明", "inheritance"),
        ("经营场所证明", "business_premises"),
        ("身份证丢失证明", "lost_document"),
        ("清白证明", "no_criminal_record"),
        ("无不良记录证明", "no_criminal_record"),
        ("无劣迹证明", "no_criminal_record"),
        ("思想品德鉴定", "no_criminal_record"),
        ("表现证明", "no_criminal_record"),
        ("无案件证明", "no_criminal_record"),
        ("治安处罚情况", "no_criminal_record"),
        ("夫妻关系证明", "marital_status"),
        ("没有结婚的证明", "marital_status"),
        ("祖孙关系证明", "kinship"),
        ("家庭成员关系证明", "kinship"),
        ("监护关系证明", "kinship"),
        ("尚在人间证明", "alive"),
        ("姓名一致证明", "identity"),
        ("无房证明", "property"),
        ("收入证明", "property"),
        ("贫困证明", "property"),
        ("低保证明", "property"),
        ("火化证明", "death"),
        ("丧葬证明", "death"),
        ("伤情证明", "illness"),
        ("精神状况证明", "illness"),
        ("学历证明", "personal_file"),
        ("户籍证明", "household_register"),
        ("参保证明", "medical_insurance"),
        ("疫苗接种证明", "vaccination"),
    ],
)
def test_each_abolished_proof_is_known_by_its_other_names(zh: str, concept: str) -> None:
    assert meant(zh=zh) == concept


def test_what_is_printed_counts_too() -> None:
    labels = fields(residence_since={"label": {"zh": "有无犯罪记录", "en": "Since"}})
    assert meant(fields=labels) == "no_criminal_record"


def test_what_is_said_to_be_certified_counts_too() -> None:
    assert meant(concept="no_criminal_record") == "no_criminal_record"
    assert meant(concept="residence") is None


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("居住证明", "Certificate of residence"),
        ("家庭经济状况证明", "A family's economic status"),
        ("租住证", "Dogma"),
    ],
)
def test_villages_certify_what_is_theirs(zh: str, en: str) -> None:
    assert meant(zh=zh, en=en) is None


@pytest.mark.parametrize("concept", [None, "kinship", "household_register", "vaccination"])
def test_a_village_type_without_a_listed_concept_is_refused(concept: str | None) -> None:
    assert refusal(concept=concept) in ("not_listed_for_issuer", "not_theirs_to_certify")


@pytest.mark.parametrize("zh", ["意外事故证明", "某事证明", "家庭经济状况证明"])
def test_a_concept_that_the_name_does_not_say_is_refused(zh: str) -> None:
    assert refusal(zh=zh, concept="residence") == "not_listed_for_issuer"


@pytest.mark.parametrize(("zh", "concept"), [("租住证", "residence"), ("家庭经济困难证明", "family_economic_status")])
def test_a_village_type_of_a_listed_concept_is_published(zh: str, concept: str) -> None:
    assert refusal(zh=zh, concept=concept) is None


def test_the_words_are_a_second_net() -> None:
    assert refusal(zh="居住及无劣迹证明") == "not_theirs_to_certify"


def test_other_bodies_need_no_list() -> None:
    assert refusal(zh="意外事故证明", concept=None, **OF_POLICE) is None


def test_no_other_body_certifies_a_familys_means() -> None:
    assert meant(zh="家庭经济状况证明", **OF_POLICE) == "family_economic_status"


def test_every_class_has_a_name_and_every_concept_a_basis() -> None:
    concepts = catalogue().concepts.values()
    assert {issuer for one in concepts for issuer in one.issued_by} == CLASSES.keys() - {
        "township"
    }  # countersigns only
    assert all(one.basis for one in concepts)
    assert {proof.code for proof in catalogue().abolished.values()} <= {one.concept for one in concepts}
