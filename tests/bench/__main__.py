"""`make bench`: the product's figures beside the plainest way to do the same, measured in the same run.

SIZE=small (100,000 leads, 1,000,000 events) or full (ten times that); ONLY=answer,lists,rescore,reports,import,memory
takes some of them. QUICK=1 measures less often and KEEP=1 uses the data of the last run: for working on the benchmark.
Ends with 0 also when goals are missed: they are reported. Ends with 1 if something could not be measured.
"""

import os
import sys

import django


def main() -> int:
    size = os.environ.get("SIZE") or "small"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadqual.settings")
    os.environ["DATABASE_NAME"] = f"leadqual_bench_{size}"
    os.environ["BROKER_PREFIX"] = f"bench-{size}:"  # no worker of a running product takes the benchmark's work
    os.environ["STATEMENT_TIMEOUT_MS"] = "0"  # here only; the servers that are measured have their own
    os.environ["TESTING"] = "1"
    django.setup()
    from tests.bench.running import run

    return run(size)


sys.exit(main())
