"""Phi: the correlation of two yes-or-no variables.

Pipeline: dossier → integrity → [effects] → synthesis → certainty → outlook → verdicts → report
"""

from typing import Literal

import numpy as np

from evenhand.distributions import Floats
from evenhand.effects.fisher_z import fisher_z
from evenhand.effects.measure import Kind, Measure
from evenhand.effects.scales import identity
from evenhand.effects.zero_cells import AS_COUNTED, ZeroCells, nan_where_undefined

Sampling = Literal["CS", "ST"]


def phi_coefficient(
    events_t: Floats,
    n_t: Floats,
    events_c: Floats,
    n_c: Floats,
    *,
    vtype: Sampling = "CS",
    zero_cells: ZeroCells = AS_COUNTED,
) -> tuple[Floats, Floats]:
    """Phi coefficient of a 2×2 table, and its sampling variance.

    Parameters
    ----------
    events_t, n_t, events_c, n_c : ndarray, shape (k,)
        Those with the one trait (or treated) who have the other (or the event), and all of them; then those without.
    vtype : {"CS", "ST"}
        How people were found: cross-sectional, all cells left to chance; stratified, `n_t` and `n_c` fixed by design.
    zero_cells : ZeroCells
        What is added to zero cells; by default nothing.

    Returns
    -------
    yi, vi : ndarray, shape (k,)
        Correlation, -1 to 1, and its variance; nan where a margin of the table is empty.

    References
    ----------
    Bishop, Fienberg & Holland (1975). Discrete Multivariate Analysis, ch. 11, for "CS"; the delta method on two
    binomials for "ST".
    """
    a, n1, c, n2 = zero_cells.in_two_arms(events_t, n_t, events_c, n_c)
    n = n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        row, column = n1 / n, (a + c) / n
        within_row, within_column = row * (1 - row), column * (1 - column)
        phi = (a / n - row * column) / np.sqrt(within_row * within_column)
        if vtype == "CS":
            lean_row, lean_column = (2 * row - 1) ** 2 / within_row, (2 * column - 1) ** 2 / within_column
            both = (2 * row - 1) * (2 * column - 1) / np.sqrt(within_row * within_column)
            vi = (1 - phi**2 + phi * (1 + phi**2 / 2) * both - 0.75 * phi**2 * (lean_row + lean_column)) / n
        elif vtype == "ST":
            p1, p2 = a / n1, c / n2
            # phi = (p1 - p2) √(row (1 - row)) / √(column (1 - column)), where column = row p1 + (1 - row) p2.
            scale, lean = np.sqrt(within_row / within_column), phi * (1 - 2 * column) / (2 * within_column)
            vi = (scale - row * lean) ** 2 * p1 * (1 - p1) / n1 + (scale + (1 - row) * lean) ** 2 * p2 * (1 - p2) / n2
        else:
            raise ValueError(f"phi: vtype is '{vtype}'; write 'CS' (cross-sectional) or 'ST' (stratified)")
    return nan_where_undefined(phi, vi)


def fisher_z_of_phi(
    events_t: Floats,
    n_t: Floats,
    events_c: Floats,
    n_c: Floats,
    *,
    vtype: Sampling = "CS",
    zero_cells: ZeroCells = AS_COUNTED,
) -> tuple[Floats, Floats]:
    """Fisher's z of the phi coefficient, and its sampling variance; arguments as in `phi_coefficient`."""
    return fisher_z(*phi_coefficient(events_t, n_t, events_c, n_c, vtype=vtype, zero_cells=zero_cells))


PHI_COEFFICIENT = Measure(
    name="PHI",
    label="effects.measure.PHI",
    kind=Kind.COUNTS,
    estimate=phi_coefficient,
    to_display=identity,
    from_display=identity,
    null=0.0,
    customary_zero_cells=AS_COUNTED,
)
FISHER_Z_OF_PHI = Measure(
    name="ZPHI",
    label="effects.measure.ZPHI",
    kind=Kind.COUNTS,
    estimate=fisher_z_of_phi,
    to_display=np.tanh,
    from_display=np.arctanh,
    null=0.0,
    customary_zero_cells=AS_COUNTED,
)
