"""What an account rests on, as answers show it."""

from services.identity.domain.account import AtCounter, ByProvider, Opened
from shared.department.answer import Answer


class ProofShown(Answer):
    """`by`: the counter, or the provider's name. `title` says plainly when a stand-in vouched."""

    by: str
    title: dict[str, str]  # zh, en
    method: str
    is_stand_in: bool


def proof_shown(opened: Opened) -> ProofShown | None:
    """None: of an account from before proofs were kept."""
    match opened.proof:
        case AtCounter():
            title = {"zh": "窗口核验", "en": "seen at a counter"}
            return ProofShown(by="counter", title=title, method="card", is_stand_in=False)
        case ByProvider() as proof:
            title = {"zh": proof.title.zh, "en": proof.title.en}
            return ProofShown(by=proof.provider, title=title, method=proof.method, is_stand_in=proof.is_stand_in)
        case None:
            return None
