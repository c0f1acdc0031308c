"""Each comparison of each study beside what the network makes of it: its weight, its leverage, its disagreement.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats
from evenhand.synthesis.network.evidence import NetworkStudy
from evenhand.synthesis.network.network_fit import NetworkFit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparisonRows:
    """All m comparisons, a (a − 1) / 2 of a study of a arms; effects are those of `first` less `second`."""

    study: tuple[str, ...]  # (m,), labels
    arms: NDArray[np.intp] = field(repr=False)  # (m,), of the study
    first: NDArray[np.intp] = field(repr=False)  # (m,), places of treatments, first < second
    second: NDArray[np.intp] = field(repr=False)
    yi: Floats = field(repr=False)  # (m,), analysis scale
    sei: Floats = field(repr=False)
    weight: Floats = field(
        repr=False
    )  # (m,), of the comparison in its study's Laplacian, tau2 included; may be below 0
    fitted: Floats = field(repr=False)  # (m,), effect in the network
    leverage: Floats = field(repr=False)  # (m,), weight times the variance of `fitted`
    q: Floats = field(repr=False)  # (m,), weight times the squared residual; over all rows they add up to Q at tau2

    @property
    def se_adjusted(self) -> Floats:
        """Standard errors by which the comparisons of a study could be taken as independent; nan for weights ≤ 0."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.weight > 0, 1.0 / np.sqrt(self.weight), np.nan)


def comparison_rows(fit: NetworkFit) -> ComparisonRows:
    """The comparisons of the studies of a fit, with its between-study variance.

    A study of several arms enters as the resistors of an electrical network that has the variances of its comparisons
    between its nodes (Rücker 2012, Res. Synth. Methods 3, 312-324; Rücker & Schwarzer 2014, Statist. Med. 33,
    4353-4369, eq. 4-9): their conductances are the weights.
    """
    label, arms, first, second, yi, sei, weight = ([] for _ in range(7))
    for one in fit.evidence.studies:
        conductance = -study_laplacian(one, fit.tau2)
        a = len(one.treatments)
        for at, (i, j, effect, variance) in zip(zip(*np.triu_indices(a, 1), strict=True), one.pairs(), strict=True):
            label.append(one.label)
            arms.append(a)
            first.append(i)
            second.append(j)
            yi.append(effect)
            sei.append(np.sqrt(variance))
            weight.append(conductance[at])
    one_end, other_end = np.array(first, dtype=np.intp), np.array(second, dtype=np.intp)
    y, w = np.array(yi), np.array(weight)
    fitted = fit.basis[one_end] - fit.basis[other_end]
    v = fit.basis_covariance
    variance_of_fitted = v[one_end, one_end] + v[other_end, other_end] - 2 * v[one_end, other_end]
    return ComparisonRows(
        study=tuple(label),
        arms=np.array(arms, dtype=np.intp),
        first=one_end,
        second=other_end,
        yi=y,
        sei=np.array(sei),
        weight=w,
        fitted=fitted,
        leverage=w * variance_of_fitted,
        q=w * (y - fitted) ** 2,
    )


def study_laplacian(study: NetworkStudy, tau2: float) -> Floats:
    """D'(V + τ²(I + J)/2)⁻¹D of one study, (a, a): the weights of its comparisons, negative, off its diagonal."""
    p = study.yi.size
    contrast = np.concatenate([-np.ones((p, 1)), np.eye(p)], axis=1)
    total = study.v + 0.5 * tau2 * (np.eye(p) + 1.0)
    return np.asarray(contrast.T @ np.linalg.solve(total, contrast))
