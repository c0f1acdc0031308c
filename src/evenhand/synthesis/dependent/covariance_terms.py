"""Each term of the random effects, made ready: which pairs of rows look up which covariance.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.dependent.covariance_tables import ByLag, ByLevel, OneVariance, Parameter, Table
from evenhand.synthesis.dependent.grouped_rows import Integers, batches, codes, nested_codes
from evenhand.synthesis.dependent.random_effects import (
    STRUCTURES_BY_LAG,
    Correlated,
    RandomEffects,
    RandomIntercepts,
    RandomSlopes,
    RelatedIntercepts,
    check_variance,
)

_NUMERIC = ("CAR", "SPEXP", "SPGAU", "SPRAT")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Term:
    """One covariance table and how pairs of rows look it up.

    Rows of different groups of `group` share nothing. Within a group, rows i and j share the entry of the levels
    (`level[i]`, `level[j]`), of their lag, or, with `slopes`, z_i'G z_j.
    """

    name: str
    table: Table
    group: Integers  # (k,)
    level: Integers  # (k,) levels of the inner factor; zeros where there is none
    labels_of: Callable[[], tuple[Any, ...]]  # of the groups of a random intercept, of the inner levels otherwise
    places: Floats | None = None  # (k, coordinates) of numeric inner columns
    slopes: Floats | None = None  # (k, covariates)
    is_intercept: bool = False
    estimable: tuple[bool, ...] = ()  # one a parameter

    @property
    def labels(self) -> tuple[Any, ...]:
        """Labels of the groups of a random intercept, of the inner levels otherwise."""
        return self.labels_of()

    def pairs(self, rows: Integers) -> Integers:
        """Entry of the table for each pair of rows of a batch, shape (groups, size, size); one past the last: none."""
        k = self.group.size
        none = _entries(self.table)
        group = np.append(self.group, -1)[rows]
        together = (group[:, :, None] == group[:, None, :]) & (rows < k)[:, :, None] & (rows < k)[:, None, :]
        level = np.append(self.level, 0)[rows]
        if isinstance(self.table, ByLag):
            entry = self._lags(rows, level)
        elif isinstance(self.table, ByLevel):
            entry = level[:, :, None] * self.table.levels + level[:, None, :]
        elif self.table.pattern.size > 1:
            size = math.isqrt(self.table.pattern.size)
            entry = level[:, :, None] * size + level[:, None, :]
        else:
            entry = np.zeros(together.shape, dtype=np.intp)
        return np.asarray(np.where(together, entry, none), dtype=np.intp)

    def lags_of_levels(self) -> Floats:
        """Lag between each two levels of the inner factor, shape (levels, levels)."""
        if not isinstance(self.table, ByLag):
            raise TypeError("lags belong to a table by lag")
        size = len(self.labels)
        if self.places is not None:
            at = np.asarray(self.labels, dtype=np.float64)[None, :, None]
            return np.asarray(distances(at, _extent(self.places))[0])
        lag = np.abs(np.arange(size)[:, None] - np.arange(size)).astype(np.float64)
        return np.asarray(np.minimum(lag, 1.0) if self.table.structure in ("CS", "ID") else lag)

    def _lags(self, rows: Integers, level: Integers) -> Integers:
        if not isinstance(self.table, ByLag):
            raise TypeError("lags belong to a table by lag")
        if self.places is not None:
            place = np.vstack([self.places, np.zeros((1, self.places.shape[1]))])[rows]
            lag = distances(place, _extent(self.places))
        else:
            lag = np.abs(level[:, :, None] - level[:, None, :]).astype(np.float64)
            if self.table.structure in ("CS", "ID"):
                lag = np.minimum(lag, 1.0)
        # Padding and pairs of different groups may have lags of their own, which are not looked up.
        found = np.searchsorted(self.table.lags, lag)
        return np.minimum(found, self.table.lags.size - 1)


def distances(places: Floats, extent: float) -> Floats:
    """Euclidean distances between places of shape (groups, size, coordinates), rounded so that equal ones are equal.

    `extent` is that of all places, so that a distance is rounded alike in whatever company.
    """
    apart = np.sqrt(((places[:, :, None, :] - places[:, None, :, :]) ** 2).sum(axis=3))
    unit = 1e-12 * (extent or 1.0)
    return np.asarray(np.round(apart / unit) * unit)


def _extent(places: Floats) -> float:
    return float(np.linalg.norm(np.ptp(places, axis=0)))


def _entries(table: Table) -> int:
    if isinstance(table, OneVariance):
        return int(table.pattern.size)
    return int(table.lags.size) if isinstance(table, ByLag) else table.levels**2


def terms_of(effects: tuple[RandomEffects, ...], data: Mapping[str, Any], k: int) -> tuple[Term, ...]:
    """The terms of every random effect.

    Raises
    ------
    ValueError
        Where a column is missing, has another length or holes, or a known correlation matrix is none.
    """
    found: list[Term] = []
    for effect in effects:
        if isinstance(effect, RandomIntercepts):
            found += _intercepts(effect, data, k)
        elif isinstance(effect, RelatedIntercepts):
            found.append(_related(effect, data, k))
        elif isinstance(effect, Correlated):
            found.append(_correlated(effect, data, k))
        else:
            found.append(_slopes(effect, data, k))
    return tuple(found)


def _column(data: Mapping[str, Any], name: str) -> Any:
    try:
        return data[name]
    except KeyError:
        raise ValueError(
            f"no column '{name}' in the data; there are {', '.join(map(str, data.keys())) or 'none'}"
        ) from None


def _numbers(data: Mapping[str, Any], name: str, k: int) -> Floats:
    try:
        column = np.asarray(_column(data, name), dtype=np.float64)
    except (TypeError, ValueError) as error:
        if f"'{name}'" in str(error):
            raise
        raise ValueError(f"column '{name}' must hold numbers for this structure") from None
    if column.shape != (k,):
        raise ValueError(f"column '{name}' has {column.size} rows, but there are {k} effects")
    for i in np.flatnonzero(~np.isfinite(column)):
        raise ValueError(f"{name}[{i}] = {column[i]}: must be a finite number")
    return column


def _intercepts(effect: RandomIntercepts, data: Mapping[str, Any], k: int) -> list[Term]:
    fixed = effect.sigma2 or (None,) * len(effect.levels)
    found: list[Term] = []
    group = np.zeros(k, dtype=np.intp)
    levels: list[tuple[Integers, tuple[Any, ...]]] = []
    for depth, (level, value) in enumerate(zip(effect.levels, fixed, strict=True)):
        inner, inner_labels = codes(_column(data, level), level, k)
        levels.append((inner, inner_labels))
        group = inner if depth == 0 else nested_codes(group, inner)
        name = "/".join(effect.levels[: depth + 1])
        parameter = Parameter(kind="sigma2", name=name, transform="square", fixed=value)
        found.append(
            Term(
                name=name,
                table=OneVariance(np.ones(1), parameter),
                group=group,
                level=np.zeros(k, dtype=np.intp),
                labels_of=partial(_nested_labels, group, tuple(levels)),
                is_intercept=True,
                estimable=(True,),
            )
        )
    return found


def _nested_labels(group: Integers, levels: tuple[tuple[Integers, tuple[Any, ...]], ...]) -> tuple[Any, ...]:
    """'11/1' for school 1 of district 11; a district's own label as it is."""
    first = np.unique(group, return_index=True)[1]
    if len(levels) == 1:
        return levels[0][1]
    return tuple("/".join(str(labels[numbers[i]]) for numbers, labels in levels) for i in first)


