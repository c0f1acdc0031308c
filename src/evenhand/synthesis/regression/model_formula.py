"""Model formulas as statisticians write them, parsed here and never run as code.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

    formula  = [ "~" ] sum
    sum      = [ "+" | "-" ] product { ("+" | "-") product }
    product  = cell { ("*" | "/") cell }
    cell     = power { (":" | "%in%") power }
    power    = atom [ "^" whole number ]
    atom     = "0" | "1" | column | column in `backticks` | function "(" … ")" | "(" sum ")"

`a * b` is `a + b + a:b`, `a / b` is `a + a:b`, `(a + b)^2` has all interactions of two, and `- a` takes a term out
again (Wilkinson & Rogers 1973, Appl. Stat. 22, 392-399). What stands inside a function is arithmetic.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evenhand.distributions import Floats
from evenhand.dossier.formula import Formula, FormulaError, parse_formula
from evenhand.dossier.nearest import mend_of_name

LONGEST = 2000  # characters
DEEPEST = 50  # brackets within each other
MOST_TERMS = 500

# Functions of one argument, applied study by study to arithmetic over the columns.
ELEMENTWISE: Mapping[str, Callable[[Floats], Floats]] = {
    "I": lambda x: x,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
}
# Functions that look at the whole column before they give one or more columns of their own.
OF_THE_COLUMN = ("factor", "poly", "rcs", "center", "scale")
_ALLOWED = (
    f"a model formula has column names, + - * : / ^, brackets, and {', '.join([*ELEMENTWISE, *OF_THE_COLUMN])} only"
)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d][\w.]*)|`(?P<quoted>[^`]+)`|(?P<sign>\*\*|%in%|[-+*/:^(),=~])|(?P<end>\Z))"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the data, or a function of one or more: what terms are made of."""

    label: str  # 'alloc', 'I(ablat^2)', 'poly(ablat, 2)'
    function: str | None  # 'log', 'poly'; None for the column as it is
    columns: tuple[str, ...]  # names of the data's columns it reads
    arithmetic: Formula | None = None  # over x0, x1, … in the order of `columns`
    options: tuple[tuple[str, float | str], ...] = ()  # (('degree', 2.0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFormula:
    """The right-hand side of a model: which terms, of which variables, and whether there is an intercept."""

    text: str
    intercept: bool
    variables: tuple[Variable, ...]  # in the order in which they first occur
    terms: tuple[tuple[int, ...], ...]  # indices of variables; main effects first, then interactions by order

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the data that the formula reads."""
        return tuple(dict.fromkeys(column for variable in self.variables for column in variable.columns))

    def label(self, term: tuple[int, ...]) -> str:
        """A term as it is written, 'ablat:alloc'."""
        return ":".join(self.variables[i].label for i in term)


def parse_model_formula(text: str) -> ModelFormula:
    """Parse a model formula such as '~ ablat * alloc + I(year^2)'.

    Raises
    ------
    FormulaError
        A `ValueError` that names the character at which the formula stops making sense, and the mend.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"a formula of more than {LONGEST} characters", "name its terms as columns", LONGEST)
    parser = _Parser(text)
    found = parser.formula()
    # Terms of lower order stand first, each order as written, so that a table reads main effects before interactions.
    terms = sorted((tuple(sorted(term)) for term in found if term), key=len)
    return ModelFormula(
        text=text.strip(), intercept=frozenset() in found, variables=tuple(parser.variables), terms=tuple(terms)
    )


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # 'number', 'name', 'end', or the sign itself
    text: str
    start: int
    stop: int


_Terms = dict[frozenset[int], None]  # a set that keeps its order; the empty term is the intercept


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            place = position + len(text[position:]) - len(text[position:].lstrip())
            mend = {"|": "write interactions with ':'", "−": "write the minus as -"}.get(text[place], _ALLOWED)
            raise _error(f"'{text[place]}' does not belong in a model formula", mend, place)
        kind = str(found.lastgroup)
        name = "name" if kind == "quoted" else kind
        tokens.append(_Token(found.group(kind) if kind == "sign" else name, found.group(kind), *found.span(kind)))
        if kind == "end":
            return tokens
        position = found.end()


def _error(problem: str, mend: str, position: int) -> FormulaError:
    """The fault with its mend in the text, as nobody above reads it from a field."""
    fault = FormulaError(problem, mend, position)
    fault.args = (f"{problem} at character {position + 1}. Mend: {mend}.",)
    return fault


