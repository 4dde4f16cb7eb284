"""Bills settled by the pure function, in one thread: no store, no HTTP, nothing but the reckoning."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import ROUND_HALF_UP, Decimal

from benchmarks.figures import Aim, Case, Contender, Figure, Options, in_turns, ratio
from benchmarks.servers import Servers
from services.insurance import bill_file
from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.settle import settle

BARE = "its arithmetic alone"
AT_A_TIME = 100
CENT = Decimal("0.01")
BILL = {  # a stay across two cities before 1 July 2023, unfiled
    "rules": {
        "deductible": {"first": "600", "later": "300"},
        "ratio": "0.55",
        "cut": "0.15",
        "cap": "238218.00",
        "ci": {"threshold": "12000", "bands": [["40000", "0.60"], ["60000", "0.70"], [None, "0.80"]], "cap": "500000"},
    },
    "items": [{"amt": "21333.33"}, {"amt": "8000.00", "selfpay_prop": "0.10"}, {"amt": "2800.00", "own": "2800.00"}],
}
TEXT = json.dumps(BILL)


async def run(_: Servers, options: Options) -> AsyncIterator[Case]:
    (bill,) = bill_file.read(TEXT).bills
    rules, acc, items = bill.rules, Accumulators(), bill.items
    assert rules is not None
    amounts = [(item.amt, item.own + item.overlimit, item.selfpay_prop) for item in items]

    def from_text() -> object:
        read = bill_file.read(TEXT)
        return json.dumps([sheet.as_json() for sheet in read.settle(read.require_rules(), carries=False)])

    lines = await in_turns(
        (
            Contender("ours", "ours", _measure(lambda: settle(rules, acc, items), options)),
            Contender("ours, JSON to JSON", "ours", _measure(from_text, options)),
            Contender(BARE, "limit", _measure(lambda: arithmetic(amounts), options)),
        ),
        options.rounds,
    )
    aims = (Aim(f"of {BARE}", ratio(lines, BARE), 0.2),)
    yield Case("settlement", f"a bill of {len(items)} items, one thread", "settlements/s", lines, aims)


def arithmetic(amounts: list[tuple[Decimal, Decimal, Decimal]]) -> tuple[Decimal, Decimal]:
    """What this one bill needs, with its rules written into it: fund and person."""
    catalogue = [(amount - outside, prop) for amount, outside, prop in amounts]
    preself = sum((_round(amount * prop) for amount, prop in catalogue), Decimal(0))
    in_scope = sum((amount for amount, _ in catalogue), Decimal(0)) - preself
    base = in_scope - 600
    pool = min(_round(base * Decimal("0.40")), Decimal("238218.00"))
    borne = 600 + base - _round(base * Decimal("0.55")) + preself
    fund = pool + _round((borne - 12000) * Decimal("0.60"))
    return fund, sum((amount for amount, _, _ in amounts), Decimal(0)) - fund


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _measure(once: Callable[[], object], options: Options) -> Callable[[], Awaitable[Figure]]:
    async def measure() -> Figure:
        begun = now = time.perf_counter()
        done = 0
        while now - begun < options.seconds:
            for _ in range(AT_A_TIME):
                once()
            done += AT_A_TIME
            now = time.perf_counter()
        return Figure(done / (now - begun))

    return measure
