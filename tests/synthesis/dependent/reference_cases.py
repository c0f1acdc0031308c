"""Reads the reference file of dependent effects into what `multilevel` takes."""

from typing import Any

import numpy as np

from evenhand.synthesis.dependent.multilevel_model import MultilevelFit, multilevel
from evenhand.synthesis.dependent.random_effects import Correlated, parse_random_effects


def sampling_covariance(data: dict[str, Any]) -> np.ndarray:
    """V, from its variances or from the lower triangle that the file holds."""
    if "vi" in data:
        return np.array(data["vi"], dtype=float)
    triplets = data["V_lower_triplets"]
    V = np.zeros((triplets["n"], triplets["n"]))
    V[triplets["i"], triplets["j"]] = triplets["v"]
    V[triplets["j"], triplets["i"]] = triplets["v"]
    return V


def design(names: list[str], data: dict[str, Any]) -> np.ndarray:
    """The design matrix that these coefficient names stand for."""
    return np.column_stack([_column(name, data) for name in names]).astype(float)


def _column(name: str, data: dict[str, Any]) -> np.ndarray:
    k = len(data["yi"])
    if name == "intrcpt":
        return np.ones(k)
    product = np.ones(k)
    for part in name.split(":"):
        if part in data:
            product = product * np.array(data[part], dtype=float)
        else:
            factor = next(column for column in ("outcome", "timef") if part.startswith(column))
            product = product * (np.array([str(v) for v in data[factor]]) == part.removeprefix(factor))
    return product


def rows_with_everything(data: dict[str, Any], names: list[str]) -> np.ndarray:
    """Rows without a hole in a moderator; the reference drops the others."""
    used = [name for name in data if name in names]
    return np.array([all(data[name][i] is not None for name in used) for i in range(len(data["yi"]))])


def inputs(case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
    """yi, V, X and the columns of a case."""
    data, names = case["data"], case["expected"]["names"]
    kept = np.flatnonzero(rows_with_everything(data, names))
    columns = {
        name: [values[i] for i in kept] for name, values in data.items() if isinstance(values, list) and name != "vi"
    }
    V = sampling_covariance(data)
    V = V[kept] if V.ndim == 1 else V[np.ix_(kept, kept)]
    return np.array(columns["yi"], dtype=float), V, design(names, columns), columns


def fitted(case: dict[str, Any], **more: Any) -> MultilevelFit:
    """Our fit of a case."""
    yi, V, X, columns = inputs(case)
    options = case["options"]
    (text,) = options["random"]
    random = parse_random_effects(text, structure=options.get("struct", "CS"))
    if "rho" in options and isinstance(random, Correlated):
        random = Correlated(inner=random.inner, outer=random.outer, structure=random.structure, rho=options["rho"])
    return multilevel(yi, V, X, random=random, data=columns, method=options["method"], **more)
