"""Every fault at every message of a provisioning run, through the command line, on one desk at the same time.

    python tests/chaos/iphone_faults.py [--wait 8]

One virtual iPhone for each pair of a message and a kind of fault, each with an app on it that the policy denies: so no
verdict may ever be clear, and every verdict must come. Then the same desk provisions again: whatever is still on its
cable must come to its right verdict, those that refuse for ever excepted. Exit 1 where that is not so. It takes some
minutes, so it is run by hand and not with the suite; the suite enumerates the same messages on the engine itself.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from rack_process import ServedRack, served

MESSAGES = (
    "Browse", "Connect", "Escalate", "EscalateResponse", "Flush", "GetCloudConfiguration", "GetProfileList", "GetValue",
    "InstallProfileSilent", "InstalledApplicationList", "ProceedWithKeybagMigration", "ProfileList", "ReadPairRecord",
    "Restrictions", "SecurityInfo", "SetCloudConfiguration", "StartService", "StartSession", "TLS", "getIconState",
)  # fmt: skip
KINDS = {
    "unplugged, back after 1 s": "unplug back=1 at={}",
    "unplugged under the answer": "unplug back=1 when=middle at={}",
    "stalled for 25 s": "stall seconds=25 at={}",
    "garbage": "garbage at={}",
    "broken off": "truncate at={}",
    "TLS refused": "refuse-tls at={}",
    "refused for ever": "error times=0 at={}",
    "unplugged for good": "unplug at={}",
}
LASTING = frozenset({"refused for ever", "unplugged for good"})
DENIED = "com.zhiliaoapp.musically"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--wait", default="8")
    wait = parser.parse_args().wait
    rows = [(kind, message) for kind in KINDS for message in MESSAGES]
    with tempfile.TemporaryDirectory() as name:
        scenario = Path(name) / "faults.toml"
        scenario.write_text("".join(_handset(number, *row) for number, row in enumerate(rows)), "utf-8")
        home = Path(name) / "home"
        with served("--scenario", str(scenario)) as rack:
            kind_of = {one["udid"]: row[0] for one, row in zip(rack.of("ios"), rows, strict=True)}
            _call(rack, home, "init", "--training")
            bad = 0
            for run in ("first run", "second run"):
                began = time.monotonic()
                verdicts = _provision(rack, home, wait)
                print(f"{run}: {len(verdicts)} handsets in {time.monotonic() - began:.0f} s")
                bad += _judge(verdicts, kind_of, settled=run == "second run")
            checked = _call(rack, home, "ledger", "verify")
            print(f"ledger: {checked}")
            bad += not checked["ok"]
    return 1 if bad else 0


def _handset(number: int, kind: str, message: str) -> str:
    fault = KINDS[kind].format(message)
    return (
        f'[[handset]]\nprofile = "iphone-15"\nserial_number = "F{number:04d}FAULT"\napps = ["{DENIED}"]\n'
        f'faults = ["{fault}"]\nbay = "{1 + number // 10}-{1 + number % 10}"\n'
    )


def _provision(rack: ServedRack, home: Path, wait: str) -> list[dict[str, Any]]:
    return _call(rack, home, "provision", "--policy", "met-police", "--wait", wait, "--parallel", "64")


def _call(rack: ServedRack, home: Path, *arguments: str) -> Any:
    command = [sys.executable, "-m", "console", "--home", str(home), "--json", *arguments]
    done = subprocess.run(command, env=rack.environment, stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def _judge(verdicts: list[dict[str, Any]], kind_of: dict[str, str], *, settled: bool) -> int:
    counted: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    bad = 0
    for one in verdicts:
        kind = kind_of[one["udid"]]
        counted[kind][one["verdict"]] += 1
        if one["verdict"] == "clear" or (settled and kind not in LASTING and one["verdict"] != "not_clear"):
            bad += 1
            print(f"WRONG: {one['serial_number']} ({kind}) is {one['verdict']}: {one['not_checked']}")
    for kind in KINDS:
        print(f"  {kind:28} {dict(counted[kind])}")
    return bad


if __name__ == "__main__":
    sys.exit(main())
