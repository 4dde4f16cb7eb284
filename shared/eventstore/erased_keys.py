"""What goes with the event that a person was erased, beside read models: the keys of the person's fields, and rows of
other tables that hold plain text.

It takes the road of the read models, so it happens in the very transaction that takes the event in: a command's, a
subscription's, a recovery's after a restore. What a department erases goes with its own event; what it was given goes
when whoever told it says that it erased it.
"""

from collections.abc import Iterator, Mapping

from shared.contracts.erasure import PersonErased
from shared.contracts.event import Event, Recorded
from shared.contracts.registry import Registry
from shared.eventstore.read_model import ReadModel, Statement

KEYS, OWN_ROWS = "keys", "drafts"
# keys that were made before the event only: whoever was erased may come again
DROP_KEYS = "select $1::text, $2::text, $3::timestamptz"
DROP_DRAFTS = "delete from drafts where owner = $1"


def beside_events(
    registry: Registry, events: tuple[type[Event], ...], forgotten: Mapping[str, str]
) -> tuple[ReadModel, ...]:
    """`events`: the kinds of PersonErased that count here. `forgotten`: the department's own statements, by name."""
    if not events:
        return ()
    own = [kind for kind in events if registry.type_of(kind).startswith(f"{registry.department}.")]
    statements = {OWN_ROWS: DROP_DRAFTS, **forgotten}

    def project(event: Recorded) -> Iterator[Statement]:
        erased = event.data
        if not isinstance(erased, PersonErased):
            return
        is_own = type(erased) in own
        teller = str(registry.member) if is_own else (event.feed or "").rpartition(".")[0]
        for owner in (str(erased.person), *erased.also):
            yield KEYS, (owner, teller, erased.erased_at)
        for name in statements if is_own else ():
            yield name, (erased.person,)

    return (ReadModel("erased keys", 1, events, project, {**statements, KEYS: DROP_KEYS}),)
