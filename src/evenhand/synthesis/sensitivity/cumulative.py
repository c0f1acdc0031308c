"""The pooled effect as the studies came in.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.synthesis.many_fits import ManyFits, many_fits
from evenhand.synthesis.normal_kernel import checked_studies


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cumulative:
    """Fits to the studies up to and with each step."""

    added: tuple[tuple[int, ...], ...]  # the studies that came in at each step, counted from 0
    fits: ManyFits  # one row a step


def cumulative(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    order: npt.ArrayLike | None = None,
    *,
    together: bool = False,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> Cumulative:
    """Pool the first study, the first two, and so on (Lau et al. 1992, N. Engl. J. Med. 327, 248-254).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and their sampling variances (> 0).
    order : array_like, shape (k,), optional
        What the studies are sorted by, such as their years; ties keep the order given. None is the order given.
    together : bool
        Studies of equal `order` come in at one step.
    method, test, level
        As for `meta_analysis`. A step of one study has a normal test.

    Returns
    -------
    Cumulative

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be pooled or sorted by, or a method or test there is not.
    """
    effects, variances = checked_studies(yi, vi)
    k = effects.size
    keys = np.arange(k) if order is None else np.asarray(order)
    if keys.shape != (k,):
        raise ValueError(f"order has shape {keys.shape}: it needs one value for each of the {k} studies")
    for study, key in enumerate(keys.tolist()):
        if key is None or key != key:
            raise ValueError(f"order[{study}] = {key}: a study without its place cannot be sorted; leave it out")
    sorted_studies = np.argsort(keys, kind="stable")
    sorted_keys = keys[sorted_studies]
    ends = np.arange(k)
    if together:
        ends = np.append(np.flatnonzero(sorted_keys[1:] != sorted_keys[:-1]), k - 1)
    rank = np.empty(k, dtype=np.intp)
    rank[sorted_studies] = np.arange(k)
    starts = np.concatenate([[0], ends[:-1] + 1])
    return Cumulative(
        added=tuple(tuple(sorted_studies[a : b + 1].tolist()) for a, b in zip(starts, ends, strict=True)),
        fits=many_fits(effects, variances, rank <= ends[:, None], method=method, test=test, level=level),
    )
