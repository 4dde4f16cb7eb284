"""The five OpenAPI documents under two validators that others use."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.doors.town import Town
from tests.doors.tried import Tried

REDOCLY = "@redocly/cli@2.77.0"
PATIENCE = 180  # seconds; the first time it is fetched


def validated(town: Town) -> Iterator[Tried]:
    """By openapi-spec-validator and, where npx is, Redocly."""
    yield _by_python(town)
    if shutil.which("npx"):
        yield _by_redocly(town)


def _by_python(town: Town) -> Tried:
    tried = Tried("openapi-spec-validator", "the document of each department")
    for department in town.addresses:
        tried.count += 1
        for error in OpenAPIV31SpecValidator(town.schema(department)).iter_errors():
            tried.complain(f"{department}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    return tried


def _by_redocly(town: Town) -> Tried:
    tried = Tried("Redocly", "the document of each department, rules of the specification")
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for department in town.addresses:
            file = Path(directory) / f"{department}.json"
            file.write_text(json.dumps(town.schema(department), ensure_ascii=False), "utf-8")
            files.append(file.name)
        command = ["npx", "--yes", REDOCLY, "lint", "--extends=spec", "--format=stylish", *files]
        ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=PATIENCE, check=False)
        tried.count = len(files)
        if ran.returncode:
            said = re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout + ran.stderr)
            tried.complain(said[-2000:])
    return tried
