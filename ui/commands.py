"""Every command of the window with its keys, in one table: shortcuts and the list under F1 read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Command(StrEnum):
    """What the window can be told by keys."""

    SEARCH = "search"
    NEXT_HANDS = "next hands"
    LOOK_AGAIN = "look again"
    PROVISION = "provision"
    PROVISION_ALL = "provision all"
    STOP = "stop"
    HAND_OVER = "hand over"
    TAKE_BACK = "take back"
    RECALLS = "recalls"
    SEAL = "seal"
    ENROLMENT_CODE = "enrolment code"
    BAYS = "bays"
    DESK = "desk"
    COUNTER = "counter"
    BATCH = "batch"
    LEDGER = "ledger"
    RETURNS = "returns"
    ROLLOUT = "rollout"
    FIND = "find"
    PRINT_QUEUE = "print queue"
    LABELS = "labels"
    UNPLUG = "unplug"
    ALOUD = "aloud"
    REFRESH = "refresh"
    BACK = "back"
    ON_PAPER = "on paper"
    LANGUAGE = "language"
    TECHNICIAN = "technician"
    LOCK = "lock"
    LARGER = "larger"
    SMALLER = "smaller"
    FIT = "fit"
    FROM_AFAR = "from afar"
    SCHEME = "scheme"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Keys:
    """``keys`` in Qt's portable form; a bare letter works wherever no text is being typed."""

    title: str
    keys: tuple[str, ...]


COMMANDS: dict[Command, Keys] = {
    Command.SEARCH: Keys("Find a handset or a receipt; or just scan", ("/", "Ctrl+F")),
    Command.NEXT_HANDS: Keys("Go to the next handset that needs you", ("F8",)),
    Command.LOOK_AGAIN: Keys("Look again at the chosen handset", ("R",)),
    Command.PROVISION: Keys("Provision the chosen handset", ("Ctrl+Return",)),
    Command.PROVISION_ALL: Keys("Provision every handset that is at rest", ("Ctrl+Shift+Return",)),
    Command.STOP: Keys("Stop work on the chosen handset", ("Ctrl+.",)),
    Command.HAND_OVER: Keys("Hand over the chosen handset", ("Ctrl+H",)),
    Command.TAKE_BACK: Keys("Take back: the chosen handset, or by a scan", ("Ctrl+Shift+R",)),
    Command.RECALLS: Keys("Who is to give everything back", ("Ctrl+Shift+O",)),
    Command.SEAL: Keys("Seal the chosen handset: close it to every computer", ("Ctrl+Shift+S",)),
    Command.ENROLMENT_CODE: Keys("Show the code that factory-fresh Androids scan", ("Ctrl+E",)),
    Command.BAYS: Keys("Show the map of the bays", ("Ctrl+B",)),
    Command.DESK: Keys("Show the desk", ("Ctrl+1",)),
    Command.COUNTER: Keys("Show the counter; or just scan an officer’s card", ("Ctrl+2",)),
    Command.BATCH: Keys("Show the batches", ("Ctrl+3",)),
    Command.LEDGER: Keys("Show the ledger", ("Ctrl+4",)),
    Command.RETURNS: Keys("Show the returns; or just scan a receipt that is out", ("Ctrl+5",)),
    Command.ROLLOUT: Keys("Show the rollout: figures and plots", ("Ctrl+6",)),
    Command.FIND: Keys("Find anything in the whole ledger", ("Ctrl+Shift+F",)),
    Command.PRINT_QUEUE: Keys("Show the print queue", ("Ctrl+Shift+P",)),
    Command.LABELS: Keys("Print labels for what is ready", ("Ctrl+L",)),
    Command.UNPLUG: Keys("Unplug what is ready, in the order of the bays", ("Ctrl+U",)),
    Command.ALOUD: Keys("How outcomes are told aloud", ("Ctrl+Shift+A",)),
    Command.REFRESH: Keys("Verify again at the counter; read the ledger or the figures again", ("F5",)),
    Command.BACK: Keys("One page back at the counter or a return", ("Alt+Left",)),
    Command.ON_PAPER: Keys("Hand over or take back; the officer signs on paper", ("F9",)),
    Command.LANGUAGE: Keys("The declaration in the other language", ("F6",)),
    Command.TECHNICIAN: Keys("Change the technician", ("F4",)),
    Command.LOCK: Keys("Sign out: lock the window until somebody signs in", ("Shift+F4",)),
    Command.LARGER: Keys("Larger cards", ("Ctrl++", "Ctrl+=")),
    Command.SMALLER: Keys("Smaller cards", ("Ctrl+-",)),
    Command.FIT: Keys("As large as lets all be seen", ("Ctrl+0",)),
    Command.FROM_AFAR: Keys("The wall alone, to be read from afar; and back", ("F11",)),
    Command.SCHEME: Keys("Light, dark, high contrast", ("Ctrl+Shift+L",)),
    Command.HELP: Keys("All that can be done here, and its keys", ("F1", "Ctrl+K")),
}
BARE = {keys.keys[0].casefold(): command for command, keys in COMMANDS.items() if len(keys.keys[0]) == 1}
"""Commands on a letter or sign without Ctrl; told apart from a scan by ``ui.scanner``."""
OTHER_KEYS = (
    ("Arrow keys, Home, End", "Move on the wall"),
    ("Tab, Shift+Tab", "Next or previous field"),
    ("Space", "Tick a statement and go to the next"),
    ("Return", "Go on at the counter; hand over once it is signed"),
    ("Esc", "Empty the search, then back to the wall; let a handset go: all that need you; close a dialog"),
)
