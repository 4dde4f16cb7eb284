"""The data-sharing catalogue (政务数据共享目录): who may receive which feed, and on what basis.

One YAML file says it; broker permissions, durable consumers and documents all come from it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.contracts.errors import Misconfigured
from shared.contracts.feed import Contract


class Attribute(StrEnum):
    """政务数据共享条例 Art. 13: how a resource may be shared."""

    unconditional = "unconditional"
    conditional = "conditional"
    not_shared = "not_shared"


class Sharing(BaseModel):
    """One feed's row of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: Attribute
    basis: str  # legal basis, or the reason why it is not shared
    subscribers: tuple[str, ...] = ()  # departments


Catalogue = Mapping[str, Sharing]
"""By the feed's full name."""


def read_catalogue(path: Path, contracts: Iterable[Contract]) -> Catalogue:
    """Raises Misconfigured naming what does not fit: a feed unknown or missing, a subscriber unknown."""
    contracts = list(contracts)
    departments = {contract.department for contract in contracts}
    feeds = {feed.full_name for contract in contracts for feed in contract.feeds}
    try:
        rows = yaml.safe_load(path.read_text("utf-8"))
        catalogue = {name: Sharing.model_validate(row) for name, row in rows.items()}
    except (OSError, yaml.YAMLError, AttributeError, ValidationError) as error:
        raise Misconfigured(f"{path.name} cannot be read as a sharing catalogue: {error}") from None
    if unknown := catalogue.keys() - feeds:
        raise Misconfigured(f"{path.name} names feeds that no department publishes: {', '.join(sorted(unknown))}")
    if missing := feeds - catalogue.keys():
        raise Misconfigured(f"{path.name} says nothing about: {', '.join(sorted(missing))}")
    for name, row in catalogue.items():
        if strangers := set(row.subscribers) - departments:
            raise Misconfigured(f"{path.name}: {name} is given to unknown departments: {', '.join(sorted(strangers))}")
        if row.attribute is Attribute.not_shared and row.subscribers:
            raise Misconfigured(f"{path.name}: {name} is not shared, yet has subscribers")
    return catalogue
