"""Certificates of each type that say as much as ever they may, and as little."""

from datetime import date

from services.certificates.domain.certificate_type import CertificateType
from shared.contracts.certificates import CertificateIssued
from shared.forms.fields import (
    BodyField,
    ChoiceField,
    DateField,
    DivisionField,
    FormField,
    IdNumberField,
    MobileField,
    NameField,
    NumberField,
    TextField,
    TimeField,
)
from shared.standards.person_name import LONGEST
from tests.services.certificates.document.paper import SAYS
from tests.services.certificates.examples import ID_NUMBER, VILLAGE

LONGEST_BODY = "新疆维吾尔自治区克孜勒苏柯尔克孜自治州阿克陶县塔尔塔吉克民族乡巴格村村民委员会"  # 40, a seal's most


def longest(type: CertificateType, body: str = LONGEST_BODY, letter: str = "长") -> CertificateIssued:
    """Every field as long as it may be, of `letter`s."""
    content = {name: _most(type, name, letter) for name in type.certifies}
    return _says(type, content, body, letter * 50)


def shortest(type: CertificateType) -> CertificateIssued:
    """Nothing that is not required."""
    required = [name for name in type.certifies if (field := type.field(name)) and field.required]
    return _says(type, {name: _least(type.field(name)) for name in required}, "某某村村民委员会", "李四")


def _says(type: CertificateType, content: dict[str, str], body: str, name: str) -> CertificateIssued:
    changed = {
        "certificate_type": type.code,
        "catalogue_version": type.version,
        "content": content,
        "issuing_body": body,
        "holder_name": name,
        "replaces_identifier": SAYS.identifier if len(content) > 5 else None,
        "valid_to": SAYS.valid_to if type.valid_months else None,
    }
    return SAYS.model_copy(update=changed)


def _most(type: CertificateType, name: str, letter: str) -> str:
    if one := next((one for one in type.computed if one.name == name), None):
        return _most(type, one.written, letter) if one.written else "100周岁"
    field = type.field(name)
    assert field is not None
    match field:
        case TextField(max_length=length):
            return letter * length
        case NameField():
            return letter * LONGEST
        case ChoiceField(choices=choices):
            return max((choice.label.zh for choice in choices), key=len)
        case DateField():
            return "2023-12-31"
        case TimeField():
            return "23时59分"
        case NumberField() as number:
            return number.printed(str(number.maximum))
        case IdNumberField():
            return ID_NUMBER[:]
        case MobileField():
            return "13800138000"
        case DivisionField():
            return "省" * 50
        case BodyField(bodies=bodies):
            return max((body.name for body in bodies), key=len)


def _least(field: FormField | None) -> str:
    match field:
        case ChoiceField() as choice:
            return choice.choices[0].label.zh
        case DateField():
            return date(2023, 1, 1).isoformat()
        case DivisionField() as place:
            return place.printed(VILLAGE if place.type == "village" else VILLAGE[:6] + "000000")
        case NumberField() as number:
            return number.printed(str(number.minimum))
        case TimeField():
            return "00时00分"
        case _:
            return "一"
