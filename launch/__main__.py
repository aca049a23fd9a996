"""python3 -m launch run | test [pytest arguments] | manage [manage.py arguments] | bench | realdata | reset | packages"""

import sys
from collections.abc import Callable

# Before anything is imported that an older Python could not even read. This file itself is plain on purpose.
if sys.version_info < (3, 11):  # noqa: UP036
    version = sys.version.split()[0]
    sys.exit(f"\nERROR: Python 3.11 or newer is needed, and this is {version}. Try: make run PYTHON=python3.12\n")

from launch import commands, packages
from launch.speech import Refused

COMMANDS: dict[str, Callable[[list[str]], int | None]] = {
    "run": lambda rest: commands.run(),
    "test": commands.test,
    "manage": commands.manage,
    "bench": commands.bench,
    "realdata": commands.realdata,
    "reset": lambda rest: commands.reset(),
    "packages": lambda rest: packages.ensure(packages.TEST),
}


def main(arguments: list[str]) -> int:
    """Do what the first word says. Returns the exit status."""
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return command(arguments[1:]) or 0
    except Refused as reason:
        print(f"\nERROR: {reason}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
