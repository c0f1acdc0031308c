"""Sampling covariance of effects that share people, a block a study.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.distributions import Floats
from evenhand.number_columns import number_column

Indices = NDArray[np.intp]
Correlations = float | Mapping[tuple[str, str], float]
# A smallest eigenvalue nearer to zero than this, against the largest, is what rounding leaves of a singular block.
_ROUNDING = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCovariance:
    """A covariance matrix V that is zero between blocks; only the blocks are kept, so memory is Σ n_b²."""

    size: int  # k, effects
    blocks: tuple[tuple[Indices, Floats], ...]  # the block's rows, shape (n_b,), and its matrix, shape (n_b, n_b)
    labels: tuple[str, ...]  # whose block it is

    def dense(self) -> Floats:
        """V as one array, shape (k, k)."""
        whole = np.zeros((self.size, self.size))
        for rows, matrix in self.blocks:
            whole[np.ix_(rows, rows)] = matrix
        return whole

    @property
    def variances(self) -> Floats:
        """Its diagonal, shape (k,)."""
        diagonal = np.full(self.size, np.nan)
        for rows, matrix in self.blocks:
            diagonal[rows] = np.diag(matrix)
        return diagonal

    @property
    def singular(self) -> tuple[str, ...]:
        """Labels of the blocks that have no inverse: two effects that are one, or correlations that cannot be."""
        return tuple(
            label for label, (_, matrix) in zip(self.labels, self.blocks, strict=True) if _least(matrix) <= _ROUNDING
        )


def block_covariance(
    vi: ArrayLike,
    cluster: Sequence[Hashable] | ArrayLike,
    *,
    subgroup: ArrayLike | None = None,
    construct: ArrayLike | None = None,
    observation: ArrayLike | None = None,
    rho: Correlations | None = None,
    rho_between: Correlations | None = None,
    time: ArrayLike | None = None,
    time_c: ArrayLike | None = None,
    phi: float | None = None,
    arm_t: ArrayLike | None = None,
    arm_c: ArrayLike | None = None,
    n_t: ArrayLike | None = None,
    n_c: ArrayLike | None = None,
) -> BlockCovariance:
    """Covariance of dependent effects from their variances and what is known, or assumed, of their correlation.

    The correlation of two effects of one cluster is the product of what each reason to differ gives: another
    measurement or construct, another time, another pair of arms.

    Parameters
    ----------
    vi : array_like, shape (k,)
        Sampling variances.
    cluster : array_like, shape (k,)
        The study, or whoever shares people; effects of different clusters are independent.
    subgroup : array_like, shape (k,), optional
        Parts of a cluster that share nobody.
    construct : array_like, shape (k,), optional
        What was measured (depression, anxiety).
    observation : array_like, shape (k,), optional
        By which instrument, within a construct.
    rho : float or mapping, optional
        Correlation of two observations, or of two constructs where no observation is given; or one for each pair of
        names, as {("anxiety", "depression"): 0.6}. A number alone, where nothing else is said, is the correlation of
        any two effects of a cluster.
    rho_between : float or mapping, optional
        Where both are given: the correlation of two constructs, and `rho` is that of observations of one construct.
    time, time_c : array_like, shape (k,), optional
        When the effect, or the treated arm of the contrast, was measured; and the control arm, by default then too.
    phi : float, optional
        Correlation of one person's values one unit of time apart; `phi ** t` at a distance of t.
    arm_t, arm_c : array_like, shape (k,), optional
        The two arms whose contrast the effect is. Contrasts that share an arm are correlated; both of one arm make a
        contrast of two times within people.
    n_t, n_c : array_like, shape (k,), optional
        The arms' people, or other weights that their variances are inverse to; by default all alike.

    Returns
    -------
    BlockCovariance
        A block a cluster (and subgroup), in the order in which they first appear.

    Raises
    ------
    ValueError
        For a variance that is negative, lengths that do not fit, a correlation that is missing or beyond -1 and 1, and
        a block that is no covariance since its correlations contradict each other.

    References
    ----------
    Gleser & Olkin (2009), in The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., ch. 19, for shared arms.
    """
    variances = number_column("vi", vi)
    k = variances.size
    columns = {
        name: None if column is None else _column(name, column, k)
        for name, column in {
            "subgroup": subgroup,
            "construct": construct,
            "observation": observation,
            "arm_t": arm_t,
            "arm_c": arm_c,
        }.items()
    }
    owner = _column("cluster", cluster, k)
    _refuse_negative(variances, owner)
    if isinstance(rho, float) and all(reason is None for reason in (construct, observation, time, arm_t)):
        columns["observation"] = np.arange(k).astype(str)
    factors = [
        *_by_name(columns["construct"], columns["observation"], rho, rho_between),
        *_by_time_and_arm(columns["arm_t"], columns["arm_c"], _numbers(time, k), _numbers(time_c, k), phi, n_t, n_c, k),
    ]
    if not factors and k > len(set(owner)):
        raise ValueError("effects share people, but nothing says how: give rho, time, or the arms")
    sd = np.sqrt(variances)
    groups = _groups(owner, columns["subgroup"])
    blocks = []
    for label, rows in groups.items():
        index = np.asarray(rows, dtype=np.intp)
        correlation = np.ones((index.size, index.size))
        for factor in factors:
            correlation *= factor(index)
        np.fill_diagonal(correlation, 1.0)
        if _least(correlation) < -_ROUNDING:
            raise ValueError(
                f"cluster {label}: these correlations cannot all be; lower the largest, or raise the smallest"
            )
        blocks.append((index, correlation * np.outer(sd[index], sd[index])))
    return BlockCovariance(size=k, blocks=tuple(blocks), labels=tuple(groups))


def from_matrices(
    labels: Sequence[str], rows: Sequence[ArrayLike], matrices: Sequence[Floats], size: int
) -> BlockCovariance:
    """A BlockCovariance of matrices that somebody has worked out."""
    blocks = tuple(
        (np.asarray(index, dtype=np.intp), np.asarray(matrix, dtype=float))
        for index, matrix in zip(rows, matrices, strict=True)
    )
    return BlockCovariance(size=size, blocks=blocks, labels=tuple(labels))


_Factor = Callable[[Indices], Floats]


def _by_name(
    construct: NDArray[np.str_] | None,
    observation: NDArray[np.str_] | None,
    rho: Correlations | None,
    rho_between: Correlations | None,
) -> list[_Factor]:
    """What another construct or another observation leaves of a correlation."""
    if construct is None and observation is None:
        return []
    if rho is None:
        raise ValueError("rho is missing: give the correlation of two observations, or of two constructs")
    if construct is None or observation is None:
        names = construct if construct is not None else observation
        assert names is not None  # noqa: S101  # one of them is there
        return [lambda rows, names=names: _looked_up(names[rows], rho, "rho")]  # type: ignore[misc]
    if rho_between is None:
        raise ValueError(
            "rho_between is missing: with construct and observation give the correlation of constructs too"
        )

    def factor(rows: Indices) -> Floats:
        within = _looked_up(observation[rows], rho, "rho")
        between = _looked_up(construct[rows], rho_between, "rho_between")
        return np.asarray(np.where(construct[rows][:, None] == construct[rows][None, :], within, between))

    return [factor]


def _by_time_and_arm(
    arm_t: NDArray[np.str_] | None,
    arm_c: NDArray[np.str_] | None,
    time: Floats | None,
    time_c: Floats | None,
    phi: float | None,
    n_t: ArrayLike | None,
    n_c: ArrayLike | None,
    k: int,
) -> list[_Factor]:
    """What another time, or another pair of arms, leaves of a correlation."""
    if time is not None and phi is None:
        raise ValueError("phi is missing: give the correlation of one person's values one unit of time apart")
    if phi is not None and not 0 <= phi <= 1:
        raise ValueError(f"phi is {phi}; a correlation that fades with time lies between 0 and 1")
    if (arm_t is None) != (arm_c is None):
        raise ValueError("a contrast has two arms: give both arm_t and arm_c")
    faded = 1.0 if phi is None else phi
    when = np.zeros(k) if time is None else time
    if arm_t is None or arm_c is None:
        if time is None:
            return []
        return [lambda rows: _power(faded, np.subtract.outer(when[rows], when[rows]))]
    when_c = when if time_c is None else time_c
    weight_t, weight_c = (
        np.ones(k) if weights is None else _positive(name, weights, k) for name, weights in (("n_t", n_t), ("n_c", n_c))
    )
    sides = ((arm_t, when, weight_t, 1.0), (arm_c, when_c, weight_c, -1.0))

    def factor(rows: Indices) -> Floats:
        covariance = np.zeros((rows.size, rows.size))
        for arm, moment, weight, sign in sides:
            for other_arm, other_moment, other_weight, other_sign in sides:
                same = arm[rows][:, None] == other_arm[rows][None, :]
                near = _power(faded, np.subtract.outer(moment[rows], other_moment[rows]))
                size = np.sqrt(np.outer(weight[rows], other_weight[rows]))
                covariance += np.where(same, sign * other_sign * near / size, 0.0)
        sd = np.sqrt(np.diag(covariance))
        if not (sd > 0).all():
            raise ValueError(f"row {int(rows[np.argmin(sd)]) + 1}: an arm is compared with itself at the same time")
        return np.asarray(covariance / np.outer(sd, sd))

    return [factor]


def _looked_up(names: NDArray[np.str_], rho: Correlations, which: str) -> Floats:
    """Correlations of every pair of names; 1 of a name with itself."""
    same = names[:, None] == names[None, :]
    if not isinstance(rho, Mapping):
        if not -1 <= rho <= 1:
            raise ValueError(f"{which} is {rho}; a correlation lies between -1 and 1")
        return np.where(same, 1.0, rho)
    table = {frozenset(pair): value for pair, value in rho.items()}
    found = np.ones(same.shape)
    for i, j in np.argwhere(~same):
        pair = frozenset((str(names[i]), str(names[j])))
        if pair not in table:
            raise ValueError(f"{which} has no correlation of {' with '.join(sorted(pair))}: add it")
        if not -1 <= table[pair] <= 1:
            raise ValueError(f"{which} of {' with '.join(sorted(pair))} is {table[pair]}; it lies between -1 and 1")
        found[i, j] = table[pair]
    return found


def _power(phi: float, distance: Floats) -> Floats:
    return np.asarray(phi ** np.abs(distance))


def _groups(owner: NDArray[np.str_], subgroup: NDArray[np.str_] | None) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for row, name in enumerate(owner):
        groups.setdefault(str(name) if subgroup is None else f"{name}, {subgroup[row]}", []).append(row)
    return groups


def _column(name: str, values: object, k: int) -> NDArray[np.str_]:
    labels = np.asarray(values)
    for i, label in enumerate(labels.tolist() if labels.ndim == 1 else ()):
        # A missing label is equal to none, not even to another missing one.
        if label is None or label != label:
            raise ValueError(f"{name}[{i}] is missing: name it, as effects without a name would be taken for one group")
    column = labels.astype(str)
    if column.shape != (k,):
        raise ValueError(f"{name} has {column.size} entries and vi has {k}: give one an effect")
    return column


def _numbers(values: ArrayLike | None, k: int) -> Floats | None:
    if values is None:
        return None
    numbers = number_column("time", values)
    if numbers.shape != (k,):
        raise ValueError(f"time has {numbers.size} entries and vi has {k}: give one an effect")
    return numbers


def _positive(name: str, values: ArrayLike, k: int) -> Floats:
    numbers = number_column(name, values)
    if numbers.shape != (k,) or not (numbers > 0).all():
        raise ValueError(f"{name}: give one number above 0 an effect")
    return numbers


def _refuse_negative(variances: Floats, owner: NDArray[np.str_]) -> None:
    bad = np.flatnonzero(~(variances >= 0))
    if bad.size:
        row = int(bad[0])
        raise ValueError(
            f"row {row + 1} ({owner[row]}): vi is {variances[row]}; a variance is 0 or more, the square of the SE"
        )


def _least(matrix: Floats) -> float:
    """Smallest eigenvalue against the largest variance."""
    values = np.linalg.eigvalsh(matrix)
    largest = float(values[-1])
    return float(values[0]) / largest if largest > 0 else 0.0
