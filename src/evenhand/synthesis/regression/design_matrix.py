"""The columns of a model: a formula and a table of moderators to the design matrix X.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

Coding follows the field: levels sorted, the first (or the one asked for) is the reference, each other level a column of
0 and 1; without an intercept the first category keeps all its columns. Whether a category inside an interaction is
coded by contrasts or by all its levels follows Chambers & Hastie (1992, Statistical Models in S, p. 38).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.synthesis.regression.column_functions import Learned, apply_column_function, learn_column_function
from evenhand.synthesis.regression.model_formula import ELEMENTWISE, ModelFormula, Variable, parse_model_formula
from evenhand.synthesis.regression.moderator_columns import Column, ModeratorData, level_text, read_columns

# A column that its predecessors explain but for this share of its length is collinear.
_COLLINEAR = 1e-7
INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True, eq=False)
class _Coding:
    """How one variable becomes columns, in the fitted studies and in new ones alike."""

    variable: Variable
    levels: tuple[str, ...] = ()  # of a category, the reference first; empty for numbers
    learned: Learned | None = None  # of a function of the whole column


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DesignMatrix:
    """X of shape (k, p), and how each of its columns came about."""

    formula: ModelFormula
    matrix: Floats  # (k, p), of the studies that are complete
    names: tuple[str, ...]  # (p,) of the coefficients
    term_of: tuple[int, ...]  # (p,) 0 for the intercept, else 1 + index of the term in `formula.terms`
    kept: tuple[int, ...]  # (k,) the studies that are complete, counted from 0 in the data as given
    left_out: tuple[tuple[int, str], ...]  # study and column for each missing value
    dropped: tuple[str, ...]  # collinear columns that were left out of X
    codings: tuple[_Coding, ...]
    full_levels: tuple[tuple[bool, ...], ...]  # for each term and its variables: all levels, or contrasts
    columns_kept: tuple[int, ...]  # of all columns before collinear ones were dropped

    @property
    def has_intercept(self) -> bool:
        """Whether there is a column of ones of its own."""
        return 0 in self.term_of

    @property
    def spans_intercept(self) -> bool:
        """Whether some mixture of the columns is all ones, as with all levels of a category."""
        ones = np.ones(len(self.kept))
        fitted = self.matrix @ np.linalg.lstsq(self.matrix, ones, rcond=None)[0]
        return bool(np.abs(fitted - 1.0).max() < 1e-8)

    def columns_of(self, term: str) -> tuple[int, ...]:
        """Which columns belong to a coefficient or a term, named as the formula has it.

        Raises
        ------
        ValueError
            Naming the terms there are.
        """
        if term in self.names:
            return (self.names.index(term),)
        labels = [INTERCEPT, *(self.formula.label(t) for t in self.formula.terms)]
        if term in labels:
            found = tuple(j for j, of in enumerate(self.term_of) if of == labels.index(term))
            if found:
                return found
        raise ValueError(f"'{term}' is neither a coefficient nor a term; there are {', '.join([*self.names, *labels])}")

    def for_new(self, data: ModeratorData) -> Floats:
        """X at other values of the moderators, with the levels, knots and means of the fitted studies.

        Raises
        ------
        ValueError
            Where a column is not there, a value is missing or a level was not fitted.
        """
        columns = read_columns(_spread_out(data), self.formula.columns)
        for column in columns.values():
            for i in column.missing:
                raise ValueError(f"column '{column.name}', row {i}: missing; a prediction needs a value")
        k = next((column.size for column in columns.values()), 1)
        matrix, _, _ = _all_columns(self.formula, self.codings, self.full_levels, columns, k)
        return matrix[:, list(self.columns_kept)]


def design_matrix(
    formula: str | ModelFormula,
    data: ModeratorData,
    *,
    k: int,
    reference: Mapping[str, object] | None = None,
    missing: str = "leave out",
    collinear: str = "drop",
    also_missing: Sequence[tuple[int, str]] = (),
) -> DesignMatrix:
    """The design matrix of a formula.

    Parameters
    ----------
    formula : str or ModelFormula
        As in '~ ablat + factor(alloc)'.
    data : mapping, data frame or sequence of records
        The moderators, `k` values a column.
    k : int
        Studies.
    reference : mapping, optional
        Column to the level against which its others are compared; the first in order where nothing is said.
    missing : 'leave out' or 'refuse'
        What to do with a study that lacks a moderator.
    collinear : 'drop' or 'refuse'
        What to do with a column that the columns before it explain.
    also_missing : sequence of (study, column)
        Studies to leave out for other reasons, such as a missing effect.

    Raises
    ------
    ValueError
        Naming study or column, its value and the mend.
    """
    model = parse_model_formula(formula) if isinstance(formula, str) else formula
    if missing not in ("leave out", "refuse") or collinear not in ("drop", "refuse"):
        raise ValueError(f"missing '{missing}' is 'leave out' or 'refuse'; collinear '{collinear}' 'drop' or 'refuse'")
    if not model.intercept and not model.terms:
        raise ValueError(f"'{model.text}' has neither an intercept nor a term: nothing to estimate. Mend: write ~ 1")
    columns = read_columns(data, model.columns)
    for column in columns.values():
        if column.size != k:
            raise ValueError(f"column '{column.name}' has {column.size} values for {k} studies")
    gaps = sorted({*also_missing, *((i, column.name) for column in columns.values() for i in column.missing)})
    if gaps and missing == "refuse":
        named = "; ".join(f"study {i} has no {name}" for i, name in gaps)
        raise ValueError(f"missing values: {named}. Mend: fill them in, or leave these studies out")
    without = {i for i, _ in gaps}
    kept = [i for i in range(k) if i not in without]
    if not kept:
        raise ValueError(f"no study is complete: {', '.join(f'study {i} has no {name}' for i, name in gaps)}")
    complete = {name: _rows(column, kept) for name, column in columns.items()}
    codings = tuple(_coding(variable, complete, dict(reference or {})) for variable in model.variables)
    for name in reference or {}:
        if name not in model.columns:
            raise ValueError(f"reference for '{name}', which is not in '{model.text}'")
    full_levels = _full_levels(model, codings)
    matrix, names, term_of = _all_columns(model, codings, full_levels, complete, len(kept))
    independent = _independent(matrix)
    dropped = tuple(names[j] for j in range(len(names)) if j not in independent)
    if dropped and collinear == "refuse":
        raise ValueError(
            f"columns {', '.join(dropped)} follow from the columns before them among {len(kept)} studies. "
            "Mend: take a term out of the formula"
        )
    return DesignMatrix(
        formula=model,
        matrix=matrix[:, independent],
        names=tuple(names[j] for j in independent),
        term_of=tuple(term_of[j] for j in independent),
        kept=tuple(kept),
        left_out=tuple(gaps),
        dropped=dropped,
        codings=codings,
        full_levels=full_levels,
        columns_kept=tuple(independent),
    )


def _rows(column: Column, kept: Sequence[int]) -> Column:
    if column.numbers is not None:
        return Column(column.name, column.numbers[list(kept)], None)
    labels = tuple((column.labels or ())[i] for i in kept)
    # A level that no complete study has would be a column of zeros.
    return Column(column.name, None, labels, tuple(level for level in column.levels if level in labels))


def _coding(variable: Variable, columns: Mapping[str, Column], reference: dict[str, object]) -> _Coding:
    """What the fitted studies teach about a variable."""
    column = columns[variable.columns[0]]
    if variable.function == "factor" or (variable.function is None and column.numbers is None):
        levels = _labels(column)[1]
        first = reference.get(column.name)
        if first is not None:
            text = level_text(first)
            if text not in levels:
                raise ValueError(f"reference '{text}' of '{column.name}': its levels are {', '.join(levels)}")
            levels = (text, *(level for level in levels if level != text))
        return _Coding(variable, levels)
    if column.name in reference and variable.function is None:
        raise ValueError(f"reference for '{column.name}', which has numbers: write factor({column.name}) for levels")
    for name in variable.columns:
        if columns[name].numbers is None:
            raise ValueError(f"{variable.label}: column '{name}' has text where numbers are due")
    if variable.function in (None, *ELEMENTWISE):
        return _Coding(variable)
    options = {name: float(value) for name, value in variable.options}
    numbers = columns[variable.columns[0]].numbers
    assert numbers is not None  # noqa: S101 - checked above, told to the type checker
    return _Coding(variable, (), learn_column_function(str(variable.function), variable.label, options, numbers))


def _labels(column: Column) -> tuple[tuple[str | None, ...], tuple[str, ...]]:
    """A column as categories; numbers keep the order of numbers."""
    if column.numbers is None:
        return column.labels or (), column.levels
    return (
        tuple(level_text(value) for value in column.numbers),
        tuple(level_text(value) for value in np.unique(column.numbers)),
    )


def _full_levels(model: ModelFormula, codings: Sequence[_Coding]) -> tuple[tuple[bool, ...], ...]:
    """For each term and each of its variables, whether a category shows all its levels."""
    full = []
    for t, term in enumerate(model.terms):
        earlier = [set(other) for other in model.terms[:t]]
        rest = [set(term) - {variable} for variable in term]
        full.append([bool(margin) and not any(margin <= other for other in earlier) for margin in rest])
    if not model.intercept:
        first = next(
            ((t, v) for t, term in enumerate(model.terms) for v, i in enumerate(term) if codings[i].levels), None
        )
        if first is not None:
            full[first[0]][first[1]] = True
    return tuple(tuple(flags) for flags in full)


def _all_columns(
    model: ModelFormula,
    codings: Sequence[_Coding],
    full_levels: Sequence[Sequence[bool]],
    columns: Mapping[str, Column],
    k: int,
) -> tuple[Floats, list[str], list[int]]:
    """Every column before collinear ones are dropped, with its name and term."""
    blocks = [np.ones((k, 1))] if model.intercept else []
    names = [INTERCEPT] if model.intercept else []
    term_of = [0] if model.intercept else []
    for t, (term, flags) in enumerate(zip(model.terms, full_levels, strict=True)):
        block, block_names = np.ones((k, 1)), [""]
        for i, full in zip(term, flags, strict=True):
            own, own_names = _variable_columns(codings[i], columns, full=full)
            # The first variable's columns run fastest, as in every printed table of coefficients.
            block = (own[:, :, None] * block[:, None, :]).reshape(k, -1)
            block_names = [f"{a}:{b}" if a else b for b in own_names for a in block_names]
        blocks.append(block)
        names += block_names
        term_of += [t + 1] * len(block_names)
    return np.concatenate(blocks, axis=1), names, term_of


def _variable_columns(coding: _Coding, columns: Mapping[str, Column], *, full: bool) -> tuple[Floats, list[str]]:
    variable = coding.variable
    column = columns[variable.columns[0]]
    if coding.levels:
        labels, _ = _labels(column)
        for i, label in enumerate(labels):
            if label not in coding.levels:
                listed = ", ".join(coding.levels)
                raise ValueError(f"column '{column.name}', row {i}: level '{label}' was not fitted; there are {listed}")
        shown = coding.levels if full else coding.levels[1:]
        array = np.array([[float(label == level) for level in shown] for label in labels])
        return array.reshape(len(labels), len(shown)), [f"{variable.label}{level}" for level in shown]
    arrays = {}
    for x, name in enumerate(variable.columns):
        numbers = columns[name].numbers
        if numbers is None:
            raise ValueError(f"{variable.label}: column '{name}' has text where numbers are due")
        arrays[f"x{x}"] = numbers
    if coding.learned is not None:
        found = apply_column_function(coding.learned, arrays["x0"])
        return found, [f"{variable.label}{suffix}" for suffix in coding.learned.suffixes]
    if variable.arithmetic is None:
        return arrays["x0"][:, None], [variable.label]
    with np.errstate(all="ignore"):
        values = ELEMENTWISE[str(variable.function)](variable.arithmetic.evaluate(arrays))
    for row in np.flatnonzero(~np.isfinite(values)).tolist():
        at = ", ".join(f"{name} = {arrays[f'x{x}'][row]:g}" for x, name in enumerate(variable.columns))
        raise ValueError(f"{variable.label} is not a finite number at row {row}, where {at}")
    return values[:, None], [variable.label]


def _independent(matrix: Floats) -> list[int]:
    """Columns, from the left, that do not follow from the kept columns before them."""
    basis = np.zeros((matrix.shape[0], 0))
    kept = []
    for j in range(matrix.shape[1]):
        column = matrix[:, j]
        length = float(np.linalg.norm(column))
        rest = column / length if length > 0 else column
        for _ in range(2):  # a second pass takes away what rounding left of the first
            rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > _COLLINEAR:
            basis = np.column_stack([basis, rest / size])
            kept.append(j)
    return kept


def _spread_out(data: ModeratorData) -> ModeratorData:
    """A single value a column is as good as a list of one, and stands beside longer ones."""
    if not isinstance(data, Mapping):
        return data
    sizes = {name: len(v) for name, v in data.items() if hasattr(v, "__len__") and not isinstance(v, str)}
    longest = max(sizes.values(), default=1)
    return {name: value if name in sizes else [value] * longest for name, value in data.items()}
