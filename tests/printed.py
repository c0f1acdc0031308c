"""The tolerance that a printed figure itself allows."""

import pytest


def printed(text: str):
    """Half a unit of the last printed digit."""
    return pytest.approx(float(text), rel=0, abs=0.5 * 10 ** -len(text.partition(".")[2]) + 1e-12)
