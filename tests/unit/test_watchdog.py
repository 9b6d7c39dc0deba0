"""Limits of steps follow what was measured, never under the platform's own limits, and survive any file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioning.platforms import Platform
from provisioning.walk import StageName
from provisioning.watchdog import FLOOR, LONGEST, USUAL_LENT, USUAL_LIMIT, Watchdog

APPLY = StageName.APPLY
PIXEL = (Platform.ANDROID, "Pixel 8", APPLY)


def measured(watchdog: Watchdog, seconds: float, times: int = 5, model: str = "Pixel 8") -> Watchdog:
    for _ in range(times):
        watchdog.note(Platform.ANDROID, model, APPLY, seconds)
    return watchdog


def test_a_few_measurements_change_nothing() -> None:
    watchdog = measured(Watchdog(), 1.0, times=4)
    assert watchdog.limit(*PIXEL) == USUAL_LIMIT[APPLY]
    assert watchdog.lent(*PIXEL) == USUAL_LENT


def test_a_quick_model_is_given_up_sooner_but_never_below_its_platforms_own_limits() -> None:
    watchdog = measured(Watchdog(), 1.0)
    assert watchdog.limit(*PIXEL) == FLOOR[Platform.ANDROID][APPLY] < USUAL_LIMIT[APPLY]
    assert watchdog.lent(*PIXEL) == 3.0
    assert watchdog.limit(Platform.IOS, "Pixel 8", APPLY) == USUAL_LIMIT[APPLY], "another platform's"


def test_a_slow_model_gets_longer_and_a_stranger_the_median_of_its_platform() -> None:
    watchdog = measured(measured(Watchdog(), 100.0), 30.0, times=40, model="Galaxy A54")
    assert watchdog.limit(*PIXEL) == 800.0
    assert watchdog.limit(Platform.ANDROID, "never seen", APPLY) == 240.0
    assert measured(Watchdog(), 1000.0).limit(*PIXEL) == LONGEST


def test_what_was_learnt_is_there_next_morning_and_a_spoilt_file_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "steps.json"
    measured(Watchdog(file), 100.0).save()
    assert Watchdog(file).limit(*PIXEL) == 800.0
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "spoilt",
    [b"", b"{", b"3", b'[["ios"]]', b"[[1,2,3,4]]", json.dumps([["android", "m", "apply", [-1.0]]]).encode(),
     b'[["android", "m", "apply", [NaN]]]', b'[["symbian", "m", "apply", [1]]]', b"\xff\xfe"],
)  # fmt: skip
def test_a_spoilt_file_is_not_believed(tmp_path: Path, spoilt: bytes) -> None:
    file = tmp_path / "steps.json"
    file.write_bytes(spoilt)
    assert Watchdog(file).limit(*PIXEL) == USUAL_LIMIT[APPLY]


def test_no_number_of_models_makes_it_grow_without_end(tmp_path: Path) -> None:
    file = tmp_path / "steps.json"
    watchdog = Watchdog(file)
    for number in range(500):
        watchdog.note(Platform.IOS, f"iPhone{number},1", APPLY, 1.0)
    watchdog.save()
    assert len(json.loads(file.read_bytes())) <= 102
