"""The rules of appointing, read from `appointing.yaml` and checked."""

from collections import Counter
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from services.identity.domain.appointing_rules import (
    Ages,
    ApartByDefault,
    ApartRule,
    AppointingRules,
    RoleRule,
    TogetherRule,
)
from shared.contracts.errors import Misconfigured
from shared.contracts.identity import Role
from shared.contracts.plain_yaml import read_yaml
from shared.standards.text import Text

T = TypeVar("T", bound=BaseModel)

TEXTS = ("name", "reason")


def read_rules(path: Path) -> AppointingRules:
    """Raises Misconfigured naming file, entry and field."""
    try:
        raw = read_yaml(path.read_text("utf-8"))
        roles = _entries(path, "roles", raw["roles"], RoleRule)
        apart = _entries(path, "not_together", raw["not_together"], ApartRule)
        together = _entries(path, "together", raw["together"], TogetherRule)
        [otherwise] = _entries(path, "otherwise", [raw["otherwise"]], ApartByDefault)
        [ages] = _entries(path, "ages", [raw["ages"]], Ages)
    except (OSError, yaml.YAMLError, TypeError, KeyError) as error:
        raise Misconfigured(f"{path.name} cannot be read as rules of appointing: {error!r}") from None
    if extra := raw.keys() - {"ages", "roles", "not_together", "together", "otherwise"}:
        raise Misconfigured(f"{path.name} has unknown parts: {', '.join(sorted(extra))}")
    counted = Counter(rule.role for rule in roles)
    if wrong := [role for role in Role if counted[role] != 1]:
        raise Misconfigured(f"{path.name}, roles: not exactly one entry for {', '.join(wrong)}")
    return AppointingRules({rule.role: rule for rule in roles}, apart, together, otherwise, ages)


def _entries(path: Path, part: str, raw: Any, kind: type[T]) -> tuple[T, ...]:
    entries = []
    for number, one in enumerate(raw, start=1):
        try:
            entries.append(kind.model_validate(_read(one)))
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            place = ".".join(map(str, wrong["loc"]))
            raise Misconfigured(f"{path.name}, {part}, entry {number}: {place}: {wrong['msg']}") from None
        except TypeError as error:
            raise Misconfigured(f"{path.name}, {part}, entry {number}: {error}") from None
    return tuple(entries)


def _read(raw: Any) -> Any:
    """Texts are written as {zh, en}; `all` stands for every other role."""
    if not isinstance(raw, dict):
        return raw
    read = {key: Text(**value) if key in TEXTS else value for key, value in raw.items()}
    if read.get("others") == "all":
        read["others"] = [role for role in Role if role != read.get("one")]
    return read


RULES: Final = read_rules(Path(__file__).with_name("appointing.yaml"))
