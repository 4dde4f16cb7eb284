"""What is said of a department's HTTP beside its code: `interface.yaml` of the frame and of each department.

tags:        {people: {zh: 户籍, en: The household register}}
operations:  {"GET /people/{id}": {id: show_person, description: ..., answers: application/pdf}}
parameters:  {division: {description: ..., example: "130123100242"}, "GET /people limit": {...}}
fields:      {name: 王小明, "NewPerson.reason": 补录}     examples of fields by name, or by model and name
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.contracts.errors import Misconfigured
from shared.contracts.plain_yaml import read_yaml

FILE = "interface.yaml"
FRAME = "shared.department"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TagSaid(_Entry):
    zh: str
    en: str


class ParameterSaid(_Entry):
    description: str
    example: Any


class OperationSaid(_Entry):
    """`takes`: media types of a body that the handler reads itself, with an example each. `answers`: the media type, or
    types, of the answer, where the code does not say it. `also`: further statuses that carry the same answer.
    `sends`: an example of the JSON body, where the examples of its fields do not make one that is taken. `refuses`:
    further statuses of problems. `example`: of the answer, where its model does not lead to one."""

    id: str | None = None
    description: str | None = None
    takes: Mapping[str, Any] | None = None
    sends: Any = None
    refuses: tuple[int, ...] = ()
    answers: str | tuple[str, ...] | None = None
    also: tuple[int, ...] = ()
    example: Any = None


class Interface(_Entry):
    tags: Mapping[str, TagSaid] = {}
    operations: Mapping[str, OperationSaid] = {}
    parameters: Mapping[str, ParameterSaid] = {}
    fields: Mapping[str, Any] = {}


@cache
def read(package: str) -> Interface:
    """Of a department, or of the frame. Raises Misconfigured naming file and entry."""
    file = resources.files(package) / FILE
    if not file.is_file():
        return Interface()
    try:
        return Interface.model_validate(read_yaml(file.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise Misconfigured(f"{package}/{FILE}, {place}: {first['msg']}") from None


def of_modules(modules: Iterable[str]) -> Interface:
    """What the frame says, and what the departments of these modules say: theirs goes before."""
    packages = dict.fromkeys([FRAME, *(".".join(module.split(".")[:2]) for module in modules)])
    found = [read(package) for package in packages if package.startswith(("shared.", "services."))]
    return Interface(
        tags={name: said for one in found for name, said in one.tags.items()},
        operations={name: said for one in found for name, said in one.operations.items()},
        parameters={name: said for one in found for name, said in one.parameters.items()},
        fields={name: said for one in found for name, said in one.fields.items()},
    )
