"""What the story expects, and how it says that something else came."""

from typing import Any

from shared.standards.text import Text


class Unmet(Exception):
    """An expectation of the story did not hold. `department`: whose log tells why."""

    def __init__(self, what: Text, expected: object, came: object, department: str) -> None:
        super().__init__(f"{what.en}: expected {expected!r}, came {came!r} ({department})")
        self.what = what
        self.expected = expected
        self.came = came
        self.department = department


def expect(department: str, what: Text, expected: Any, came: Any) -> None:
    """Raises Unmet unless both are equal."""
    if came != expected:
        raise Unmet(what, expected, came, department)


def expect_in(department: str, what: Text, part: str, text: str) -> None:
    """Raises Unmet unless `text` holds `part`."""
    if part not in text:
        raise Unmet(what, f"… {part} …", text, department)
