"""A type's form as JSON Schema: what the server enforces, for whoever draws it or fills it by program."""

from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.evidence_kind import EvidenceKind
from shared.forms.fields import Known
from shared.forms.schema import DIALECT, Schema, object_schema, said
from shared.standards.text import Language


def form_schema(type: CertificateType, language: Language, known: Known | None = None) -> Schema:
    """See `shared.forms.schema`; beside its words `x-evidence`, the papers to show."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:tongban:certificate-type:{type.code}:{type.version}",
        **said(type.name, language),
        **object_schema(type.fields, language, known),
        "x-evidence": [_evidence(kind, language) for kind in type.evidence],
    }


def _evidence(kind: EvidenceKind, language: Language) -> Schema:
    return {
        "kind": kind.kind,
        **said(kind.label, language),
        "required": kind.required,
        "contentMediaType": list(kind.media),
        "maxBytes": kind.max_bytes,
        "insteadOfEvidence": list(kind.instead_of_evidence),
    }
