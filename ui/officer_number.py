"""Look at an officer number before anything is asked of the engine: a slip is said beside the field. No Qt here."""

from __future__ import annotations

import unicodedata

from provisioning.plain_text import one_line

LONGEST = 40


def fault_of(text: str) -> str:
    """Say in one sentence what is wrong with an officer number as it was typed or scanned; "" if nothing is."""
    number = text.strip(" ")
    if not number:
        return "Enter the officer number: the warrant or pay number, not the collar number."
    unseen = [character for character in number if unicodedata.category(character)[0] == "C"]
    if unseen:
        return (
            f"The officer number holds a character that cannot be seen ({one_line(unseen[0])}). Type or scan it again."
        )
    if len(number) > LONGEST:
        return f"An officer number has at most {LONGEST} characters, this has {len(number)}. Type or scan it again."
    if not any(character.isalnum() for character in number):
        return "An officer number holds at least one letter or figure. Type or scan it again."
    return ""
