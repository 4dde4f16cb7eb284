"""Whether a catalogue may become the broker's accounts. A department starts with remarks; the broker does not."""

from shared.contracts.errors import Misconfigured
from shared.contracts.sharing import Catalogue


def checked(catalogue: Catalogue) -> Catalogue:
    """The same. Misconfigured: it says something that has no effect, which on the broker would be a door left open or
    shut by a slip of the pen."""
    if catalogue.remarks:
        raise Misconfigured(" ".join(f"{remark}." for remark in catalogue.remarks))
    if not catalogue.members:
        raise Misconfigured("the sharing catalogue names no members: nobody could log in")
    for integrator in catalogue.integrators:
        if catalogue.feeds_of(integrator):
            raise Misconfigured(f"{integrator} publishes feeds: it is a member and no integrator")
        if not any(catalogue.given_to(integrator)):
            raise Misconfigured(f"the integrator {integrator} is given no feed: leave it out or give it one")
    return catalogue
