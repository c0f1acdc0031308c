"""Measurements of speed: never tests, since a shared machine's clock is no judge."""
