"""Where a member finds what belongs to a neighbour's account at the broker."""

from shared.contracts.member import Member


def api_of(provider: Member) -> str:
    """Under which the reader of a neighbour's feed asks the neighbour's JetStream: 'JS.local-identity.API'."""
    return f"JS.{provider.dashed}.API"
