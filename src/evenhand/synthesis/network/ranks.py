"""Which treatment ranks where, and how sure that is: from joint draws, with the error that drawing leaves.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from dataclasses import dataclass, field

import numpy as np

from evenhand.distributions import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranks:
    """Rank probabilities of T treatments; nan for those that cannot be compared with the reference."""

    treatments: tuple[str, ...]
    small_values_good: bool
    draws: int
    probability: Floats = field(repr=False)  # (T, T), of treatment (row) at rank (column), the best first
    error: Floats = field(repr=False)  # (T, T), Monte Carlo standard error of each, at most
    sucra: Floats = field(repr=False)  # (T,), 0 to 1, without sampling error
    mean_rank: Floats = field(repr=False)  # (T,), 1 is best, without sampling error

    @property
    def p_best(self) -> Floats:
        """Probability of being the best, (T,)."""
        return self.probability[:, 0]

    @property
    def p_best_error(self) -> Floats:
        """Its Monte Carlo standard error, (T,)."""
        return self.error[:, 0]

    @property
    def cumulative(self) -> Floats:
        """Probability of a rank or a better one, (T, T); the mean of a row but its last is the SUCRA."""
        return np.cumsum(self.probability, axis=1)

    @property
    def poth(self) -> float:
        """Precision of the hierarchy; see `hierarchy_precision`."""
        return hierarchy_precision(self.sucra)


def ranks_of_draws(effects: Floats, treatments: tuple[str, ...], sucra: Floats, *, small_values_good: bool) -> Ranks:
    """Rank probabilities from joint draws.

    Parameters
    ----------
    effects : ndarray, shape (n, T)
        Effects of each draw against any common treatment; columns of nan are left out.
    treatments : tuple of str, length T
    sucra : ndarray, shape (T,)
        From `probability_better`.
    small_values_good : bool
        Whether a smaller effect is the better one.

    Returns
    -------
    Ranks
        The standard error of a probability p from n draws is √(p(1 − p)/n), with half a draw added to what was counted,
        so that a rank never drawn does not look certain.
    """
    there = np.flatnonzero(np.isfinite(effects[0]))
    some = effects[:, there] if small_values_good else -effects[:, there]
    n, count = some.shape
    order = np.argsort(some, axis=1)  # of each draw, the treatment at each rank
    counted = np.bincount((count * order + np.arange(count)).ravel(), minlength=count**2).reshape(count, count)
    size = len(treatments)
    probability, error = np.full((size, size), np.nan), np.full((size, size), np.nan)
    # No treatment has a rank beyond the number of those that are compared.
    probability[there], error[there] = 0.0, 0.0
    shrunk = (counted + 0.5) / (n + 1)
    probability[np.ix_(there, np.arange(count))] = counted / n
    error[np.ix_(there, np.arange(count))] = np.sqrt(shrunk * (1 - shrunk) / n) if count > 1 else 0.0
    return Ranks(
        treatments=treatments,
        small_values_good=small_values_good,
        draws=n,
        probability=probability,
        error=error,
        sucra=sucra,
        mean_rank=count - (count - 1) * sucra,
    )


def hierarchy_precision(sucra: Floats) -> float:
    """Precision of a treatment hierarchy (POTH): 0 where all treatments rank alike, 1 where every rank is certain.

    The variance of the SUCRAs, or P-scores, over the largest they could have, (n + 1) / (12 (n − 1)); nan with fewer
    than two treatments.

    References
    ----------
    Wigle, Béliveau, Salanti, Rücker, Schwarzer, Mavridis & Nikolakopoulou (2024). Precision of treatment hierarchy.
    arXiv 2501.11596.
    """
    known = sucra[np.isfinite(sucra)]
    n = known.size
    if n < 2:
        return float("nan")
    return float(np.mean((known - 0.5) ** 2)) * 12 * (n - 1) / (n + 1)
