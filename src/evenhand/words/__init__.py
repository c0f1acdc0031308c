"""Every word evenhand says to people, in one catalogue a language."""

from evenhand.words.catalogue import LANGUAGES, Catalogue, key_of

__all__ = ["LANGUAGES", "Catalogue", "key_of"]
