"""A question put to several departments: whoever does not answer is told, and keeps nobody else from being heard."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from deploy.cli.terminal import tell
from deploy.reach import Reached
from deploy.runner.errors import StackError
from shared.contracts.errors import Misconfigured

T = TypeVar("T")


@dataclass
class Heard(Generic[T]):
    """`answers` and `failures`, both by department."""

    answers: dict[str, T] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def tell_failures(self) -> bool:
        """One line each on standard error. Returns whether there were any."""
        for failure in self.failures.values():
            tell(f"tongban: {failure}")
        if self.failures and self.answers:
            tell(f"tongban: this is only a part: {', '.join(self.failures)} not asked, {', '.join(self.answers)} asked")
        return bool(self.failures)


async def each(departments: Sequence[Reached], question: Callable[[Reached], Awaitable[T]]) -> Heard[T]:
    """One after the other, in their order."""
    heard = Heard[T]()
    for reached in departments:
        try:
            heard.answers[reached.name] = await question(reached)
        except (StackError, Misconfigured) as error:
            heard.failures[reached.name] = str(error)
    return heard
