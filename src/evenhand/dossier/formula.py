"""Arithmetic over named inputs, parsed here and never run as code.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report

    sum      = product { ("+" | "-") product }
    product  = signed { ("*" | "/") signed }
    signed   = "-" signed | power
    power    = atom [ "**" signed ]            so that -2 ** 2 = -4 and 2 ** 3 ** 2 = 2 ** 9
    atom     = number | name | name "(" sum { "," sum } ")" | "(" sum ")"
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evenhand.distributions import Floats
from evenhand.dossier.nearest import mend_of_name

LONGEST = 2000  # characters
DEEPEST = 50  # brackets, signs and powers within each other

# name → (fewest arguments, most arguments, function)
FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Any]]] = {
    "exp": (1, 1, np.exp),
    "log": (1, 1, np.log),
    "sqrt": (1, 1, np.sqrt),
    "min": (2, 20, lambda *values: _reduce(np.minimum, values)),
    "max": (2, 20, lambda *values: _reduce(np.maximum, values)),
}
_OPERATORS: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "+": (2, np.add),
    "-": (2, np.subtract),
    "*": (2, np.multiply),
    "/": (2, np.divide),
    "**": (2, np.power),
    "negative": (1, np.negative),
}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\*\*|[-+*/(),])|(?P<end>\Z))"
)
_MENDS = {
    "^": "write ** for a power",
    "−": "write the minus as -",
    "–": "write the minus as -",
    "×": "write * for times",
    "·": "write * for times",
    "÷": "write / for divided by",
    "%": "write a percentage as a number, 0.05 for 5 %",
    "=": "write only the right-hand side",
    "[": "write round brackets",
    "{": "write round brackets",
}
_ALLOWED = "a formula has numbers, names, + - * / **, brackets, exp, log, sqrt, min and max only"


class FormulaError(ValueError):
    """What is wrong with a formula, at which character, and the mend."""

    def __init__(self, problem: str, mend: str, position: int) -> None:
        super().__init__(f"{problem} at character {position + 1}")
        self.problem = problem
        self.mend = mend
        self.position = position  # from 0


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of evaluation: put a number or a variable on the stack, or apply a function to its top."""

    what: str  # 'number', 'name', or a function's or operator's name
    value: float | str | int  # the number, the variable, or how many arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A parsed formula.

    `names` are its variables in the order in which they first occur.
    """

    text: str
    names: tuple[str, ...]
    steps: tuple[_Step, ...] = field(repr=False)

    def evaluate(self, values: Mapping[str, "float | Floats"]) -> Floats:
        """The formula's value, elementwise.

        Parameters
        ----------
        values : mapping
            Every name to a number or an array; arrays broadcast against each other.

        Returns
        -------
        ndarray of float64
            Of the broadcast shape; `nan` or `inf` where arithmetic has no finite answer (0/0, log(0)), no exception.

        Raises
        ------
        KeyError
            A name has no value.
        """
        stack: list[Any] = []
        with np.errstate(all="ignore"):
            for step in self.steps:
                if step.what == "number":
                    stack.append(np.float64(step.value))
                elif step.what == "name":
                    stack.append(np.asarray(values[str(step.value)], dtype=np.float64))
                else:
                    count = int(step.value)
                    arguments = stack[-count:]
                    del stack[-count:]
                    stack.append(_function(step.what)(*arguments))
        return np.asarray(stack.pop(), dtype=np.float64)


def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Raises
    ------
    FormulaError
        At the first character that does not belong.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"a formula of more than {LONGEST} characters", "name parts of it as parameters", LONGEST)
    parser = _Parser(_tokens(text))
    parser.sum(0)
    parser.expect("end")
    names = dict.fromkeys(str(step.value) for step in parser.steps if step.what == "name")
    return Formula(text=text, names=tuple(names), steps=tuple(parser.steps))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # 'number', 'name', 'end', or the sign itself
    text: str
    position: int


def _tokens(text: str) -> list[_Token]:
    tokens = []
    position = 0
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            place = position + len(text[position:]) - len(text[position:].lstrip())
            char = text[place]
            raise FormulaError(f"'{char}' does not belong in a formula", _MENDS.get(char, _ALLOWED), place)
        kind = str(found.lastgroup)
        token = found.group(kind)
        tokens.append(_Token(token if kind == "sign" else kind, token, found.start(kind)))
        if kind == "end":
            return tokens
        position = found.end()


class _Parser:
    """Recursive descent, one method a line of the grammar; leaves the steps in the order of their evaluation."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self.steps: list[_Step] = []

    def sum(self, depth: int) -> None:
        self._product(depth)
        while self._next.kind in ("+", "-"):
            sign = self._take().kind
            self._product(depth)
            self.steps.append(_Step(sign, 2))

    def _product(self, depth: int) -> None:
        self._signed(depth)
        while self._next.kind in ("*", "/"):
            sign = self._take().kind
            self._signed(depth)
            self.steps.append(_Step(sign, 2))

    def _signed(self, depth: int) -> None:
        if depth > DEEPEST:
            problem = f"more than {DEEPEST} brackets, signs or powers within each other"
            raise FormulaError(problem, "name parts of the formula as parameters", self._next.position)
        if self._next.kind == "-":
            self._take()
            self._signed(depth + 1)
            self.steps.append(_Step("negative", 1))
        else:
            self._power(depth)

    def _power(self, depth: int) -> None:
        self._atom(depth)
        if self._next.kind == "**":
            self._take()
            self._signed(depth + 1)
            self.steps.append(_Step("**", 2))

    def _atom(self, depth: int) -> None:
        token = self._take()
        if token.kind == "number":
            value = float(token.text)
            if value == np.inf:
                raise FormulaError(f"{token.text} is too large a number", "check its exponent", token.position)
            self.steps.append(_Step("number", value))
        elif token.kind == "name" and self._next.kind == "(":
            self._call(token, depth)
        elif token.kind == "name" and token.text in FUNCTIONS:
            problem = f"'{token.text}' is a function and stands without its brackets"
            raise FormulaError(problem, f"write {token.text}(…)", token.position)
        elif token.kind == "name":
            self.steps.append(_Step("name", token.text))
        elif token.kind == "(":
            self.sum(depth + 1)
            self.expect(")")
        elif token.kind == "end":
            raise FormulaError("the formula ends where a number or name is due", _ALLOWED, token.position)
        else:
            raise FormulaError(f"'{token.text}' stands where a number or name is due", _ALLOWED, token.position)

    def _call(self, name: _Token, depth: int) -> None:
        if name.text not in FUNCTIONS:
            mend = mend_of_name(name.text, FUNCTIONS, "write * if a product is meant")
            raise FormulaError(f"'{name.text}' is not a function", mend, name.position)
        self.expect("(")
        count = 1
        self.sum(depth + 1)
        while self._next.kind == ",":
            self._take()
            self.sum(depth + 1)
            count += 1
        self.expect(")")
        fewest, most, _ = FUNCTIONS[name.text]
        if not fewest <= count <= most:
            wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            problem = f"'{name.text}' has {count} argument{'s' * (count != 1)}"
            raise FormulaError(problem, f"give it {wanted}", name.position)
        self.steps.append(_Step(name.text, count))

    def expect(self, kind: str) -> None:
        """Take the next token, which must be of this kind."""
        token = self._take()
        if token.kind == kind:
            return
        if token.kind == "end":
            raise FormulaError("a bracket is never closed", "close it with ')'", token.position)
        if token.kind in ("number", "name", "("):
            mend = "write the sign between the two, such as *"
        elif token.kind == ")":
            mend = "take it out, or open it before"
        else:
            mend = _ALLOWED
        raise FormulaError(f"'{token.text}' stands where a sign is due", mend, token.position)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        # The end may be asked for more than once.
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _function(name: str) -> Callable[..., Any]:
    return FUNCTIONS[name][2] if name in FUNCTIONS else _OPERATORS[name][1]


def _reduce(function: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    result = values[0]
    for value in values[1:]:
        result = function(result, value)
    return result
