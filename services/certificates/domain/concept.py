"""What a certificate attests, told by meaning and not by its code: the words for it, and who may certify it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.certificates.domain.issuer import IssuerClass
from shared.contracts.errors import Refused
from shared.standards.text import Text

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]

CLASSES: dict[IssuerClass, Text] = {
    "village": Text("村（居）民委员会", "villages and communities"),
    "township": Text("乡镇人民政府（街道办事处）", "townships"),
    "police": Text("公安机关", "the police"),
    "health": Text("医疗卫生机构", "medical institutions"),
    "insurance": Text("医疗保障经办机构", "the medical insurance"),
    "social_security": Text("社会保险经办机构", "the social security"),
}
OF_A_LIST: frozenset[IssuerClass] = frozenset({"village"})  # these certify what is listed for them, and nothing else
TRADITIONAL = str.maketrans(
    "無證記錄親屬關係戶況狀業財產遺繼權殘養檔個場體與為據離單喪違現審別類險衛醫療傳狗兒歲歷診斷聯亂變項",
    "无证记录亲属关系户况状业财产遗继权残养档个场体与为据离单丧违现审别类险卫医疗传狗儿岁历诊断联乱变项",
)
PARTICLES = re.compile("证明|情况|状况|说明|的|之|有关|关于")
SPACES = re.compile(r"[^\w]+|_")


class Concept(BaseModel):
    """`words` are looked for in names, `labels` in what is printed beside the holder; by default the same ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concept: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]
    name: Text
    words: tuple[Word, ...] = Field(min_length=1)
    labels: tuple[Word, ...] | None = None
    issued_by: frozenset[IssuerClass] = frozenset()  # none: nobody needs it
    basis: str = Field(min_length=1)
    because: Text | None = None  # what to do instead

    def is_named_by(self, name: str) -> bool:
        return _any_in(self.words, [name])

    def is_meant_by(self, names: Iterable[str], labels: Iterable[str]) -> bool:
        of_labels = self.words if self.labels is None else self.labels
        return _any_in(self.words, names) or _any_in(of_labels, labels)


def _any_in(words: Iterable[str], texts: Iterable[str]) -> bool:
    readings = [reading for text in texts for reading in _readings(text)]
    return any(_is_in(word, reading) for word in map(_folded, words) for reading in readings)


def _is_in(word: str, reading: str) -> bool:
    """Latin words count whole, Chinese ones wherever they stand."""
    if word.isascii():
        return f" {word} " in f" {reading} "
    return word.replace(" ", "") in reading.replace(" ", "")


def _readings(text: str) -> Iterator[str]:
    """As it stands, and without what says nothing."""
    folded = _folded(text)
    yield folded
    yield PARTICLES.sub("", folded.replace(" ", "")) if not folded.isascii() else folded


def _folded(text: str) -> str:
    """Width, case, punctuation and traditional characters make no difference."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(TRADITIONAL)
    shown = "".join(one for one in plain if unicodedata.category(one) != "Cf")
    return SPACES.sub(" ", shown).strip()


def not_theirs_to_certify(name: Text, issuer: IssuerClass, concept: Concept) -> Refused:
    who, may = CLASSES[issuer], [CLASSES[one] for one in sorted(concept.issued_by)]
    instead = concept.because or Text(
        f"应由{'、'.join(one.zh for one in may)}出具。" if may else "无需开具证明。",
        f"It is for {', '.join(one.en for one in may)} to certify." if may else "No proof is needed.",
    )
    return Refused(
        "not_theirs_to_certify",
        f"“{name.zh}”证明的是“{concept.name.zh}”，{who.zh}不得出具，不能发布。{instead.zh}依据：{concept.basis}。",
        f"'{name.en}' certifies '{concept.name.en}', which is not for {who.en} to certify; it cannot be published. "
        f"{instead.en} Basis: {concept.basis}.",
        concept=concept.concept,
        basis=concept.basis,
        issued_by=sorted(concept.issued_by),
    )


def not_listed_for(name: Text, issuer: IssuerClass, listed: Sequence[Concept]) -> Refused:
    who = CLASSES[issuer]
    may_zh = "；".join(f"{one.concept}（{one.name.zh}，名称含“{one.words[0]}”等；依据：{one.basis}）" for one in listed)
    may_en = "; ".join(f"{one.concept} ({one.name.en}, basis: {one.basis})" for one in listed)
    return Refused(
        "not_listed_for_issuer",
        f"{who.zh}只能出具列明的事项，“{name.zh}”不在其中，不能发布。请在 concept 中写明证明内容，中文名称须与之相符；"
        f"可选：{may_zh}。其他事项请由有权机构出具。",
        f"'{name.en}' is not on the list of what {who.en} may certify; it cannot be published. Name its concept in "
        f"'concept', and give it a Chinese name that says so. The list: {may_en}. "
        "Leave everything else to the body that may certify it.",
        issued_by=[issuer],
        concepts=[one.concept for one in listed],
    )
