"""Tools for risk of bias: their domains and the judgements they know.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTool:
    """One tool. Words for its domains and judgements are in the catalogue, under `figures.bias`."""

    name: str  # 'RoB 2'
    key: str  # of its domains in the catalogue
    domains: tuple[str, ...]  # short names, as its own tables have them
    judgements: tuple[str, ...]  # from the least risk to the most, then those without an answer


ROB_2 = RiskTool(  # Sterne et al. (2019), BMJ 366, l4898
    name="RoB 2",
    key="rob_2",
    domains=("D1", "D2", "D3", "D4", "D5"),
    judgements=("low", "some concerns", "high", "no information"),
)
ROBINS_I_2016 = RiskTool(  # Sterne et al. (2016), BMJ 355, i4919
    name="ROBINS-I 2016",
    key="robins_i_2016",
    domains=("D1", "D2", "D3", "D4", "D5", "D6", "D7"),
    judgements=("low", "moderate", "serious", "critical", "no information"),
)
# Version 2 has no domain for deviations from the intervention, and knows a risk that is low but for confounding.
ROBINS_I_2025 = RiskTool(  # riskofbias.info, ROBINS-I V2
    name="ROBINS-I 2025",
    key="robins_i_2025",
    domains=("D1", "D2", "D3", "D4", "D5", "D6"),
    judgements=("low", "low except confounding", "moderate", "serious", "critical", "no information"),
)
QUADAS_2 = RiskTool(  # Whiting et al. (2011), Ann. Intern. Med. 155, 529-536
    name="QUADAS-2",
    key="quadas_2",
    domains=("D1", "D2", "D3", "D4"),
    judgements=("low", "high", "unclear"),
)
QUADAS_2_APPLICABILITY = RiskTool(
    name="QUADAS-2 applicability",
    key="quadas_2_applicability",
    domains=("A1", "A2", "A3"),
    judgements=("low", "high", "unclear"),
)
RISK_TOOLS = {tool.name: tool for tool in (ROB_2, ROBINS_I_2016, ROBINS_I_2025, QUADAS_2, QUADAS_2_APPLICABILITY)}

# What the spreadsheets of the field write, in lower case.
_OTHER_NAMES = {
    "some": "some concerns",
    "some concern": "some concerns",
    "unclear risk": "unclear",
    "low risk": "low",
    "high risk": "high",
    "moderate risk": "moderate",
    "serious risk": "serious",
    "critical risk": "critical",
    "ni": "no information",
    "no info": "no information",
    "low (except for concerns about uncontrolled confounding)": "low except confounding",
    "low except for concerns about uncontrolled confounding": "low except confounding",
}


def risk_tool(name: str) -> RiskTool:
    """A tool by its name.

    Raises
    ------
    ValueError
        For a name that is none of `RISK_TOOLS`.
    """
    if name not in RISK_TOOLS:
        raise ValueError(f"no tool '{name}'. Mend: give one of {', '.join(RISK_TOOLS)}.")
    return RISK_TOOLS[name]


def judged(
    judgements: Sequence[Sequence[str | None]], tool: RiskTool, names: Sequence[str], *, overall: bool
) -> tuple[tuple[str | None, ...], ...]:
    """Judgements in the tool's own words, one row a study, None where there is none.

    Raises
    ------
    ValueError
        Naming study and domain, for a judgement that the tool does not know or a row of another length.
    """
    columns = (*tool.domains, *(("overall",) if overall else ()))
    if len(judgements) != len(names):
        raise ValueError(f"there are judgements of {len(judgements)} studies, and {len(names)} studies.")
    rows = []
    for place, row in enumerate(judgements):
        if len(row) != len(columns):
            raise ValueError(
                f"study {place + 1} (index {place}, '{names[place]}') has {len(row)} judgements; {tool.name} needs "
                f"{len(columns)}: {', '.join(columns)}."
            )
        rows.append(tuple(_known(value, tool, names[place], place, at) for value, at in zip(row, columns, strict=True)))
    return tuple(rows)


def _known(value: str | None, tool: RiskTool, name: str, place: int, domain: str) -> str | None:
    if value is None or not str(value).strip():
        return None
    word = " ".join(str(value).lower().split())
    word = _OTHER_NAMES.get(word, word)
    if word not in tool.judgements:
        raise ValueError(
            f"study {place + 1} (index {place}, '{name}'), {domain}: '{value}' is no judgement of {tool.name}. "
            f"Mend: give one of {', '.join(tool.judgements)}."
        )
    return word