class _Parser:
    """Recursive descent, one method a line of the grammar; every method gives a set of terms."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self.variables: list[Variable] = []

    def formula(self) -> _Terms:
        if self._next.kind == "~":
            self._take()
        elif any(token.kind == "~" for token in self._tokens):
            raise _error("a left-hand side", "write only what follows the ~; effects come as yi and vi", 0)
        terms: _Terms = {frozenset(): None}
        if self._next.kind != "end":
            terms = self._sum(terms)
        end = self._take()
        if end.kind != "end":
            raise _error(f"'{end.text}' stands where a sign is due", "write + between terms", end.start)
        return terms

    def _sum(self, terms: _Terms) -> _Terms:
        adds = True
        if self._next.kind in ("+", "-"):
            adds = self._take().kind == "+"
        while True:
            zero = self._next.kind == "number" and float(self._next.text) == 0
            found = self._product()
            # '+ 0' and '- 1' both take the intercept out; '- 0' would put it in.
            if zero:
                found, adds = {frozenset(): None}, not adds
            terms = terms | found if adds else {term: None for term in terms if term not in found}
            self._few_enough(terms)
            if self._next.kind not in ("+", "-"):
                return terms
            adds = self._take().kind == "+"

    def _product(self) -> _Terms:
        left = self._cell()
        while self._next.kind in ("*", "/"):
            crossed = self._take().kind == "*"
            right = self._cell()
            if crossed:
                left = left | right | _interaction(left, right)
            else:
                within = frozenset().union(*left)
                left = left | {within | term: None for term in right}
            self._few_enough(left)
        return left

    def _cell(self) -> _Terms:
        left = self._power()
        while self._next.kind in (":", "%in%"):
            self._take()
            left = _interaction(left, self._power())
            self._few_enough(left)
        return left

    def _power(self) -> _Terms:
        start = self._next.start
        base = self._atom()
        if self._next.kind not in ("^", "**"):
            return base
        self._take()
        exponent = self._take()
        if exponent.kind != "number" or not exponent.text.isdigit() or int(exponent.text) < 1:
            raise _error(
                f"'{exponent.text}' is no whole power", "write ^2 or ^3 after a bracket of terms", exponent.start
            )
        if len(base) == 1:
            written = self._text[start : exponent.start].strip(" ^*")
            mend = f"write I({written}^{exponent.text}) for a power, or poly({written}, {exponent.text})"
            raise _error(f"'{written}^{exponent.text}' outside I() would be '{written}' itself", mend, start)
        power = base
        for _ in range(min(int(exponent.text), len(base)) - 1):
            power = power | _interaction(power, base)
            self._few_enough(power)
        return power

    def _atom(self) -> _Terms:
        token = self._take()
        if token.kind == "number":
            if float(token.text) in (0.0, 1.0):
                return {frozenset(): None}
            raise _error(f"the number {token.text} is no term", "write arithmetic inside I(…)", token.start)
        if token.kind == "(":
            self._depth += 1
            if self._depth > DEEPEST:
                raise _error(f"more than {DEEPEST} brackets within each other", "write the terms out", token.start)
            terms = self._sum({})
            self._close(token)
            self._depth -= 1
            return terms
        if token.kind == "name":
            variable = self._call(token) if self._next.kind == "(" else Variable(token.text, None, (token.text,))
            if variable not in self.variables:
                self.variables.append(variable)
            return {frozenset([self.variables.index(variable)]): None}
        what = "the formula ends" if token.kind == "end" else f"'{token.text}' stands"
        raise _error(f"{what} where a column is due", _ALLOWED, token.start)

    def _call(self, name: _Token) -> Variable:
        if name.text not in ELEMENTWISE and name.text not in OF_THE_COLUMN:
            known = [*ELEMENTWISE, *OF_THE_COLUMN]
            mend = mend_of_name(name.text, known, "make it a column of the data first")
            raise _error(f"'{name.text}' is not a function here", mend, name.start)
        arguments = self._arguments()
        label = f"{name.text}({', '.join(_written(argument) for argument in arguments)})"
        if name.text in ELEMENTWISE:
            if len(arguments) != 1:
                raise _error(f"'{name.text}' has {len(arguments)} arguments", "give it one", name.start)
            columns, arithmetic = _arithmetic(self._text, arguments[0])
            return Variable(label, name.text, columns, arithmetic)
        first, *others = arguments
        if len(first) != 1 or first[0].kind != "name":
            raise _error(f"'{name.text}' takes a column first", f"write {name.text}(column)", name.start)
        return Variable(label, name.text, (first[0].text,), None, _options(name, others))

    def _arguments(self) -> list[list[_Token]]:
        """The tokens between the brackets of a function, split at its own commas."""
        opening = self._take()
        arguments: list[list[_Token]] = [[]]
        depth = 1
        while True:
            token = self._take()
            if token.kind == "end":
                raise _error("a bracket is never closed", "close it with ')'", opening.start)
            depth += {"(": 1, ")": -1}.get(token.kind, 0)
            if depth == 0:
                break
            if token.kind == "," and depth == 1:
                arguments.append([])
            else:
                arguments[-1].append(token)
        for argument in arguments:
            if not argument:
                raise _error("an argument is missing", "write it between the commas or brackets", opening.start)
        return arguments

    def _close(self, opening: _Token) -> None:
        token = self._take()
        if token.kind == "end":
            raise _error("a bracket is never closed", "close it with ')'", opening.start)
        if token.kind != ")":
            raise _error(f"'{token.text}' stands where a sign is due", "write + between terms", token.start)

    def _few_enough(self, terms: _Terms) -> None:
        """Terms double with every crossing: to be told before the memory is full."""
        if len(terms) > MOST_TERMS:
            raise _error(f"more than {MOST_TERMS} terms", "ask for fewer interactions", self._next.start)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _interaction(left: _Terms, right: _Terms) -> _Terms:
    return {a | b: None for a in left for b in right}


def _written(argument: list[_Token]) -> str:
    """An argument with the blanks that the field's tables have: round + - and *, none round / and ^."""
    parts = []
    for i, token in enumerate(argument):
        sign = token.kind in ("+", "-", "*") and i > 0 and argument[i - 1].kind in ("number", "name", ")")
        text = {"**": "^"}.get(token.kind, token.text)
        parts.append(f" {text} " if sign or token.kind == "=" else ", " if token.kind == "," else text)
    return "".join(parts)


