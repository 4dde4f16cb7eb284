"""`python -m deploy.compatibility [--record]`: are all events ever shipped still read by all? Exit code 1 when not."""

import sys
from pathlib import Path

from deploy.compatibility.check import compare, present_events, record, services
from deploy.compatibility.golden import FOLDER, read_all
from shared.contracts.errors import Misconfigured


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    present, goldens = present_events(services()), read_all(folder)
    findings = compare(present, goldens)
    harmful = [finding for finding in findings if finding.is_harmful]
    if "--record" in arguments and not harmful:
        try:
            for written in record(present, goldens, folder):
                print(f"recorded: {written}; its examples are made up, give it plausible ones")
        except Misconfigured as error:
            print(error, file=sys.stderr)
            return 1
        return 0
    for finding in harmful or findings:
        print(finding.text, file=sys.stderr)
    if findings and not harmful:
        print("Nothing of this hurts a reader; record it: make golden", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
