"""An unmarried mother without an account comes to the counter: no consent but her own is wanted."""

from deploy.demo.actors import Actor
from deploy.demo.expectations import expect
from deploy.demo.patience import until
from deploy.demo.scene import Scene
from deploy.demo.stories.birth_cast import UNMARRIED, UNMARRIED_CHILD, UNMARRIED_PHONE, BirthCast, typed
from deploy.demo.stories.birth_parents import CASE, FOR_CERTIFICATES, PROGRESS
from shared.standards.text import Text

ALONE = "mother_alone"
STRUCK_OUT = "——"
OF_A_FATHER = ("father_name", "father_age", "father_id_number", "father_address")


async def is_handed_in(scene: Scene, cast: BirthCast, counter: Actor) -> str:
    """No father is named, so none is asked; it begins at once. Returns the case."""
    applicant = {"name": UNMARRIED, "id_number": cast.unmarried.id_number[:]}
    form = {**typed(UNMARRIED_CHILD, "first"), "way": ALONE, "mother_phone": UNMARRIED_PHONE}
    body = {"definition": "birth", "form": form, "applicant": applicant}
    unseen = await counter.post("cases", "/counter/cases", {**body, "card_seen": False})
    problem = unseen.must(422)
    expect("cases", Text("须核对身份证", "the card must be seen"), "card_not_seen", problem["code"])
    await scene.tell(
        counter,
        Text(f"未核对身份证，不予受理：“{problem['detail']}”", "has not seen the ID card yet, so nothing is taken in"),
        unseen,
    )
    answer = await counter.post("cases", "/counter/cases", {**body, "card_seen": True})
    shown = answer.must(201)
    expect("cases", Text("无须他人同意", "nobody's consent is missing"), ("running", []), _how(shown))
    sentence = Text(
        "核对本人和身份证后代为提交，选“母亲一方申报（未婚，不填父亲）”：无须他人同意，当即开始办理，随母亲落户"
        "（国办发〔2015〕96号）",
        "sees her and her card and hands in for her, “the mother alone”: no consent of anybody else is wanted, it "
        "begins at once, and the child joins her household",
    )
    await scene.tell(counter, sentence, answer, feeds=[PROGRESS, PROGRESS, FOR_CERTIFICATES, FOR_CERTIFICATES])
    case: str = shown["case"]
    return case


async def is_done(scene: Scene, counter: Actor, hospital: Actor, case: str) -> None:
    """As any other; the father's places on the birth certificate are struck out."""
    answer = await until(
        lambda: counter.get("cases", CASE, case=case),
        lambda answer: answer.must()["closed"] == "completed",
        Text("全部办结", "the case is closed"),
    )
    results = {one["item"]: one["results"] for one in answer.body["items"]}
    sentence = Text(
        f"{UNMARRIED_CHILD}五证办齐，与婚内生育的孩子相同",
        f"sees all five papers of {UNMARRIED_CHILD}, as of any child",
    )
    await scene.tell(counter, sentence, answer)
    identifier = results["birth_medical"]["certificate"]
    issued = (await hospital.get("certificates", "/issued?limit={limit}", limit=100)).must()["certificates"]
    certificate = next(one["certificate"] for one in issued if one["identifier"] == identifier)
    paper = await hospital.get("certificates", "/certificates/{certificate}", certificate=certificate)
    content = {line["name"]: line["value"] for line in paper.must()["content"]}
    said = {name: content.get(name) for name in OF_A_FATHER}
    expect("certificates", Text("父亲各栏", "the father's places"), dict.fromkeys(OF_A_FATHER, STRUCK_OUT), said)
    sentence = Text(
        "查看所签发的出生医学证明：父亲各栏以“——”划去，不留空白",
        "looks at the birth certificate that was issued: the father's places are struck out, none is left blank",
    )
    await scene.tell(hospital, sentence, paper)


def _how(shown: dict[str, object]) -> tuple[object, object]:
    return shown["status"], shown["consents_missing"]
