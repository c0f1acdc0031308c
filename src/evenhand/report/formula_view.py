"""A formula as it is printed in a book: ×, a true minus, powers raised, and every name by what it stands for.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]
"""

from collections.abc import Callable

from markupsafe import Markup

from evenhand.dossier.formula import Formula, FormulaError, parse_formula
from evenhand.messages import Message
from evenhand.outlook.absolute import Absolute
from evenhand.report.lookup import Lookup
from evenhand.report.voice import Voice

_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
_SIGNS = {
    "+": ("+", _SUM, _SUM),
    "-": ("−", _SUM, _PRODUCT),
    "*": ("×", _PRODUCT, _PRODUCT),
    "/": ("/", _PRODUCT, _POWER),
}
# Read aloud or copied as text, a raised figure would run into what it raises.
_RAISED = Markup('{}<sup><span class="unseen">^(</span>{}<span class="unseen">)</span></sup>')


def reason_view(lookup: Lookup, voice: Voice, absolute: Absolute) -> Markup:
    """Where a number comes from: in words first; a formula follows, drawn and with the inputs' own labels."""
    reason = absolute.reason
    text = reason.params.get("formula")
    if not isinstance(text, str):
        return voice.say(reason)
    try:
        formula = parse_formula(text)
    except FormulaError:
        return voice.say(reason)
    scenario = lookup.scenarios.get(absolute.scenario)
    values = scenario.values if scenario is not None else {}

    def named(name: str) -> Markup:
        # A scenario may set the name to a number, or point it at a parameter.
        value = values.get(name, name)
        if not isinstance(value, str):
            return Markup('<var><code lang="en" dir="ltr">{}</code> = {}</var>').format(name, voice.number(value))
        parameter = lookup.dossier.parameters.get(value)
        if parameter is None:
            return Markup('<var><code lang="en" dir="ltr">{}</code></var>').format(name)
        return Markup('<var><a href="#input-{}">{}</a></var>').format(parameter.name, voice.say(parameter.label))

    shown = Markup('<span class="formula" dir="ltr">{}</span>').format(formula_view(formula, named, voice.number))
    if reason.key == "outlook.reason.formula":
        return Markup("{} {}").format(voice.text("report.hands.formula"), shown)
    return voice.say(Message(reason.key, {**reason.params, "formula": shown}))


def formula_view(formula: Formula, named: Callable[[str], Markup], number: Callable[[float], Markup]) -> Markup:
    """The formula as HTML, with no more brackets than its meaning needs.

    Parameters
    ----------
    formula : Formula
    named : callable
        What stands for a variable.
    number : callable
        How a number is printed.
    """
    stack: list[tuple[Markup, int]] = []
    for step in formula.steps:
        if step.what == "number":
            stack.append((number(float(step.value)), _ATOM))
        elif step.what == "name":
            stack.append((named(str(step.value)), _ATOM))
        else:
            count = int(step.value)
            parts = stack[-count:]
            del stack[-count:]
            stack.append(_applied(step.what, parts))
    return stack.pop()[0]


def _applied(what: str, parts: list[tuple[Markup, int]]) -> tuple[Markup, int]:
    if what == "negative":
        return Markup("−{}").format(_bracketed(parts[0], _PRODUCT)), _SUM
    if what == "**":
        return _RAISED.format(_bracketed(parts[0], _ATOM), parts[1][0]), _POWER
    if what in _SIGNS:
        sign, binding, right = _SIGNS[what]
        return Markup("{} {} {}").format(_bracketed(parts[0], binding), sign, _bracketed(parts[1], right)), binding
    inside = Markup(", ").join(part for part, _ in parts)
    return Markup("{}({})").format(what, inside), _ATOM


def _bracketed(part: tuple[Markup, int], least: int) -> Markup:
    shown, binding = part
    return shown if binding >= least else Markup("({})").format(shown)
