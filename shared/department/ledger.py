"""The department's ledger, and what it has witnessed of its neighbours': for anyone, hashes only.

Hashes are base64, as in the signed heads; leaves in bulk are plain bytes, 32 each. How a proof is checked: RFC 9162
§2.1.3.2 and §2.1.4.2.
"""

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import MediaType, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from pydantic import BaseModel

from shared.contracts.errors import Invalid, NotFound
from shared.department.engine import Engine
from shared.eventstore.ledger import Ledger
from shared.eventstore.ledger_signer import LedgerSigner
from shared.eventstore.signed_head import origin_of
from shared.messaging import witness_eras
from shared.messaging.ledger_pages import PAGE_LEAVES
from shared.messaging.reason import Reason
from shared.messaging.witness_store import AlarmKind, WitnessStore
from shared.standards.text import Text

LEAF = """
select l.position, l.leaf from events e left join log l on l.stream = e.stream and l.version = e.version where e.id = $1
"""
BYTES = "application/octet-stream"

Size = Annotated[int, QueryParameter(ge=1, description="events in the ledger")]
SizeOrPresent = Annotated[
    int | None, QueryParameter(ge=1, description="events in the ledger; else as many as there are")
]
After = Annotated[int, QueryParameter(ge=0, lt=2**62, description="leaves to pass over")]
EraOrPresent = Annotated[int | None, QueryParameter(ge=1, description="era of witnessing; else the present one")]


class Inclusion(BaseModel):
    """That an event is in the ledger. Its leaf stands at index position - 1."""

    leaf: str
    position: int
    size: int
    path: list[str]
    root: str
    checkpoint: str | None  # the signed head of this size; null: the department has no key


class Consistency(BaseModel):
    """That the ledger of size `second` begins with that of size `first`."""

    first: int
    second: int
    path: list[str]
    first_root: str
    root: str
    checkpoint: str | None  # the signed head of size `second`


class LedgerAlarm(BaseModel):
    """What cannot be if a department keeps to one history."""

    department: str
    kind: AlarmKind
    size: int  # how much of its ledger was witnessed then
    told: str  # what it said: a signed head, as a rule
    raised_at: datetime


class ClosedEra(BaseModel):
    """Somebody here has looked into what was alarming, and let witnessing begin anew."""

    era: int
    closed_at: datetime
    reason: Reason


class Witnessed(BaseModel):
    """What this department holds of a neighbour's ledger in one era; in each it was witnessed from its first event."""

    department: str
    era: int
    closed_eras: list[ClosedEra]  # all there are
    key: str | None  # what its heads are verified with now; null: none was seen
    statements: list[str] = []  # of keys that followed the first one in this era
    size: int  # events witnessed
    checkpoint: str | None  # the last head it signed
    alarms: list[LedgerAlarm]  # they stand if the era is the present one


class Key(BaseModel):
    """`until`: heads of more events that it has signed count no more; null: it signs now."""

    key: str
    until: int | None
    withdrawn: bool


class Keys(BaseModel):
    """`statements`: signed notes (C2SP), see docs/decisions/0027."""

    key: str  # the present one
    keys: list[Key]  # oldest first
    statements: list[str]


@get(
    "/checkpoint", media_type=MediaType.TEXT, summary="账本的签名首部 / the ledger's signed head (C2SP tlog-checkpoint)"
)
async def checkpoint(engine: NamedDependency[Engine]) -> str:
    signed = await _signer(engine).sign(engine.ledger, await engine.ledger.size())
    return signed.head.note


@get("/key", media_type=MediaType.TEXT, summary="验证签名首部的公钥 / the key to verify heads with")
async def key(engine: NamedDependency[Engine]) -> str:
    return (await _signer(engine).keys(engine.pool)).present


@get("/keys", summary="账本的历任公钥及其声明 / the ledger's keys so far, and the statements about them")
async def keys(engine: NamedDependency[Engine]) -> Keys:
    """Whoever holds any of them learns the others from the statements, and checks what an earlier one has signed."""
    known = await _signer(engine).keys(engine.pool)
    return Keys(
        key=known.present,
        keys=[Key(key=one, until=known.until.get(one), withdrawn=one in known.withdrawn) for one in known.keys],
        statements=list(known.statements),
    )


@get("/inclusion/{event_id:uuid}", summary="事件在账本中的证明 / the proof that an event is in the ledger")
async def inclusion(event_id: FromPath[UUID], engine: NamedDependency[Engine], size: SizeOrPresent = None) -> Inclusion:
    size = await _within(engine.ledger, "size", size)
    row = await engine.pool.fetchrow(LEAF, event_id)
    if row is None:
        raise NotFound("no_such_event", "没有这个事件，请核对编号。", "There is no such event; please check its id.")
    if row["position"] is None or row["position"] > size:
        raise NotFound(
            "not_in_the_ledger",
            "该事件尚未列入这一长度的账本，请稍后再查，或不指定 size。",
            "The ledger of this size does not hold the event; please look again shortly, or leave out the size.",
        )
    return await prove(engine, row["leaf"], row["position"], size)


