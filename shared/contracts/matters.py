"""The matters a mandate between adults may name (委托事项), as data, and the limits of giving one."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.errors import Misconfigured
from shared.contracts.plain_yaml import read_yaml
from shared.standards.text import Text

FILE = Path(__file__).with_name("matters.yaml")
Words = Annotated[str, Field(min_length=1, max_length=100)]


class Matter(BaseModel):
    """One thing that may be done for another; the department that honours it knows it by its code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    department: str
    at_counter: bool  # may be named in a mandate that an officer records
    zh: Words
    en: Words

    @property
    def title(self) -> Text:
        return Text(self.zh, self.en)


class Matters(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    longest_days: int = Field(ge=1, le=3660)
    open_at_once: int = Field(ge=1, le=100)
    a_day: int = Field(ge=1, le=100)
    matters: Mapping[str, Matter] = Field(min_length=1)

    def titles(self, codes: Iterable[str]) -> Text:
        """The names of these matters, one after another; a code that is no longer known stays as it is."""
        found = [self.matters[code].title if code in self.matters else Text(code, code) for code in codes]
        return Text("、".join(one.zh for one in found), "; ".join(one.en for one in found))


def read_matters(path: Path = FILE) -> Matters:
    """Raises Misconfigured, which names the file and each entry that is wrong."""
    try:
        found = Matters.model_validate(read_yaml(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise Misconfigured(f"{path.name} cannot be read: {error}") from None
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Misconfigured(f"{path.name} is wrong: {'; '.join(wrong)}") from None
    for code, matter in found.matters.items():
        if not code.startswith(f"{matter.department}."):
            raise Misconfigured(f"{path.name}: {code} does not begin with its department, {matter.department}")
    return found


MATTERS = read_matters()
