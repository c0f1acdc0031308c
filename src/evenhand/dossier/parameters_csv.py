"""parameters.csv: the named inputs of the formulas, each a distribution from its value, its limits and its support.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import math
import re
from collections.abc import Mapping

from evenhand.distributions import Distribution
from evenhand.dossier.cells import Cells
from evenhand.dossier.csv_table import Columns, read_table
from evenhand.dossier.formula import FUNCTIONS
from evenhand.dossier.ledger import Ledger
from evenhand.dossier.nearest import mend_of_word
from evenhand.dossier.records import Parameter, Words

FILE = "parameters.csv"
COLUMNS = Columns(
    known=(
        "name",
        "label",
        "label_ar",
        "value",
        "low",
        "high",
        "interval",
        "events",
        "n",
        "unit",
        "support",
        "kind",
        "source",
        "seen",
        "note",
    ),
    required=("name", "unit"),
    aliases={"parameter": "name", "lower": "low", "upper": "high", "ci_lower": "low", "ci_upper": "high"},
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_SUPPORTS: Mapping[str, tuple[float, float]] = {
    "0..1": (0.0, 1.0),
    ">0": (0.0, math.inf),
    "any": (-math.inf, math.inf),
}
_PROPORTIONS = frozenset({"proportion", "probability"})
_INTERVALS = {"": "95%", "95%": "95%", "95 %": "95%", "range": "range"}
_KINDS = ("estimate", "assumption")
_SEEN = ("read", "memory")
_COMPARE = "compare 'value', 'low' and 'high' with the source"


def read_parameters(content: bytes, ledger: Ledger) -> dict[str, Parameter]:
    """Every parameter that can be read, by name, in the order of the file."""
    table = read_table(content, COLUMNS, ledger)
    if table is None:
        return {}
    ledger.opens("parameter")
    lines: dict[str, int] = {}
    parameters = {}
    for row in table.rows:
        cells = Cells(row, ledger, decimal_comma=table.decimal_comma)
        name = cells.written("name")
        ledger.gives("parameter", [name])
        if not row.whole:
            continue
        if name in lines:
            cells.fault("name", f"the name stands in row {lines[name]} already", "one row a parameter")
        lines.setdefault(name, row.line)
        parameter = _parameter(cells)
        if parameter is not None and cells.ok:
            parameters[parameter.name] = parameter
    return parameters


def _parameter(cells: Cells) -> Parameter | None:
    name = _name(cells)
    unit = cells.text("unit")
    if unit is None:
        cells.fault("unit", "a figure without a unit", "write one, such as 'probability', 'mg' or 'weeks'")
    kind = _choice(cells, "kind", _KINDS)
    seen = _choice(cells, "seen", _SEEN)
    source = cells.reference("source", "source")
    if source is None and kind == "estimate" and seen == "read":
        cells.fault(
            "source",
            "a figure without a source",
            "write the key of an entry of sources.bib, or kind 'assumption' if the dossier chose it",
        )
    label = cells.words("label") or Words(name or "")
    figures = _figures(cells, (unit or "").casefold())
    if name is None or unit is None or figures is None or not cells.ok:
        return None
    value, low, high, distribution = figures
    return Parameter(
        name=name,
        label=label,
        distribution=distribution,
        value=value,
        low=low,
        high=high,
        unit=unit,
        kind=kind,
        verified=seen == "read",
        source=source,
        note=cells.text("note"),
        row=cells.line,
    )


def _name(cells: Cells) -> str | None:
    name = cells.written("name")
    if not name:
        cells.fault("name", "empty", "give the parameter a name that formulas can use")
    elif not NAME.fullmatch(name):
        cells.fault("name", "not a name", "letters A-Z and a-z, digits and '_', beginning with a letter, at most 64")
    elif name in FUNCTIONS:
        cells.fault("name", "the name of a function of formulas", "give the parameter another name")
    else:
        return name
    return None


def _choice(cells: Cells, column: str, choices: tuple[str, ...]) -> str:
    """One of `choices`; the first where the cell is empty."""
    written = cells.written(column).casefold()
    if written and written not in choices:
        cells.fault(column, "not one of its words", mend_of_word(written, choices))
    return written or choices[0]


def _figures(cells: Cells, unit: str) -> tuple[float, float | None, float | None, Distribution] | None:
    """Value, limits and distribution; None after noting why there is none."""
    support = _support(cells, unit)
    if cells.filled("events"):
        return _proportion(cells, support)
    if cells.filled("n"):
        cells.fault("events", "empty, though 'n' is filled", "fill 'events', or empty 'n'")
    value, low, high = cells.number("value"), cells.number("low"), cells.number("high")
    interval = _INTERVALS.get(cells.written("interval").casefold())
    if interval is None:
        cells.fault("interval", "not one of its words", "empty or '95%' for a 95 % interval, 'range' for limits")
    if not cells.filled("value"):
        cells.fault(
            "value", "no value", "fill 'value', or 'events' and 'n'; a parameter without a figure is no parameter"
        )
    for column, other in (("low", "high"), ("high", "low")):
        if cells.filled(column) and not cells.filled(other):
            cells.fault(other, f"empty, though '{column}' is filled", "give both limits or neither")
    if value is None or interval is None or support is None or not cells.ok:
        return None
    _check_order(cells, value, low, high)
    least, most = _SUPPORTS[support]
    for column, figure in (("value", value), ("low", low), ("high", high)):
        if figure is not None and not least <= figure <= most:
            cells.fault(column, f"outside its support {support}", f"{_COMPARE}, or set 'support'")
    if support == ">0" and value <= 0:
        cells.fault("value", "outside its support >0", f"{_COMPARE}, or set 'support'")
    if not cells.ok:
        return None
    try:
        return value, low, high, _distribution(value, low, high, support, interval)
    except ValueError as error:
        cells.fault("value", str(error).rstrip("."), _COMPARE)
        return None


def _distribution(value: float, low: float | None, high: float | None, support: str, interval: str) -> Distribution:
    from evenhand.distributions import Point, from_estimate

    if low is None or high is None or low == high:
        return Point(value)
    return from_estimate(value, low, high, support=support, interval=interval)


def _support(cells: Cells, unit: str) -> str | None:
    written = cells.written("support").replace(" ", "")
    if not written:
        return "0..1" if unit in _PROPORTIONS else "any"
    if written not in _SUPPORTS:
        cells.fault("support", "not one of its words", mend_of_word(written, _SUPPORTS))
        return None
    return written


def _check_order(cells: Cells, value: float, low: float | None, high: float | None) -> None:
    if low is not None and low > value:
        cells.fault("low", f"above the value {value:g}", _COMPARE)
    if high is not None and high < value:
        cells.fault("high", f"below the value {value:g}", _COMPARE)


def _proportion(cells: Cells, support: str | None) -> tuple[float, float | None, float | None, Distribution] | None:
    """A proportion with the uncertainty of its count."""
    events, n = cells.count("events"), cells.count("n", least=1)
    for column in ("value", "low", "high", "interval"):
        if cells.filled(column):
            cells.fault(column, "filled beside 'events' and 'n'", "empty it: the count says it all")
    if not cells.filled("n"):
        cells.fault("n", "events without the number of people behind them", "fill 'n'")
    if events is None or n is None:
        return None
    if events > n:
        cells.fault("events", f"{events} events among {n} people", "compare 'events' and 'n' with the source")
        return None
    if support is not None and cells.written("support") and support != "0..1":
        cells.fault("support", "a proportion of a count lies in 0..1", "empty it")
        return None
    from evenhand.distributions import Beta

    return events / n, None, None, Beta.from_count(events, n)
