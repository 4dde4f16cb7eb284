"""Which one-thing cases there are: YAML, read and checked at start. A new case is a new file, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import yaml
from pydantic import ValidationError

from services.cases.domain.definition import Definition
from shared.contracts.errors import Misconfigured, NotFound
from shared.contracts.plain_yaml import read_yaml

FOLDER = Path(__file__).with_name("definitions")


@dataclass(frozen=True)
class Definitions:
    """By code, each with its versions from the oldest on."""

    versions: Mapping[str, Sequence[Definition]]

    def in_force(self, today: date) -> list[Definition]:
        found = (self._latest(code, today) for code in self.versions)
        return [one for one in found if one]

    def current(self, code: str, today: date) -> Definition:
        """Raises NotFound."""
        if found := self._latest(code, today):
            return found
        raise NotFound(
            "unknown_definition",
            "没有这种一件事，请从目录中选择。",
            "There is no such one-thing case; please choose one of the list.",
        )

    def of_version(self, code: str, version: int) -> Definition | None:
        return next((one for one in self.versions.get(code, ()) if one.version == version), None)

    def _latest(self, code: str, today: date) -> Definition | None:
        versions = [one for one in self.versions.get(code, ()) if one.in_force_from <= today]
        return versions[-1] if versions else None


@cache
def definitions() -> Definitions:
    """Those this release ships."""
    return load(FOLDER)


def load(folder: Path) -> Definitions:
    """Read every file of a folder. Raises Misconfigured naming file, entry and what is wrong."""
    return Definitions({file.stem: _versions(file) for file in sorted(folder.glob("*.yaml"))})


def _versions(file: Path) -> list[Definition]:
    try:
        entries = read_yaml(file.read_text("utf-8"))
        versions = [_definition(file, number, entry) for number, entry in enumerate(entries, 1)]
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise Misconfigured(f"{file.name} cannot be read: {error}") from None
    for before, after in pairwise(versions):
        if after.version <= before.version or after.in_force_from <= before.in_force_from:
            raise Misconfigured(f"{file.name}: version {after.version} must be later than {before.version}")
    return versions


def _definition(file: Path, number: int, entry: Mapping[str, object]) -> Definition:
    try:
        return Definition.model_validate({**entry, "code": file.stem})
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}".lstrip(": ") for one in error.errors()]
        raise Misconfigured(f"{file.name}: entry {number}: {'; '.join(wrong)}") from None
