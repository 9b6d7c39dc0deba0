"""What a return receipt shows of a handset's way back: receipt, holder, what becomes of it, proof of an erase."""

from __future__ import annotations

from provisioning.receipts.coming_back import ComingBack
from provisioning.receipts.page_fact import MOST_LINES
from provisioning.receipts.page_text import printable
from provisioning.receipts.wording import Wording


def return_facts(back: ComingBack, words: Wording) -> list[tuple[str, str]]:
    """Give pairs of label and value, in the order in which they are shown."""
    facts = [(words.say("back", "after"), words.choose("back", "states", str(back.after)))]
    if back.issued_by:
        facts.append((words.say("back", "issued_by"), printable(back.issued_by, 40)))
    if back.holder:
        facts.append((words.say("back", "holder"), printable(back.holder, 64)))
    if back.lacks:
        lacks = ", ".join(printable(text, 120) for text in back.lacks[:MOST_LINES])
        facts.append((words.say("back", "lacks"), lacks))
    facts.append((words.say("back", "erased"), _erased(back, words)))
    return facts


def _erased(back: ComingBack, words: Wording) -> str:
    proof = back.erased
    if proof is None:
        return words.say("back", "not_erased")
    return words.say(
        "back",
        "erased_proof" if proof.ordered else "as_new_proof",
        time=proof.time.strftime("%Y-%m-%d %H:%M"),
        by=printable(proof.by, 80),
        entry=proof.entry,
        hash=proof.sha256[:16],
    )
