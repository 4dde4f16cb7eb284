"""The rules of the register, read from `rules/register.yaml` and checked."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from services.identity.domain.register_rules import RegisterRules
from shared.contracts.errors import Misconfigured
from shared.contracts.plain_yaml import read_yaml
from shared.standards.person_name import LONGEST, SHORTEST


def read_register_rules(path: Path) -> Sequence[RegisterRules]:
    """All versions, the oldest first. Raises Misconfigured naming file, entry and field."""
    try:
        raw = enumerate(read_yaml(path.read_text("utf-8")), start=1)
        versions = [_version(path, number, one) for number, one in raw]
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise Misconfigured(f"{path.name} cannot be read as rules of the register: {error}") from None
    if not versions:
        raise Misconfigured(f"{path.name} has no rules")
    for older, newer in pairwise(versions):
        if newer.version != older.version + 1 or newer.in_force_from <= older.in_force_from:
            raise Misconfigured(
                f"{path.name}, version {newer.version}: versions and their days follow each other without a gap"
            )
    if (versions[-1].name.shortest, versions[-1].name.longest) != (SHORTEST, LONGEST):
        raise Misconfigured(f"{path.name}: name: its lengths are not those of shared/standards/person_name.py")
    return tuple(versions)


def _version(path: Path, number: int, raw: Any) -> RegisterRules:
    try:
        return RegisterRules.model_validate(raw)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise Misconfigured(f"{path.name}, entry {number}: {place}: {wrong['msg']}") from None


REGISTER_RULES: Final = read_register_rules(Path(__file__).with_name("rules") / "register.yaml")
