"""The reference's networks, read once, and as evidence."""

from typing import Any

import numpy as np

from evenhand.synthesis.network.evidence import NetworkEvidence, network_from_arms, network_from_contrasts
from tests.conftest import golden

NETWORKS = [case for case in golden("network.json") if case["task"] == "network"]
LIKELIHOOD_NETWORKS = golden("network_reml.json")


def from_contrasts(case: dict[str, Any]) -> NetworkEvidence:
    """The comparisons as the reference was given them."""
    data = case["data"]
    return network_from_contrasts(
        data["studlab"],
        data["treat1"],
        data["treat2"],
        data["TE"],
        data["seTE"],
        reference=case["options"]["reference"],
        measure=case["options"]["sm"],
    )


def from_arms(case: dict[str, Any], **options: Any) -> NetworkEvidence:
    """The arms that the comparisons were made of."""
    columns = dict(case["data"]["arms"])
    study, treatment = columns.pop("study"), columns.pop("treat")
    if "event" in columns:
        columns["events"] = columns.pop("event")
    return network_from_arms(
        study,
        treatment,
        measure=case["options"]["sm"],
        reference=case["options"]["reference"],
        **options,
        **columns,
    )


def numbers(values: list[float | None]) -> np.ndarray:
    """As an array, nan where the reference has nothing."""
    return np.array(values, dtype=float)


def ids(cases: list[dict[str, Any]]) -> list[str]:
    """Names of the cases in the test's report."""
    return [case["id"].removeprefix("network/") for case in cases]
