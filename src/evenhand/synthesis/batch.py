"""Thousands of meta-analyses in one call: a registry's outcomes, a brain's voxels, a genome's variants.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.number_columns import number_column
from evenhand.synthesis.many_fits import Flags, ManyFits, many_fits
from evenhand.synthesis.normal_kernel import LARGEST

if TYPE_CHECKING:
    from pandas import DataFrame

_PADDING = 1.25  # groups are fitted beside others at most this much larger, so that little is padding
_SHOWN = 8
_MEND = "leave the row out if none was reported"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetaAnalyses:
    """One entry a group, in order of first appearance; each array has shape (m,). Names as in `Classical`."""

    method: str
    test: str
    level: float
    groups: tuple[Hashable, ...]
    k: npt.NDArray[np.intp]  # studies
    estimate: Floats
    se: Floats
    ci_lower: Floats
    ci_upper: Floats
    statistic: Floats
    df: Floats  # nan for a normal test
    p_value: Floats
    tau2: Floats
    i2: Floats  # percent
    h2: Floats
    q: Floats
    q_p_value: Floats
    pi_lower: Floats
    pi_upper: Floats
    tau2_estimable: Flags  # False: one study, tau2 is 0 for want of a second

    def __len__(self) -> int:
        return len(self.groups)

    def to_frame(self) -> "DataFrame":
        """A row a group, with a column for each array."""
        import pandas

        columns = [field.name for field in fields(self) if field.name not in ("method", "test", "level", "groups")]
        index = pandas.Index(list(self.groups), name="group", tupleize_cols=False)
        return pandas.DataFrame({name: getattr(self, name) for name in columns}, index=index)

    def _repr_html_(self) -> str:
        """The groups as a table, the first and last where they are many, for a notebook."""
        return str(self.to_frame()._repr_html_())  # type: ignore[operator]


def meta_analyses(
    y: Sequence[float] | npt.NDArray[np.floating],
    v: Sequence[float] | npt.NDArray[np.floating],
    groups: Iterable[Hashable],
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> MetaAnalyses:
    """Pool the effects of every group by inverse variance, all groups at once.

    Parameters
    ----------
    y, v : array_like, shape (n,)
        Effects on the analysis scale and their sampling variances (> 0), of all groups, in any order.
    groups : iterable of hashable, length n
        The group of each row. Groups may differ in size.
    method, test, level
        As for `meta_analysis`, whose figures each group gets.

    Returns
    -------
    MetaAnalyses
        A group of one study has its effect, a normal test, and `tau2_estimable` False.

    Raises
    ------
    ValueError
        Naming row, group and value that cannot be pooled, or a method or test there is not.
    """
    effects, variances = number_column("y", y, of="row"), number_column("v", v, of="row")
    if groups is None or not isinstance(groups, Iterable):
        raise ValueError(f"groups is {groups!r}; give the group of each row")
    labels = groups.tolist() if isinstance(groups, np.ndarray) else list(groups)
    if effects.size != variances.size or effects.size != len(labels):
        said = f"{effects.size} effects (y), {variances.size} variances (v) and {len(labels)} groups"
        raise ValueError(f"{said}; give one of each a row")
    if effects.size == 0:
        raise ValueError("no row: nothing to pool")
    names, codes = _coded(labels)
    _check(
        "y",
        effects,
        np.abs(effects) <= LARGEST,
        labels,
        f"an effect must be a finite number; {_MEND}",
    )
    good = (variances >= LARGEST**-2) & (variances <= LARGEST**2)
    _check("v", variances, good, labels, f"a sampling variance must be finite and above 0; {_MEND}")
    together = np.argsort(codes, kind="stable")
    effects, variances = effects[together], variances[together]
    sizes = np.bincount(codes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    parts, order = [], []
    for members in _of_like_size(sizes):
        place = np.arange(sizes[members].max())
        used = place < sizes[members, None]
        rows = np.where(used, starts[members, None] + place, 0)
        parts.append(many_fits(effects[rows], variances[rows], used, method=method, test=test, level=level))
        order.append(members)
    return _collected(names, parts, np.argsort(np.concatenate(order)))


def _coded(labels: list[Hashable]) -> tuple[tuple[Hashable, ...], npt.NDArray[np.intp]]:
    """The groups in order of appearance, and the number of each row's group."""
    numbers: dict[Hashable, int] = {}
    try:
        codes = [numbers.setdefault(label, len(numbers)) for label in labels]
    except TypeError:
        row = next(row for row, label in enumerate(labels) if not isinstance(label, Hashable))
        raise ValueError(f"groups[{row}] = {labels[row]!r}: a group is text, a number or a tuple of these") from None
    for label in numbers:
        # A label that is not equal to itself is a missing one (nan), and each would be a group of its own.
        if label is None or label != label:
            row = next(row for row, other in enumerate(labels) if other is label)
            raise ValueError(f"groups[{row}] = {label}: every row needs its group; name it, or leave out the row")
    return tuple(numbers), np.array(codes, dtype=np.intp)


def _check(name: str, values: Floats, good: Flags, labels: list[Hashable], says: str) -> None:
    bad = np.flatnonzero(~good)
    if bad.size:
        shown = [f"{name}[{row}] = {values[row]} (group {labels[row]!r})" for row in bad[:_SHOWN]]
        more = f" and {bad.size - _SHOWN} more" if bad.size > _SHOWN else ""
        raise ValueError(f"{', '.join(shown)}{more}: {says}")


def _of_like_size(sizes: npt.NDArray[np.intp]) -> list[npt.NDArray[np.intp]]:
    """The groups' numbers in parts, within which no group is padded to more than `_PADDING` of its size."""
    level = np.floor(np.log(sizes) / math.log(_PADDING)).astype(np.intp)
    order = np.argsort(level, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(level[order])) + 1)


def _collected(names: tuple[Hashable, ...], parts: list[ManyFits], back: npt.NDArray[np.intp]) -> MetaAnalyses:
    """The parts as one record, in the groups' order."""

    def column(name: str) -> npt.NDArray[np.float64]:
        return np.asarray(np.concatenate([getattr(part, name) for part in parts])[back])

    estimate, se, tau2 = column("estimate"), column("se"), column("tau2")
    half = column("quantile") * np.sqrt(se**2 + tau2)
    return MetaAnalyses(
        method=parts[0].method,
        test=parts[0].test,
        level=parts[0].level,
        groups=names,
        k=column("k").astype(np.intp),
        estimate=estimate,
        se=se,
        ci_lower=column("ci_lower"),
        ci_upper=column("ci_upper"),
        statistic=column("statistic"),
        df=column("df"),
        p_value=column("p_value"),
        tau2=tau2,
        i2=column("i2"),
        h2=column("h2"),
        q=column("q"),
        q_p_value=column("q_p_value"),
        pi_lower=estimate - half,
        pi_upper=estimate + half,
        tau2_estimable=column("tau2_estimable").astype(bool),
    )
