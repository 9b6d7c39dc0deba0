"""Which declarations go with which items: each text once, so that one signature can stand for items on different terms.

Handsets are under the officer's declaration with the words of their policy, each kind of other thing under its own
terms, and whatever was asked for besides holds for all. The clauses are ticked by whoever signs; see :func:`ticked`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.receipts.declaration import DEFAULT_LANGUAGE, Declaration, load_declaration
from provisioning.receipts.items import ItemKind, OtherItem
from provisioning.receipts.policy_words import policy_words
from provisioning.receipts.receipt import Declared

HANDSETS = "handset-handover"
"""The declaration that goes with every handset; the policy's own words are put into it."""
NO_HANDSET = "items-handover"
"""What holds for all items where none of them is a handset."""


@dataclass(frozen=True, slots=True)
class HandsetTerms:
    """Under which policy a handset goes out, that policy's own words, and the declaration if not the usual one."""

    policy: str
    words: str = ""
    declaration: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The texts to be shown and ticked, and for each handset and each other item the reference of its own.

    A reference is empty where one text is all there is: it holds for every item.
    """

    declarations: tuple[Declaration, ...]
    of_handsets: tuple[str, ...]
    of_others: tuple[str, ...]


def terms_of_kind(what: ItemKind) -> str:
    """Give the declaration that goes with a kind of item, if no other was asked for."""
    return f"item-{what}"


def terms_for(
    handsets: Sequence[HandsetTerms],
    others: Sequence[OtherItem],
    language: str = DEFAULT_LANGUAGE,
    *,
    for_all: Sequence[str] = (),
    folders: Sequence[Path] = (),
) -> Terms:
    """Collect the declarations for a handover. An item whose ``terms`` are set is under that declaration.

    Raises FileError where a text is not there in this language, UsageError where a policy's words are not.
    """
    differ = len({one.words for one in handsets}) > 1
    texts: dict[str, Declaration] = {}

    def add(wanted: str, words: str = "", policy: str = "") -> str:
        text = load_declaration(wanted, language, folders=folders)
        text = replace(text.under_policy(policy_words(words, language, folders)), policy=policy)
        return texts.setdefault(text.reference, text).reference

    of_handsets = [
        add(one.declaration or HANDSETS, one.words, one.policy if differ and one.words else "") for one in handsets
    ]
    if not handsets:
        add(NO_HANDSET)
    for wanted in for_all:
        add(wanted)
    of_others = [add(one.terms or terms_of_kind(one.what)) for one in others]
    if len(texts) == 1:
        return Terms(tuple(texts.values()), ("",) * len(of_handsets), ("",) * len(of_others))
    return Terms(tuple(texts.values()), tuple(of_handsets), tuple(of_others))


def ticked(terms: Terms, ticks: Mapping[str, Collection[str]] | None = None) -> tuple[Declared, ...]:
    """Give the declarations as they stand on the receipt: ``ticks`` has clause ids by reference, None: all were.

    Raises UsageError for a declaration or clause that was not shown.
    """
    if ticks is None:
        return tuple(text.declared() for text in terms.declarations)
    if strange := ticks.keys() - {text.reference for text in terms.declarations}:
        raise UsageError(f"“{one_line(min(strange), 80)}” was not among the declarations. Show them again.")
    try:
        return tuple(text.declared(ticks.get(text.reference, ())) for text in terms.declarations)
    except ValueError as error:
        raise UsageError("A clause was ticked that was not shown. Show the declarations again.") from error
