"""Every program that a virtual handset has."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.commands import (
    cmd,
    dumpsys,
    file_tools,
    parcel,
    properties_tools,
    system_tools,
    text_filters,
    text_tools,
    trade_in,
)
from provisioning.virtual.android.commands.recorded import with_recordings
from provisioning.virtual.android.shell.process import Program

PROGRAMS: Mapping[str, Program] = {
    name: with_recordings(program)
    for name, program in {
        **text_tools.PROGRAMS,
        **text_filters.PROGRAMS,
        **file_tools.PROGRAMS,
        **system_tools.PROGRAMS,
        **properties_tools.PROGRAMS,
        **parcel.PROGRAMS,
        **trade_in.PROGRAMS,
        **cmd.PROGRAMS,
        "dumpsys": dumpsys.run,
    }.items()
}
