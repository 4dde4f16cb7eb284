"""The department of `served` as a newer release has it: with a read model that instances of `served` do not know."""

from shared.contracts.notification import NOTIFICATION
from shared.department.run import run
from shared.department.service import Service
from shared.eventstore.read_model import ReadModel
from tests.powers import open_to_anyone
from tests.shared.department.served import slow

NOTES = ReadModel("notes", 1, (), lambda _: (), {"tables": "create table notes (note text);"})

if __name__ == "__main__":
    run(Service(NOTIFICATION, read_models=(NOTES,), routes=(slow,), powers=open_to_anyone("GET /slow")))
