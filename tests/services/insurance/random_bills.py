"""Bills, rules and years at random, so made that caps, thresholds and bands are met."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.bill import Item
from services.insurance.domain.rules import Rules


@dataclass(frozen=True)
class Case:
    rules: Rules
    acc: Accumulators
    items: list[Item]
    acct_balance: Decimal | None


def cases(seed: int, count: int) -> list[Case]:
    random = Random(seed)
    return [case(random) for _ in range(count)]


def case(random: Random) -> Case:
    return Case(rules(random), accumulators(random), items(random), maybe(random, lambda: amount(random, 5_000)))


def amount(random: Random, most: int) -> Decimal:
    """In yuan; now and then nothing, now and then whole."""
    cents = random.choice((0, random.randrange(most * 100), random.randrange(most * 100), random.randrange(most) * 100))
    return Decimal(cents).scaleb(-2)


def proportion(random: Random) -> Decimal:
    return random.choice((Decimal(0), Decimal(1), Decimal(random.randrange(101)).scaleb(-2), _fine(random)))


def item(random: Random) -> Item:
    price = amount(random, random.choice((10, 1_000, 100_000)))
    own = min(price, random.choice((Decimal(0), amount(random, 1_000))))
    overlimit = min(price - own, random.choice((Decimal(0), amount(random, 1_000))))
    return Item(amt=price, selfpay_prop=proportion(random), own=own, overlimit=overlimit)


def items(random: Random) -> list[Item]:
    return [item(random) for _ in range(random.randint(1, 8))]


def accumulators(random: Random) -> Accumulators:
    if random.random() < 0.3:
        return Accumulators()
    used = [amount(random, 60_000) for _ in range(5)]
    return Accumulators(random.randrange(4), *used)


def rules(random: Random) -> Rules:
    kind = random.choice(("points", "prior_self_pay", "factor"))
    deductibles = {"first": amount(random, 1_000), "later": amount(random, 1_000)}
    return Rules.model_validate(
        {
            "deductible": deductibles,
            "ratio": proportion(random),
            "reduction": {"kind": kind, "value": random.choice((Decimal(0), proportion(random)))},
            "cap": maybe(random, lambda: amount(random, 100_000)),
            "ci": maybe(random, lambda: major_illness(random)),
            "ma": maybe(random, lambda: assistance(random)),
            "large": maybe(random, lambda: large_amount(random)),
        }
    )


def plain_rules(random: Random) -> Rules:
    """No reduction, every cost counted, no large-amount fund, no threshold of assistance."""
    given = rules(random).model_dump(exclude={"reduction", "large"})
    for fund in ("ci", "ma"):
        if given[fund]:
            given[fund] = {name: value for name, value in given[fund].items() if name in ("bands", "ratio", "cap")}
    if given["ci"]:
        given["ci"]["threshold"] = amount(random, 20_000)
    return Rules.model_validate(given)


def major_illness(random: Random) -> dict[str, Any]:
    first, more = amount(random, 40_000) + 1, amount(random, 40_000) + 1
    flags = ("inc_deductible", "inc_preselfpay", "inc_penalty", "inc_overcap")
    return {
        "threshold": amount(random, 20_000),
        "bands": [(first, proportion(random)), (first + more, proportion(random)), (None, proportion(random))],
        "cap": maybe(random, lambda: amount(random, 60_000)),
    } | {flag: random.random() < 0.7 for flag in flags}


def assistance(random: Random) -> dict[str, Any]:
    return {
        "ratio": proportion(random),
        "cap": maybe(random, lambda: amount(random, 60_000)),
        "threshold": amount(random, 1_000),
        "inc_penalty": random.random() < 0.3,
    }


def large_amount(random: Random) -> dict[str, Any]:
    return {
        "overcap_ratio": proportion(random),
        "share_threshold": amount(random, 10_000),
        "share_ratio": proportion(random),
    }


def maybe(random: Random, make: Any) -> Any:
    return make() if random.random() < 0.7 else None


def _fine(random: Random) -> Decimal:
    return Decimal(random.randrange(10**6)).scaleb(-6)
