"""python3 -m launch run | test [pytest arguments] | manage [manage.py arguments] | bench | realdata | reset | packages"""

import sys

from launch import commands, packages
from launch.speech import Refused


def main(arguments: list[str]) -> int:
    """Do what the first word says. Returns the exit status."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        match command:
            case "run":
                return commands.run()
            case "test":
                return commands.test(rest)
            case "manage":
                return commands.manage(rest)
            case "bench":
                return commands.bench(rest)
            case "realdata":
                return commands.realdata(rest)
            case "reset":
                return commands.reset()
            case "packages":
                packages.ensure(packages.TEST)
                return 0
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except Refused as reason:
        print(f"\nERROR: {reason}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
