"""How much of a person anyone may see."""


def masked(name: str) -> str:
    """'张*': enough to compare with a paper in one's hand, not enough to learn a name."""
    return name[:1] + "*" * (len(name) - 1) if len(name) > 1 else "*"