def _related(effect: RelatedIntercepts, data: Mapping[str, Any], k: int) -> Term:
    matrix = np.asarray(effect.correlation, dtype=np.float64)
    if not np.isfinite(matrix).all() or np.abs(matrix - matrix.T).max() > 1e-8 * np.abs(matrix).max():
        raise ValueError(f"correlation of '{effect.level}': must be finite and symmetric")
    if np.linalg.eigvalsh(matrix)[0] < -1e-8 * np.abs(matrix).max():
        raise ValueError(f"correlation of '{effect.level}': has a negative eigenvalue; it is no correlation matrix")
    places = {label: place for place, label in enumerate(effect.labels)}
    column = list(_column(data, effect.level))
    if len(column) != k:
        raise ValueError(f"column '{effect.level}' has {len(column)} rows, but there are {k} effects")
    for i, label in enumerate(column):
        if label not in places:
            raise ValueError(f"{effect.level}[{i}] = {label!r} is not among the labels of its correlation matrix")
    level = np.array([places[label] for label in column], dtype=np.intp)
    parameter = Parameter(kind="sigma2", name=effect.level, transform="square", fixed=effect.sigma2)
    return Term(
        name=effect.level,
        table=OneVariance(matrix.ravel(), parameter),
        group=_related_groups(matrix)[level],
        level=level,
        labels_of=lambda: effect.labels,
        estimable=(True,),
    )


