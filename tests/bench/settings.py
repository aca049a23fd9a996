"""The product's settings, with the floor's views beside its own: used by the benchmark's web server only."""

from leadqual.settings import *  # noqa: F403
from leadqual.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "tests.bench.urls"
TEMPLATES[0] |= {"DIRS": [BASE_DIR / "templates", BASE_DIR / "tests" / "bench" / "templates"]}
