"""A sentence not yet in any language: the catalogue's key, and what stands in its gaps.

Rooms of the line hand on messages, never sentences, so that every word for people is in `words/` once a language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """`key` names an entry of the catalogue; `params` are numbers, strings, `Words` or other messages."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


def message(key: str, **params: Any) -> Message:
    """`message("verdict.reason.very_low", k=1)`."""
    return Message(key, params)