def _related_groups(matrix: Floats) -> Integers:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(csr_array(matrix != 0), directed=False)
    return np.asarray(label, dtype=np.intp)


def _correlated(effect: Correlated, data: Mapping[str, Any], k: int) -> Term:
    outer, _ = codes(_column(data, effect.outer), effect.outer, k)
    name = f"{' + '.join(effect.inner)} | {effect.outer}"
    numeric = effect.structure in _NUMERIC
    if not numeric and len(effect.inner) > 1:
        raise ValueError(f"structure '{effect.structure}' takes one inner column, not {len(effect.inner)}")
    if numeric:
        places = np.column_stack([_numbers(data, column, k) for column in effect.inner])
        level, labels = np.zeros(k, dtype=np.intp), ()
        if len(effect.inner) == 1:
            level, labels = codes(places[:, 0], effect.inner[0], k)
    else:
        places = None
        level, labels = codes(_column(data, effect.inner[0]), effect.inner[0], k)
    if effect.structure in STRUCTURES_BY_LAG:
        lags = _lags_within(outer, level, places)
        if effect.structure in ("CS", "ID"):
            lags = np.unique(np.minimum(lags, 1.0))
        parameters, estimable = _parameters_by_lag(effect, lags, outer, level)
        table: Table = ByLag(effect.structure, lags, parameters)
    else:
        together = _levels_together(outer, level, len(labels))
        parameters, estimable = _parameters_by_level(effect, labels, together, _lowest_rho(outer, level))
        table = ByLevel(effect.structure, len(labels), parameters)
    return Term(
        name=name, table=table, group=outer, level=level, labels_of=lambda: labels, places=places, estimable=estimable
    )


def _lags_within(outer: Integers, level: Integers, places: Floats | None) -> Floats:
    found: list[Floats] = [np.zeros(1)]
    for batch in batches(outer, padding=False):
        if places is None:
            of_level = level[batch.rows].astype(np.float64)
            found.append(np.unique(np.abs(of_level[:, :, None] - of_level[:, None, :])))
        else:
            found.append(np.unique(distances(places[batch.rows], _extent(places))))
    return np.unique(np.concatenate(found))


def _levels_together(outer: Integers, level: Integers, levels: int) -> Floats:
    """How many groups hold each pair of levels."""
    from scipy.sparse import csr_array

    incidence = csr_array((np.ones(outer.size), (outer, level)), shape=(int(outer.max()) + 1, levels))
    incidence.data[:] = 1.0
    return np.asarray((incidence.T @ incidence).todense(), dtype=np.float64)


