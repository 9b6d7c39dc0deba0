"""Every word that a scenario may use for an iPhone is understood, and every other is refused by name."""

from __future__ import annotations

import pytest

from provisioning.errors import UsageError
from provisioning.virtual.iphone import lockdownd, mcinstall, mdm_queries, usbmuxd
from provisioning.virtual.iphone.vocabulary import MESSAGES, OPTIONS, STATE_ALIASES, state_word, understood
from provisioning.virtual.scenario import parse_fault

SPELLINGS = (
    "trust-dialog late=30", "trust-dialog polls=3", "late-dialog", "denied", "MCProtected", "activation-lock",
    "keybag-migration seconds=300", "unplug at=InstallProfileSilent", "unplug at=browse back=2", "erase seconds=30",
    "stall at=TLS", "stalled-tls", "silent-lockdown", "browse-error", "error at=Browse", "usbmuxd-restart at=GetValue",
    "usbmuxd-restart after=2", "offloaded app=a.b", "web-clip url=/", "side-loaded app=a.b", "many-apps count=250",
    "unknown-profile", "profile-removed id=a.b", "remove-profile at=Browse id=a.b", "clock-skew seconds=86400",
    "renamed name=Jo", "device-id-change", "replug", "stall at=Browse seconds=60", "garbage at=Escalate", "ade",
    'stall at="StartService com.apple.mobile.MCInstall"', "no-network", "mdm-refuses", "mdm-slow seconds=20", "mdm-tls",
    "lockdown-mode", "locked until=5", "not-on-cable until=5", "stall at=*", "placeholder-app app=a.b", "find-my",
)  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_what_people_write_is_understood(text: str) -> None:
    fault = understood(parse_fault(text))
    assert fault.name in OPTIONS
    assert fault.at in ("", "*") or fault.at.split(" ")[0] in MESSAGES


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("gremlins", "gremlins"),
        ("unplg at=Browse", "did you mean “unplug”"),
        ("stall at=Brwose", "did you mean “Browse”"),
        ("stall at=Browse secs=3", "no option “secs”"),
        ("trust-dialog at=Pair", "no option “at”"),
        ('stall at="Browse now"', "is no message"),
        ("stall at=Browse seconds=long", "is not a number of seconds"),
        ("stall at=Browse seconds=-1", "no time that can be waited for"),
        ("unplug at=Browse times=once", "is not a whole number"),
    ],
)
def test_what_is_not_understood_is_named(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        understood(parse_fault(text))


def test_the_messages_are_those_that_the_daemons_answer() -> None:
    tables = [lockdownd._HANDLERS, mcinstall._COMMANDS, mdm_queries.QUERIES, usbmuxd._HANDLERS]  # pyright: ignore[reportPrivateUsage]
    answered = {name for table in tables for name in table}
    assert answered <= MESSAGES
    assert {"Browse", "Lookup", "getIconState", "Connect", "TLS"} <= MESSAGES


def test_states_have_further_names() -> None:
    assert state_word("Set_Up") == "set-up"
    assert state_word("activation-lock") == "activation-locked"
    assert state_word("asleep") == "asleep"
    assert all(state_word(name) == name for name in STATE_ALIASES.values())
