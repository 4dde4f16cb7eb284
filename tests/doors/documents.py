"""The five OpenAPI documents under two validators that others use."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.doors.openapi_linter import NotAtHand, lint
from tests.doors.town import Town
from tests.doors.tried import Tried

SAID = 2000  # characters


def validated(town: Town) -> Iterator[Tried]:
    """By openapi-spec-validator and, where Node is, Redocly."""
    yield _by_python(town)
    yield _by_redocly(town)


def _by_python(town: Town) -> Tried:
    tried = Tried("openapi-spec-validator", "the document of each department")
    for department in town.addresses:
        tried.count += 1
        for error in OpenAPIV31SpecValidator(town.document(department)).iter_errors():
            tried.complain(f"{department}: {'/'.join(map(str, error.absolute_path))}: {error.message[:SAID]}")
    return tried


def _by_redocly(town: Town) -> Tried:
    tried = Tried("Redocly", "the document of each department")
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for department in town.addresses:
            file = Path(directory) / f"{department}.json"
            file.write_text(json.dumps(town.document(department), ensure_ascii=False), "utf-8")
            files.append(file)
        try:
            said = lint(files)
        except NotAtHand as reason:
            tried.what = f"skipped: {reason}"
            return tried
        tried.count = len(files)
        if said:
            tried.complain(said[-SAID:])
    return tried
