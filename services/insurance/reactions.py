"""Other departments' events -> what becomes of an insured person. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from services.insurance.domain.annulment import NoteBirth, VoidCover
from services.insurance.domain.enrolment import CorrectPerson, EndWithDeath, WithdrawDeath
from services.insurance.domain.insured import INSURED
from shared.contracts.event import Recorded
from shared.contracts.identity import (
    BirthRecorded,
    DeathRecordWithdrawn,
    EntryAnnulled,
    PersonCorrected,
    PersonDied,
)
from shared.eventstore.aggregate import Instruction
from shared.messaging.reaction import Reaction
from shared.standards.name_spelling import spelt


def end_with_death(cause: Recorded) -> Iterator[Instruction]:
    """The day of death is the last one insured."""
    match cause.data:
        case PersonDied(person=person, died_on=died_on, recorded_at=recorded_at):
            command = EndWithDeath(died_on + timedelta(days=1), recorded_at)
            yield Instruction(INSURED, str(person), command)


def go_on(cause: Recorded) -> Iterator[Instruction]:
    """As if the death had not been recorded: a bill that was refused meanwhile can be settled."""
    match cause.data:
        case DeathRecordWithdrawn(person=person, withdrawn_at=at):
            yield Instruction(INSURED, str(person), WithdrawDeath(at))


def correct(cause: Recorded) -> Iterator[Instruction]:
    """A sheet printed from now on bears the right name. One without a name was erased."""
    match cause.data:
        case PersonCorrected(person=person, name=name, id_number=id_number, corrected_at=corrected_at) if name:
            yield Instruction(INSURED, str(person), CorrectPerson(spelt(name), id_number, corrected_at))


def note_birth(cause: Recorded) -> Iterator[Instruction]:
    """In the mother's stream, insured or not: bills and allowances are held against it."""
    match cause.data:
        case BirthRecorded(person=child, mother=mother, born_on=born_on, recorded_at=at):
            yield Instruction(INSURED, str(mother), NoteBirth(mother, child, born_on, at))


def void(cause: Recorded) -> Iterator[Instruction]:
    """Nobody of this id was ever in the register. What rests on the birth ends by `use_cases/annulments.py`."""
    match cause.data:
        case EntryAnnulled(person=person, annulled_at=at):
            yield Instruction(INSURED, str(person), VoidCover(at))


NOTE_BIRTH = Reaction("note_birth", (BirthRecorded,), note_birth)
VOID = Reaction("void", (EntryAnnulled,), void)
CORRECT = Reaction("correct", (PersonCorrected,), correct)
END_WITH_DEATH = Reaction("end_with_death", (PersonDied,), end_with_death)
GO_ON = Reaction("go_on", (DeathRecordWithdrawn,), go_on)
