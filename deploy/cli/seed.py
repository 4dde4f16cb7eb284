"""`tongban seed`: sample staff and people, for trying things out."""

from deploy import known_stack
from deploy.cli.terminal import StackPath, failures_told, run
from deploy.runner.errors import StackError


def seed(stack: StackPath = None) -> None:
    """Appoint sample staff and enter sample people in a running stack of this machine.

    What is there already is left as it is; broken off, the same command goes on.
    """
    from deploy.cli.seed_work import plant_samples

    with failures_told():
        known = known_stack.find(stack)
        if known.data_dir is None:
            raise StackError(
                f"{known.path} is not the data directory of a stack: sample people are for stacks that `tongban up` "
                "runs, name one with --stack"
            )
    run(plant_samples(known.data_dir))