def _parameters_by_lag(
    effect: Correlated, lags: Floats, outer: Integers, level: Integers
) -> tuple[tuple[Parameter, ...], tuple[bool, ...]]:
    fixed = effect.tau2 or (None,)
    if len(fixed) != 1:
        raise ValueError(f"structure '{effect.structure}' has one tau2, not {len(fixed)}")
    tau = Parameter(kind="tau2", name="", transform="square", fixed=fixed[0])
    if effect.structure == "ID":
        return (tau,), (True,)
    # What the caller fixes is taken as it is; what is searched for stays where every group's covariance is one.
    low = _lowest_rho(outer, level) if effect.structure == "CS" and effect.rho is None else -1.0
    low = 0.0 if effect.structure == "CAR" else low
    if effect.rho is not None and (effect.rho < low or (effect.structure.startswith("SP") and effect.rho <= 0)):
        raise ValueError(f"rho = {effect.rho}: structure '{effect.structure}' has none below 0")
    transform = "exp" if effect.structure.startswith("SP") else "sine"
    several = bool((lags > 0).any())
    rho = effect.rho if several or effect.rho is not None else (1.0 if transform == "exp" else 0.0)
    return (tau, Parameter(kind="rho", name="", transform=transform, low=low, fixed=rho)), (True, several)


def _lowest_rho(outer: Integers, level: Integers) -> float:
    """The lowest common correlation that leaves the covariance of every group's levels one: −1 / (levels − 1)."""
    most = int(np.bincount(outer[np.unique(nested_codes(outer, level), return_index=True)[1]]).max())
    return -1.0 / (most - 1) if most > 1 else 0.0


def _parameters_by_level(
    effect: Correlated, labels: tuple[Any, ...], together: Floats, lowest_rho: float
) -> tuple[tuple[Parameter, ...], tuple[bool, ...]]:
    size = len(labels)
    fixed = effect.tau2 or (None,) * size
    if len(fixed) != size:
        raise ValueError(f"{len(fixed)} values of tau2 but {size} levels of '{effect.inner[0]}'")
    for value in fixed:
        check_variance("tau2", value)
    taus = tuple(
        Parameter(kind="tau2", name=str(label), transform="square", fixed=value)
        for label, value in zip(labels, fixed, strict=True)
    )
    if effect.structure == "DIAG" or size == 1:
        return taus, (True,) * size
    if effect.structure == "UN":
        pairs = [(b, a) for a in range(size) for b in range(a)]
        angles = tuple(Parameter(kind="rho", name=f"{labels[a]}, {labels[b]}", transform="angle") for a, b in pairs)
        return taus + angles, (True,) * size + tuple(bool(together[a, b] > 0) for a, b in pairs)
    several = bool((together - np.diag(np.diag(together))).any())
    held = effect.rho if several or effect.rho is not None else 0.0
    low = lowest_rho if effect.structure == "HCS" and effect.rho is None else -1.0
    rho = Parameter(kind="rho", name="", transform="sine", low=low, fixed=held)
    return (*taus, rho), (True,) * size + (several,)


def _slopes(effect: RandomSlopes, data: Mapping[str, Any], k: int) -> Term:
    outer, _ = codes(_column(data, effect.outer), effect.outer, k)
    columns = [np.ones(k) if name == "1" else _numbers(data, name, k) for name in effect.covariates]
    size = len(columns)
    names = tuple("intercept" if name == "1" else name for name in effect.covariates)
    parameters = tuple(Parameter(kind="tau2", name=name, transform="square") for name in names)
    if effect.structure == "GEN":
        parameters += tuple(
            Parameter(kind="rho", name=f"{names[b]}, {names[a]}", transform="angle")
            for a in range(size)
            for b in range(a)
        )
    return Term(
        name=f"{' + '.join(effect.covariates)} | {effect.outer}",
        table=ByLevel(effect.structure, size, parameters),
        group=outer,
        level=np.zeros(k, dtype=np.intp),
        labels_of=lambda: names,
        slopes=np.column_stack(columns),
        estimable=(True,) * len(parameters),
    )
