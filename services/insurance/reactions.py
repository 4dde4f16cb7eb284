"""Other departments' events -> what becomes of an insured person. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from services.insurance.domain.enrolment import CorrectPerson, EndWithDeath
from services.insurance.domain.insured import INSURED
from shared.contracts.event import Recorded
from shared.contracts.identity import PersonCorrected, PersonDied
from shared.eventstore.aggregate import Instruction
from shared.messaging.reaction import Reaction


def end_with_death(cause: Recorded) -> Iterator[Instruction]:
    """The day of death is the last one insured."""
    match cause.data:
        case PersonDied(person=person, died_on=died_on, recorded_at=recorded_at):
            command = EndWithDeath(died_on + timedelta(days=1), recorded_at)
            yield Instruction(INSURED, str(person), command)


def correct(cause: Recorded) -> Iterator[Instruction]:
    """A sheet printed from now on bears the right name."""
    match cause.data:
        case PersonCorrected(person=person, name=name, id_number=id_number, corrected_at=corrected_at):
            yield Instruction(INSURED, str(person), CorrectPerson(name, id_number, corrected_at))


CORRECT = Reaction("correct", (PersonCorrected,), correct)
END_WITH_DEATH = Reaction("end_with_death", (PersonDied,), end_with_death)