async def prove(engine: Engine, leaf: bytes, position: int, size: int) -> Inclusion:
    """1 <= position <= size <= the ledger's size."""
    root = await engine.ledger.root(size)
    return Inclusion(
        leaf=_text(leaf),
        position=position,
        size=size,
        path=_texts(await engine.ledger.inclusion(position - 1, size)),
        root=_text(root),
        checkpoint=await _signed(engine, size),
    )


@get("/consistency", summary="账本只增不改的证明 / the proof that the ledger only grew")
async def consistency(engine: NamedDependency[Engine], first: Size, second: SizeOrPresent = None) -> Consistency:
    second = await _within(engine.ledger, "second", second)
    if first > second:
        raise _beyond("first", second)
    root = await engine.ledger.root(second)
    return Consistency(
        first=first,
        second=second,
        path=_texts(await engine.ledger.consistency(first, second)),
        first_root=_text(await engine.ledger.root(first)),
        root=_text(root),
        checkpoint=await _signed(engine, second),
    )


@get("/leaves", media_type=BYTES, summary="账本的叶哈希，每条32字节 / the ledger's leaf hashes, 32 bytes each")
async def leaves(engine: NamedDependency[Engine], after: After = 0) -> Response[bytes]:
    """Those after the first `after`, as many as a page holds; none at the end."""
    until = min(await engine.ledger.size(), after + PAGE_LEAVES)
    return Response(await engine.ledger.leaves(after, until) if until > after else b"", media_type=BYTES)


@get("/witnessed/{department:str}", summary="对其他部门账本的见证 / what was witnessed of a neighbour's ledger")
async def witnessed(department: FromPath[str], engine: NamedDependency[Engine], era: EraOrPresent = None) -> Witnessed:
    held = await _held(engine, department, era)
    seen = await held.seen()
    keys = await held.keys(origin_of(held.department))
    return Witnessed(
        department=held.department,
        era=held.era,
        closed_eras=[
            ClosedEra(era=one.era - 1, closed_at=one.begun_at, reason=one.reason)
            for one in await witness_eras.begun(engine.pool, held.department)
        ],
        key=None if keys is None else keys.present,
        statements=[] if keys is None else list(keys.statements),
        size=seen.size,
        checkpoint=seen.note,
        alarms=[LedgerAlarm.model_validate(alarm, from_attributes=True) for alarm in await held.alarms()],
    )


@get(
    "/witnessed/{department:str}/leaves",
    media_type=BYTES,
    summary="所见证的叶哈希，每条32字节 / the leaf hashes witnessed, 32 bytes each",
)
async def witnessed_leaves(
    department: FromPath[str], engine: NamedDependency[Engine], after: After = 0, era: EraOrPresent = None
) -> Response[bytes]:
    """Those after the first `after`, as many as a page holds; none at the end."""
    held = await _held(engine, department, era)
    return Response(await held.leaves(after, after + PAGE_LEAVES), media_type=BYTES)


ROUTES = Router(
    "/ledger",
    route_handlers=[checkpoint, key, keys, inclusion, consistency, leaves, witnessed, witnessed_leaves],
    tags=["ledger"],
)


async def _signed(engine: Engine, size: int) -> str | None:
    if engine.signer is None:
        return None
    return (await engine.signer.sign(engine.ledger, size)).head.note


def _signer(engine: Engine) -> LedgerSigner:
    if engine.signer is None:
        raise NotFound(
            "ledger_not_signed",
            "本部门的账本未签名：尚未配置签名密钥。",
            "This department's ledger is not signed: it has no key.",
        )
    return engine.signer


def neighbour(engine: Engine, department: str) -> str:
    """The member of that name; 'identity' is the one of our jurisdiction. NotFound: it is not witnessed here."""
    member = department if "." in department else f"{engine.member.jurisdiction}.{department}"
    if member not in engine.neighbours:
        raise NotFound(
            "no_such_neighbour",
            "本部门不见证该部门的账本，请核对部门名称。",
            "This department witnesses no department of that name; please check it.",
        )
    return member


async def _held(engine: Engine, department: str, era: int | None) -> WitnessStore:
    """Of that era, else of the present one."""
    held = await witness_eras.present(engine.pool, neighbour(engine, department))
    if era is None or era == held.era:
        return held
    if era > held.era:
        raise NotFound(
            "no_such_era",
            f"没有这一见证期：目前是第{held.era}期。",
            f"There is no such era of witnessing; the present one is {held.era}.",
        )
    return WitnessStore(engine.pool, held.department, era)


async def _within(ledger: Ledger, field: str, size: int | None) -> int:
    """The size asked for, else the present one, which must hold something."""
    present = await ledger.size()
    if size is None and present:
        return present
    if size is None or size > present:
        raise _beyond(field, present)
    return size


def _beyond(field: str, size: int) -> Invalid:
    return Invalid(
        "beyond_the_ledger",
        f"超出范围：账本此时的长度为{size}，请填写1至{size}。" if size else "账本中尚无事件，请稍后再查。",
        f"Out of range: the ledger holds {size}; please ask for 1 to {size}."
        if size
        else "The ledger holds no event yet; please look again later.",
        fields={field: Text(zh=f"1至{size}", en=f"1 to {size}")},
    )


def _text(hash: bytes) -> str:
    return b64encode(hash).decode()


def _texts(hashes: Iterable[bytes]) -> list[str]:
    return [_text(hash) for hash in hashes]
