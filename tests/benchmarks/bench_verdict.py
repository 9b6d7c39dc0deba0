"""How long the verdict takes: loading the catalogue, classifying a handset, replaying a changed policy over a fleet.

    python tests/benchmarks/bench_verdict.py [--handsets 30000] [--planted 1000000]

Beside each replay stands the plain way: every handset judged whole, twice, on a sample and multiplied. ``--planted``
makes up that many handsets with one denied app each and counts those that would be clear: it must be none.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.load import load_catalogue
from provisioning.fleet_apps import Interned, Stored
from provisioning.inventory import App, Inventory
from provisioning.platforms import Platform
from provisioning.policy.compilation import compile_policy
from provisioning.policy.effective import EffectivePolicy
from provisioning.policy.load import load_policy
from provisioning.verification.judge import judge
from provisioning.what_if import Side, replay

APPS = 150
SAMPLE = 200
HOSTILE = Path(__file__).parents[1] / "unit" / "test_judge_hostile.py"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--handsets", type=int, default=30_000)
    parser.add_argument("--planted", type=int, default=0)
    arguments = parser.parse_args()
    catalogue = load_catalogue()
    show("load the catalogue", best(load_catalogue), "<= 0.050 s")
    for platform in Platform:
        classifying(catalogue, platform)
    fleet_figures(catalogue, arguments.handsets)
    if arguments.planted:
        planted(arguments.planted)


def classifying(catalogue: Catalogue, platform: Platform) -> None:
    """Classify a handset that nobody has seen, and one that is seen again."""
    apps = installed(catalogue, platform, random.Random(1), 500)
    fresh = [load_catalogue() for _ in range(7)]  # each keeps what it recognised once
    aim = "<= 0.005 s"
    show(f"classify 500 apps, first time, {platform}", best(lambda: sort_all(fresh.pop(), platform, apps)), aim)
    show(f"classify 500 apps again, {platform}", best(lambda: sort_all(catalogue, platform, apps)), aim)


def fleet_figures(catalogue: Catalogue, handsets: int) -> None:
    """Replay a small and a great change of policy, and no change at all."""
    policies = {name: compile_policy(load_policy(name), catalogue) for name in ("met-police", "uk-government")}
    fleet = made_up(catalogue, handsets)
    for title, one, two in (
        ("no change", "met-police", "met-police"),
        ("uk-government to met-police", "uk-government", "met-police"),
    ):
        before, after = (side(catalogue, policies[name]) for name in (one, two))
        started = time.perf_counter()
        affected = sum(1 for _ in replay(fleet, before, after))
        seconds = time.perf_counter() - started
        plain = whole_judgements(catalogue, fleet[:SAMPLE], policies[one], policies[two]) * handsets / SAMPLE
        show(f"replay {title}: {handsets} x {APPS}, {affected} affected", seconds, f"<= 5 s; plain way {plain:.0f} s")


def made_up(catalogue: Catalogue, handsets: int) -> list[Stored]:
    """Make up a fleet of Androids; one in ten carries something social."""
    chance, same = random.Random(2), Interned()
    harmless = installed(catalogue, Platform.ANDROID, chance, 12_000)
    social = [App(e.identifier, system=False) for e in catalogue.entries if e.platform is Platform.ANDROID]
    fleet: list[Stored] = []
    for number in range(handsets):
        apps = chance.sample(harmless, APPS - 1)
        apps.append(chance.choice(social if number % 10 == 0 else harmless))
        inventory = Inventory(Platform.ANDROID, same(apps))
        fleet.append(Stored(f"S{number}", f"P{number}", "", "", "", inventory))
    return fleet


def installed(catalogue: Catalogue, platform: Platform, chance: random.Random, count: int) -> list[App]:
    """Give apps as they lie on handsets: known and unknown ones, in several versions."""
    known = [one.identifier for one in catalogue.innocents if one.platform is platform]
    known += [one.identifier for one in catalogue.entries if one.platform is platform][: count // 20]
    known += [f"org.example.unknown{number}" for number in range(count // 4)]
    return [
        App(chance.choice(known), version=f"{number}.1", system=False, installer="com.android.vending",
            url_schemes=("fb123456789",) if platform is Platform.IOS else ())
        for number in range(count)
    ]  # fmt: skip


def sort_all(catalogue: Catalogue, platform: Platform, apps: list[App]) -> None:
    """Classify every app."""
    for app in apps:
        catalogue.classify(platform, app)


def whole_judgements(catalogue: Catalogue, fleet: list[Stored], one: EffectivePolicy, two: EffectivePolicy) -> float:
    """Judge every handset whole under both policies; give the seconds."""
    started = time.perf_counter()
    for stored in fleet:
        judge(stored.inventory, one, catalogue)
        judge(stored.inventory, two, catalogue)
    return time.perf_counter() - started


def side(catalogue: Catalogue, effective: EffectivePolicy) -> Side:
    """Judge everybody by one policy."""
    return Side(catalogue, lambda _: effective)


def planted(handsets: int) -> None:
    """Run the suite's own test on that many handsets."""
    started = time.perf_counter()
    environment = {**os.environ, "FLEET": str(handsets)}
    command = [sys.executable, "-m", "pytest", "-q", "--timeout=0", "-k", "hundred_thousand", str(HOSTILE)]
    ended = subprocess.run(command, env=environment, check=False)
    found = "0 clear" if ended.returncode == 0 else "SOME CLEAR OR NOT NAMED"
    show(f"{handsets} handsets with a planted app", time.perf_counter() - started, found)


def best(work: Callable[[], object], times: int = 7) -> float:
    """Give the best of several runs, in seconds."""
    seconds: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def show(what: str, seconds: float, aim: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(f"{what:72} {seconds:9.4f} s   {aim}\n")


if __name__ == "__main__":
    main()