def _arithmetic(text: str, argument: list[_Token]) -> tuple[tuple[str, ...], Formula]:
    """The columns that an arithmetic argument reads, and the argument over x0, x1, …"""
    names: dict[str, str] = {}
    parts = []
    for i, token in enumerate(argument):
        called = i + 1 < len(argument) and argument[i + 1].kind == "("
        if token.kind == "name" and not called:
            parts.append(names.setdefault(token.text, f"x{len(names)}"))
        else:
            parts.append("**" if token.kind == "^" else token.text)
    if not names:
        raise _error("a function of no column is a constant", "name a column inside it", argument[0].start)
    try:
        return tuple(names), parse_formula(" ".join(parts))
    except FormulaError as fault:
        written = text[argument[0].start : argument[-1].stop]
        raise _error(f"inside '{written}': {fault.problem}", fault.mend, argument[0].start) from None


# What each function of a whole column takes after it: name → default; None where it has to be given.
_TAKES: Mapping[str, Mapping[str, float | None]] = {
    "factor": {},
    "center": {},
    "scale": {},
    "poly": {"degree": 1.0, "raw": 0.0},
    "rcs": {"knots": 5.0},
}
_WORDS = {"TRUE": 1.0, "T": 1.0, "True": 1.0, "FALSE": 0.0, "F": 0.0, "False": 0.0}


def _options(name: _Token, arguments: list[list[_Token]]) -> tuple[tuple[str, float | str], ...]:
    """The named or positional numbers after a function's column."""
    takes = _TAKES[name.text]
    options = dict(takes)
    for position, argument in enumerate(arguments):
        key = list(takes)[position] if position < len(takes) else ""
        if len(argument) == 3 and argument[1].kind == "=":
            key, argument = argument[0].text, [argument[2]]
        token = argument[0]
        value = (
            _WORDS.get(token.text) if token.kind == "name" else float(token.text) if token.kind == "number" else None
        )
        if key not in takes or len(argument) != 1 or value is None:
            allowed = ", ".join(f"{option} = a number" for option in takes) or "nothing"
            raise _error(
                f"'{name.text}' has an argument it cannot read", f"it takes a column and {allowed}", token.start
            )
        options[key] = value
    return tuple((key, value) for key, value in options.items() if value is not None)
