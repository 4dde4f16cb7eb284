"""Rules as data: the entries of a YAML file, read and checked."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from shared.contracts.errors import Misconfigured
from shared.contracts.plain_yaml import read_yaml

T = TypeVar("T")


def read(file: Path, kind: type[T], **given: Any) -> list[T]:
    """The entries of one file, each with `given` added. Raises Misconfigured naming file, entry and field."""
    try:
        entries = read_yaml(file.read_text("utf-8"))
        return TypeAdapter(list[kind]).validate_python([entry | given for entry in entries])  # type: ignore[valid-type]
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise Misconfigured(f"{file.name} cannot be read: {error}") from None
    except ValidationError as error:
        wrong = [f"{_place(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise Misconfigured(f"{file.name}: {'; '.join(wrong)}") from None


def _place(location: tuple[int | str, ...]) -> str:
    """'entry 1, fields.2.label': entries are counted from 1, as a person does."""
    entry, *field = location
    return f"entry {int(entry) + 1}" + (f", {'.'.join(map(str, field))}" if field else "")
