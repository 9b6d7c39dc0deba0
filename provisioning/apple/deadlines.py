"""How long the engine waits for each kind of answer before it calls a handset silent, and why that long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds to wait, by what is waited for. pymobiledevice3 itself waits for ever nearly everywhere.

    Each figure is several times what is usual, so that reaching it means a fault, yet short enough that a
    technician is told while still standing there.
    """

    hub: float = 5.0
    """usbmuxd is a process on this machine; it answers in milliseconds or it hangs."""
    connect: float = 10.0
    """usbmuxd asks the handset to open a port: one USB round trip, slow while the handset wakes."""
    answer: float = 10.0
    """lockdownd and most services answer in milliseconds; a handset just woken needs a second or two."""
    handshake: float = 8.0
    """TLS with a 2048-bit RSA certificate. Shorter than the 10 s of pymobiledevice3, whose own expiry ends in a
    stray CancelledError and, with autopair, in pairing anew."""
    pair: float = 20.0
    """The handset makes an escrow bag and puts up its dialog before it answers."""
    configuration: float = 30.0
    """MCInstall writes its database at SetCloudConfiguration and while it lists profiles."""
    keybag: float = 310.0
    """ProceedWithKeybagMigration may take up to 300 s (the daemon's own limit, read in its decompilation)."""
    installation: float = 90.0
    """A profile with a web filter restarts services before it is acknowledged."""
    apps: float = 30.0
    """Between two messages of a Browse; the first comes only after the handset has opened its app database."""
    all_apps: float = 180.0
    """A whole Browse, so that a handset which drips one app a minute does not hold a bay for hours."""
    icons: float = 20.0
    """SpringBoard answers getIconState in one message of up to a few hundred kilobytes."""
    farewell: float = 1.0
    """Closing politely; after that the connection is cut."""
