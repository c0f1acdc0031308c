"""The comparisons of one study with several arms, as effects against its first arm with their covariance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Mapping, Sequence

import numpy as np

from evenhand.distributions import Floats

_SINGULAR = 1e-10  # least eigenvalue of a covariance, as a share of its largest
_STAR = 1e-9  # share by which a covariance may differ from one of independent arms
_DIGITS = 1e-9  # what is rounding of floating point, as a share of the largest effect


def contrasts_of_pairs(
    label: str,
    first: Sequence[str],
    second: Sequence[str],
    yi: Floats,
    sei: Floats,
    place: Mapping[str, int],
    tolerance: float,
) -> tuple[tuple[int, ...], Floats, Floats, Floats | None, str | None]:
    """Arms (a,), effects (a − 1,), covariance (a − 1, a − 1), arm variances (a,) or None, and what there is to say.

    Raises
    ------
    ValueError
        Where a comparison is there twice or missing, or where effects or standard errors contradict each other.
    """
    _check_pairs(label, first, second)
    arms = tuple(sorted({place[name] for name in (*first, *second)}))
    names = {place[name]: name for name in (*first, *second)}
    a = len(arms)
    y, v = np.zeros((a, a)), np.zeros((a, a))
    for one, other, effect, se in zip(first, second, yi, sei, strict=True):
        i, j = arms.index(place[one]), arms.index(place[other])
        y[i, j], y[j, i] = effect, -effect
        v[i, j] = v[j, i] = se**2
    covariance = _covariance(label, v, [names[t] for t in arms])
    effects, notice = _effects(label, y, covariance, [names[t] for t in arms], tolerance)
    arm_variances = independent_arms(covariance)
    if arm_variances is not None and arm_variances.min() <= 0:
        arm_variances = None
        notice = (f"{notice}. " if notice else "") + (
            f"study '{label}': its standard errors fit together only if one arm had a variance below 0; compare them "
            f"with the source"
        )
    return arms, effects, covariance, arm_variances, notice


def independent_arms(covariance: Floats) -> Floats | None:
    """Variances (a,) of independent arms of which `covariance`, (a − 1, a − 1), is made; None where of none.

    With two arms there is only their sum.
    """
    p = covariance.shape[0]
    if p < 2:
        return None
    shared = covariance[~np.eye(p, dtype=bool)]
    first = float(shared.mean())
    if np.abs(shared - first).max() > _STAR * np.abs(covariance).max():
        return None
    return np.concatenate([[first], np.diagonal(covariance) - first])


def _check_pairs(label: str, first: Sequence[str], second: Sequence[str]) -> None:
    pairs = [frozenset(pair) for pair in zip(first, second, strict=True)]
    for pair in dict.fromkeys(pairs):
        if pairs.count(pair) > 1:
            said = " v ".join(sorted(pair))
            raise ValueError(
                f"study '{label}' gives {said} {pairs.count(pair)} times: leave one out, or give two studies labels of "
                f"their own"
            )
    arms = sorted({*first, *second})
    wanted = len(arms) * (len(arms) - 1) // 2
    if len(pairs) != wanted:
        missing = [
            f"{one} v {other}"
            for i, one in enumerate(arms)
            for other in arms[i + 1 :]
            if frozenset((one, other)) not in pairs
        ]
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise ValueError(
            f"study '{label}' has {len(arms)} arms but {len(pairs)} comparisons, not {wanted}: add {shown}, whose "
            f"standard errors say how the others hang together, or give the arms' own figures"
        )


def _covariance(label: str, v: Floats, names: Sequence[str]) -> Floats:
    covariance: Floats = 0.5 * (v[0, 1:, None] + v[0, None, 1:] - v[1:, 1:])
    eigenvalues = np.linalg.eigvalsh(covariance)
    if eigenvalues[0] <= _SINGULAR * eigenvalues[-1]:
        pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
        said = ", ".join(f"{names[i]} v {names[j]} {np.sqrt(v[i, j]):.4g}" for i, j in pairs[:6])
        raise ValueError(
            f"study '{label}': its standard errors ({said}) contradict each other, no covariance has them all: compare "
            f"them with the source, or give the arms' own figures"
        )
    return covariance


def _effects(
    label: str, y: Floats, covariance: Floats, names: Sequence[str], tolerance: float
) -> tuple[Floats, str | None]:
    """Effects against the first arm, and what was mended to have them."""
    against_first = y[1:, 0]
    fitted = np.concatenate([[0.0], against_first])
    gap = np.abs(y - (fitted[:, None] - fitted[None, :]))
    if gap.max() <= _DIGITS * np.abs(y).max():
        return against_first.copy(), None
    i, j = (int(x) for x in np.unravel_index(np.argmax(gap), gap.shape))
    said = (
        f"study '{label}': {names[i]} v {names[j]} is {y[i, j]:.6g}, but {y[i, 0] - y[j, 0]:.6g} by way of {names[0]}"
    )
    if gap.max() > tolerance + rounding_of(y):
        raise ValueError(
            f"{said}: compare its effects with the source; standardised differences and ratios of one study agree if "
            f"all arms are corrected and standardised alike, as from the arms' own figures"
        )
    # The closest effects that do agree, by the weights of the comparisons: B'WB is the study's Laplacian.
    contrast = np.concatenate([-np.ones((len(names) - 1, 1)), np.eye(len(names) - 1)], axis=1)
    laplacian = contrast.T @ np.linalg.solve(covariance, contrast)
    weighted = (np.where(np.eye(len(names), dtype=bool), 0.0, -laplacian) * y).sum(axis=1)
    mended: Floats = np.linalg.solve(laplacian[1:, 1:], weighted[1:])
    return mended, f"{said}; mended to the closest effects that agree"


def rounding_of(values: Floats) -> float:
    """By how much three numbers rounded as `values` are may miss adding up; 0 where they are not rounded visibly."""
    shown = values[values != 0]
    for digits in range(1, 6):
        scaled = shown * 10.0**digits
        if np.abs(scaled - np.round(scaled)).max(initial=0.0) < 1e-7:
            return 1.5 * 10.0**-digits
    return 0.0
