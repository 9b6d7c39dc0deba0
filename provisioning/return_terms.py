"""What is declared when things come back: no officer is made to agree to an erase of what is kept as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from provisioning.receipts.coming_back import NextState
from provisioning.receipts.declaration import DEFAULT_LANGUAGE, load_declaration
from provisioning.receipts.receipt import ReturnReason
from provisioning.return_reasons import MISSING, ReturnedHandset
from provisioning.terms import Terms

RETURN = "handset-return"
"""The declaration that goes with a handset that is given back."""
KEPT = "handset-return-kept"
"""The declaration that goes with one that is kept as evidence."""
NO_HANDSET = "items-return"
"""What is declared where no handset is among what is given back."""


def return_terms(
    handsets: Sequence[ReturnedHandset],
    others: int,
    reason: ReturnReason,
    language: str = DEFAULT_LANGUAGE,
    *,
    folders: Sequence[Path] = (),
) -> Terms:
    """Collect the declarations for a return; ``others`` is how many other items there are. None for what is missing.

    Raises FileError where a text is not there in this language.
    """
    if reason in MISSING:
        return Terms((), ("",) * len(handsets), ("",) * others)
    named = [KEPT if one.after is NextState.EVIDENCE_HOLD else RETURN for one in handsets] or [NO_HANDSET]
    texts = {name: load_declaration(name, language, folders=folders) for name in dict.fromkeys(named)}
    if len(texts) == 1:
        return Terms(tuple(texts.values()), ("",) * len(handsets), ("",) * others)
    return Terms(tuple(texts.values()), tuple(named), (RETURN,) * others)
