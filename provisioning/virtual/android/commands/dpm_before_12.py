"""``dpm`` of Android 10 and 11: a program of its own (``cmds/dpm/…/Dpm.java``, ``BaseCommand.java``).

An exception is a stack trace on standard error and code 1, but an IllegalArgumentException is the usage, ``Error: …``
and code 0. There is no list-owners.
"""

from __future__ import annotations

from provisioning.virtual.android.commands.dpm import target
from provisioning.virtual.android.commands.java import Arguments, Thrown
from provisioning.virtual.android.commands.ownership import activate_admin, remove_admin, set_device_owner
from provisioning.virtual.android.shell.process import Process

_USAGE = """usage: dpm [subcommand] [options]
usage: dpm set-active-admin [ --user <USER_ID> | current ] <COMPONENT>
usage: dpm set-device-owner [ --user <USER_ID> | current *EXPERIMENTAL* ] [ --name <NAME> ] <COMPONENT>
usage: dpm set-profile-owner [ --user <USER_ID> | current ] [ --name <NAME> ] <COMPONENT>
usage: dpm remove-active-admin [ --user <USER_ID> | current ] [ --name <NAME> ] <COMPONENT>

dpm set-active-admin: Sets the given component as active admin for an existing user.

dpm set-device-owner: Sets the given component as active admin, and its package as device owner.

dpm set-profile-owner: Sets the given component as active admin and profile owner for an existing user.

dpm remove-active-admin: Disables an active admin, the admin must have declared android:testOnly in the application \
in its manifest. This will also remove device and profile owners.

dpm clear-freeze-period-record: clears framework-maintained record of past freeze periods that the device went \
through. For use during feature development to prevent triggering restriction on setting freeze periods.

dpm force-network-logs: makes all network logs available to the DPC and triggers \
DeviceAdminReceiver.onNetworkLogsAvailable() if needed.

dpm force-security-logs: makes all security logs available to the DPC and triggers \
DeviceAdminReceiver.onSecurityLogsAvailable() if needed.
"""
_TRACE = (
    "\tat android.os.Parcel.createException(Parcel.java:2071)\n"
    "\tat android.os.Parcel.readException(Parcel.java:2039)\n"
    "\tat android.os.Parcel.readException(Parcel.java:1987)\n"
    "\tat android.app.admin.IDevicePolicyManager$Stub$Proxy.setDeviceOwner(IDevicePolicyManager.java:8392)\n"
    "\tat com.android.commands.dpm.Dpm.runSetDeviceOwner(Dpm.java:203)\n"
    "\tat com.android.commands.dpm.Dpm.onRun(Dpm.java:115)\n"
    "\tat com.android.internal.os.BaseCommand.run(BaseCommand.java:63)\n"
    "\tat com.android.commands.dpm.Dpm.main(Dpm.java:41)\n"
)


async def run(process: Process) -> int:
    """Run ``dpm …``."""
    if not process.arguments:
        process.out(_USAGE)
        return 0
    if not process.phone.services_ready:
        process.err(f"{_USAGE}\nError: Could not access the Device Policy Manager. Is the system running?\n")
        return 0
    try:
        _command(process, Arguments(process.arguments))
    except Thrown as thrown:
        if thrown.kind == "java.lang.IllegalArgumentException":
            process.err(f"{_USAGE}\nError: {thrown.message}\n")
            return 0
        process.err(f"{thrown.kind}: {thrown.message}\n{_TRACE}")
        return 1
    return 0


def _command(process: Process, arguments: Arguments) -> None:
    phone = process.phone
    command = arguments.required()
    if command == "set-device-owner":
        component, user, name = target(process, arguments)
        fresh = phone.policy.admin(component, user) is None
        activate_admin(phone, component, user, refreshing=True)
        try:
            set_device_owner(phone, component, user, name)
        except Thrown:
            if fresh:
                phone.policy.remove_admin(component, user)
            raise
        process.line(f"Success: Device owner set to package {component.info}")
        process.line(f"Active admin set to component {component.braced}")
    elif command == "set-active-admin":
        component, user, _ = target(process, arguments)
        activate_admin(phone, component, user, refreshing=True)
        process.line(f"Success: Active admin set to component {component.braced}")
    elif command == "remove-active-admin":
        component, user, _ = target(process, arguments)
        remove_admin(phone, component, user)
        process.line(f"Success: Admin removed {component.info}")
    elif command in {"clear-freeze-period-record", "force-network-logs", "force-security-logs"}:
        process.line("Success")
    else:
        raise Thrown("java.lang.IllegalArgumentException", f"unknown command '{command}'")
