"""One examination for a program that then ends, such as a command: in a fork of this process, without a queue."""

import os
import select
import time
from collections.abc import Callable

from shared.inspection.child import Child
from shared.inspection.job import Json
from shared.inspection.limits import Limits
from shared.inspection.outcome import Cause, not_examined

PIECE = 64 * 1024  # bytes read at once


def examine_once(examine: Callable[[], Json], limits: Limits) -> Json:
    """What `examine` returns, as JSON. Everything that it needs must be loaded and read by now.

    Raises Invalid when it was not done within limits.
    """
    child = Child.begin(examine, limits)
    deadline = time.monotonic() + limits.wall
    answer, cause = bytearray(), None
    while cause is None:
        cause, piece = _read(child.pipe, deadline)
        if not piece:
            break
        answer += piece
        if len(answer) > limits.answer:
            cause = "size"
    if cause is not None:
        child.kill()
    ended = child.end(bytes(answer), cause)
    if ended.answer is None or "result" not in ended.answer:
        raise not_examined(ended.cause or "failed")
    return ended.answer["result"]


def _read(pipe: int, deadline: float) -> tuple[Cause | None, bytes]:
    ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
    return (None, os.read(pipe, PIECE)) if ready else ("time", b"")
