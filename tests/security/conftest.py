"""Programs of the personas, as tests/api has them."""

from tests.api.conftest import ask

__all__ = ["ask"]
