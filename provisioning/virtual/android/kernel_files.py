"""The few files under ``/proc`` and ``/sys`` that say something about the moment: boot id, uptime, kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from provisioning.virtual.android.state.files import ForeignFile

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid


class _Made(ForeignFile):
    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    @property
    def size(self) -> int:
        return 0

    def read(self) -> bytes:
        return self._make().encode()


class Layers(Mapping[str, ForeignFile]):
    """Two file layers seen as one, without copying the big one at each look."""

    def __init__(self, upper: Mapping[str, ForeignFile], lower: Mapping[str, ForeignFile]) -> None:
        self._upper = upper
        self._lower = lower

    def __getitem__(self, path: str) -> ForeignFile:
        return self._upper[path] if path in self._upper else self._lower[path]

    def __iter__(self) -> Iterator[str]:
        yield from self._upper
        yield from self._lower

    def __len__(self) -> int:
        return len(self._upper) + len(self._lower)

    def __contains__(self, path: object) -> bool:
        return path in self._upper or path in self._lower


def kernel_files(phone: VirtualAndroid) -> Mapping[str, ForeignFile]:
    """Give the files by path; like the kernel's own they have no size."""
    return {
        "/proc/sys/kernel/random/boot_id": _Made(lambda: f"{phone.boot_id}\n"),
        "/proc/uptime": _Made(lambda: f"{phone.uptime:.2f} {phone.uptime * 6:.2f}\n"),
        "/proc/version": _Made(lambda: "Linux version 5.15.110-android14-11 (build-user@build-host) #1 SMP PREEMPT\n"),
        "/proc/meminfo": _Made(lambda: "MemTotal:        7625672 kB\nMemFree:          301124 kB\n"),
        "/sys/class/android_usb/android0/state": _Made(lambda: "CONFIGURED\n"),
    }
