"""`make realdata` comes here."""

import sys

from tests.realdata.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
