"""Which columns an analysis needs, and what other programs call them.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report
"""

from collections.abc import Collection

from evenhand.dossier.csv_table import Columns
from evenhand.effects import MEASURES, Measure

# Other programs' names, spelt as `csv_table` spells: 'event.e' of one is 'event_e' here.
_ALIASES = {
    "study": ("studlab", "study_id", "studyid", "slab", "id", "trial", "author", "label"),
    "yi": ("te", "es", "effect_size"),
    "vi": ("var", "variance"),
    "sei": ("se", "sete", "se_te", "std_err"),
    "events_1": ("ai", "event_e", "events_e", "events_t", "event_1"),
    "nonevents_1": ("bi",),
    "n_1": ("n1i", "n_e", "n_t", "total_1"),
    "events_2": ("ci", "event_c", "events_c", "event_2"),
    "nonevents_2": ("di",),
    "n_2": ("n2i", "n_c", "total_2"),
    "mean_1": ("m1i", "mean_e", "mean_t"),
    "sd_1": ("sd1i", "sd_e", "sd_t"),
    "mean_2": ("m2i", "mean_c"),
    "sd_2": ("sd2i", "sd_c"),
    "time_1": ("t1i", "time_e", "time_t"),
    "time_2": ("t2i", "time_c"),
    "treatment": ("treat", "t"),
}
EFFECTS = (("yi", "vi"), ("yi", "sei"))


def columns_of(measure: Measure) -> tuple[str, ...]:
    """The columns from which a measure is computed: group 1 is treated, group 2 the control.

    >>> from evenhand.effects import MEASURES
    >>> columns_of(MEASURES["OR"])
    ('events_1', 'n_1', 'events_2', 'n_2')
    """
    return tuple(_column(argument) for argument in measure.arguments)


def _column(argument: str) -> str:
    for suffix, group in (("_t", "_1"), ("_c", "_2")):
        if argument.endswith(suffix):
            return argument.removesuffix(suffix) + group
    return argument


def has_arms(measure: Measure, header: Collection[str]) -> bool:
    """Whether all columns of a measure are there; people may be given as those with and those without the event."""
    return all(
        column in header or (column in ("n_1", "n_2") and f"nonevents_{column[-1]}" in header)
        for column in columns_of(measure)
    )


def has_effects(header: Collection[str]) -> bool:
    """Whether effects stand in the file with their variances or standard errors."""
    return any(all(column in header for column in columns) for columns in EFFECTS)


def is_long(header: Collection[str]) -> bool:
    """Whether there is one row an arm, as in a dossier's results.csv."""
    return {"study", "treatment"} <= set(header) and bool({"events", "mean", "percent", "n"} & set(header))


# At the end, as it asks the functions above what each measure needs. In all spellings: 'Events 1' is 'events_1'.
_NAMES = ("study", "yi", "vi", "sei", "outcome", "treatment", "comparator", "n", "events", "mean", "sd")
WIDE = Columns(
    known=(*_NAMES, *sorted({column for measure in MEASURES.values() for column in columns_of(measure)} - set(_NAMES))),
    required=(),
    aliases={other: ours for ours, others in _ALIASES.items() for other in others},
    keep_others=True,
)
