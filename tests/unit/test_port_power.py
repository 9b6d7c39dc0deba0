"""What uhubctl prints, as its users have posted it, and which ports may lose their power."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from usb_bench import HUB_20, sysfs

from provisioning.bays.port_power import may_cycle, power_cycle, read_status
from provisioning.bays.usb_tree import read_tree
from provisioning.errors import UsageError

# mvp/uhubctl#92 (2018), #63 (2.0), #541 and #526 (2023), freebsd/freebsd-ports#456
NEW = """\
Current status for hub 2-2 [0bda:0411 Generic USB3.2 Hub, USB 3.20, 4 ports, ppps]
  Port 1: 02a0 power 5gbps Rx.Detect
  Port 4: 0203 power 5gbps U0 enable connect [0bda:9210 ULT-Best Best USB Device 012938000FA5]
Current status for hub 1-1 [0424:2514, USB 2.00, 4 ports, ppps]
  Port 1: 0503 power highspeed enable connect [0424:2514, USB 2.00, 3 ports]
  Port 2: 0503 power highspeed enable connect [110a:0407, USB 2.00, 7 ports]
  Port 3: 0503 power highspeed enable connect [05ac:12a8 Apple Inc. iPhone 00008120001314698A53C01E]
  Port 4: 0100 power
Current status for hub 3-4 [1a40:0101 USB 2.0 Hub, USB 2.00, 4 ports, ganged]
  Port 1: 0000 off
  Port 2: 0101 power connect []
"""
OLD = """\
Current status for hub 20-1, vendor 2109:2811, 4 ports
   Port 4: 0103 power enable connect [0000:0000]
Sent power off request
New status for hub 20-1, vendor 2109:2811, 4 ports
   Port 4: 0000 off
"""


def test_new_and_old_outputs_are_read() -> None:
    hubs = {hub.location: hub for hub in read_status(NEW)}
    assert {name: hub.alone for name, hub in hubs.items()} == {"2-2": True, "1-1": True, "3-4": False}
    ports = {port.number: port for port in hubs["1-1"].ports}
    assert ports[3].connected
    assert ports[3].device.startswith("05ac:12a8 Apple Inc. iPhone")
    assert (ports[4].connected, ports[4].powered) == (False, True)
    (old,) = read_status(OLD)
    assert (old.location, old.alone, [port.powered for port in old.ports]) == ("20-1", None, [False])


def test_a_port_is_cycled_only_where_nobody_else_depends_on_it(tmp_path: Path) -> None:
    hubs = read_status(NEW)
    assert may_cycle("1-1.3", hubs, None) == ("1-1", 3)
    refused = {
        "1-1.2": "hangs a hub",
        "3-4.2": "all its ports together",
        "1-7.1": "cannot switch its ports",
        "1-1.9": "does not list",
        "127.0.0.1:5": "is no USB port",
    }
    for port, why in refused.items():
        with pytest.raises(UsageError, match=why):
            may_cycle(port, hubs, None)
    tree = read_tree(sysfs(tmp_path, {"0000:00:14.0": {1: " 2.00"}}, {"1-1.3": HUB_20}))
    with pytest.raises(UsageError, match="hangs a hub"):
        may_cycle("1-1.3", hubs, tree)


def test_without_uhubctl_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="apt-get install uhubctl"):
        power_cycle("1-1.3", None)


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    file = folder / "uhubctl"
    file.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n{text}\n', "utf-8")
    file.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder / "calls"


def test_the_program_is_called_for_that_port_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").write_text(NEW, "utf-8")
    calls = program(tmp_path, monkeypatch, f"cat {tmp_path}/out")
    assert power_cycle("1-1.3", None) == "Port 1-1.3 was without power for 3 seconds and has it again."
    assert calls.read_text("utf-8").splitlines() == ["", "-l 1-1 -p 3 -a cycle -d 3"]


def test_a_program_that_may_not_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "echo 'No compatible devices detected!' >&2; exit 1")
    with pytest.raises(UsageError, match="can switch nothing here: No compatible devices detected"):
        power_cycle("1-1.3", None)


@given(st.text(max_size=300))
def test_nothing_breaks_the_reader(text: str) -> None:
    read_status(text)
    read_status(f"Current status for hub 1-1 [{text}]\n  Port 1: 0100 power [{text}]\n")
