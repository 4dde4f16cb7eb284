"""The policies as dated data: YAML, one file a place of insurance and kind of insured, read and checked at start.

A new region is a new file, nothing else. Numbers are taken as they are written, never through binary fractions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from services.insurance import marked_yaml
from services.insurance.domain.no_rule import listed
from services.insurance.domain.policy import InsuredAs, Policy
from services.insurance.domain.policy_check import contradictions
from shared.contracts.errors import Invalid, Misconfigured, NotFound
from shared.standards.divisions import is_within
from shared.standards.text import Text

FOLDER = Path(__file__).with_name("policies")


@dataclass(frozen=True)
class Policies:
    by_id: Mapping[str, Policy]

    def named(self, name: str) -> Policy:
        """By its id, or by a beginning that no other has: "guangxi". Raises NotFound naming those there are."""
        if found := self.by_id.get(name):
            return found
        candidates = [policy for identifier, policy in self.by_id.items() if name and identifier.startswith(name)]
        if len(candidates) == 1:
            return candidates[0]
        names = listed({id: policy.name for id, policy in self.by_id.items()})
        raise NotFound(
            "unknown_policy",
            f"没有这一政策，请从以下政策中选择：{names.zh}。",
            f"There is no such policy; please choose one of {names.en}.",
        )

    def of(self, division: str, insured_as: InsuredAs) -> Policy:
        """Of the place of insurance, by the narrowest division. Raises Invalid naming `region` where there is none."""
        if found := self.find(division, insured_as):
            return found
        text = Text(
            "该参保地的医保政策尚未录入，暂不能在线结算；参保登记不受影响，请联系参保地医保经办机构办理。",
            "No policy of this place of insurance is laid down here, so nothing can be settled on line yet; the "
            "enrolment stands. Please ask the office of insurance there.",
        )
        raise Invalid("no_policy", *text, fields={"region": text})

    def find(self, division: str, insured_as: InsuredAs) -> Policy | None:
        """As `of`; None where there is none."""
        found = [
            policy
            for policy in self.by_id.values()
            if policy.insured_as == insured_as and is_within(division, policy.division)
        ]
        return max(found, key=lambda policy: len(policy.division.rstrip("0")), default=None)


@cache
def policies() -> Policies:
    """Those this release ships."""
    return load(FOLDER)


def load(folder: Path) -> Policies:
    """Read every file of a folder. Raises Misconfigured naming file, line and rule of all that is wrong."""
    found: dict[str, Policy] = {}
    for file in sorted(folder.glob("*.yaml")):
        policy = _read(file)
        for other in found.values():
            if (other.division, other.insured_as) == (policy.division, policy.insured_as):
                raise Misconfigured(f"{file.name}: {other.policy} already holds for {policy.division}")
        found[policy.policy] = policy
    return Policies(found)


def _read(file: Path) -> Policy:
    try:
        written = marked_yaml.read(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misconfigured(f"{file.name} cannot be read: {error}") from None
    if repeated := [f"{file.name}:{line}: {key} occurs twice" for line, key in written.repeated()]:
        raise Misconfigured("; ".join(repeated))
    try:
        policy = Policy.model_validate(written.data)
        wrong = list(contradictions(policy))
    except ValidationError as error:
        wrong = [(problem["loc"], problem["msg"]) for problem in error.errors()]
    else:
        if policy.policy != file.stem:
            wrong.append((("policy",), f"is not the name of its file, {file.stem}"))
    if wrong:
        told = (f"{file.name}:{written.line(place)}: {'.'.join(map(str, place))}: {what}" for place, what in wrong)
        raise Misconfigured("; ".join(told))
    return policy
