"""Measurements of speed: never tests, since a shared machine's clock is no judge."""

import os

# One thread, as the peers have: processor time then is time. Read by the first import of numpy, so set before it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
