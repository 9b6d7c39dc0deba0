"""What keeps a printer from printing, each with its one sentence."""

from __future__ import annotations

from provisioning.errors import IssuingDeskError


class PrinterTrouble(IssuingDeskError):
    """Raised where nothing has been printed yet: absent, switched off, out of paper. Trying again does no harm."""


class PrinterStopped(IssuingDeskError):
    """Raised where some of a job may have come out, so that a person must look before it is sent again."""
