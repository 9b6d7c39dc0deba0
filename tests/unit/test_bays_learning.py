"""Learning which port is which bay, keeping it over restarts, and forgetting it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from usb_bench import HUB_21, HUB_30, sysfs

from provisioning.bays.bay_map import BayEntry, BayMap, Port, fit_label, load_map, port_of, save_map
from provisioning.bays.desk_bays import DeskBays
from provisioning.bays.learning import Learning
from provisioning.bays.usb_tree import UsbTree, read_tree
from provisioning.errors import FileError, UsageError
from provisioning.handset import Arrived, Attachment, HubFound
from provisioning.platforms import Platform


def plain(port: str) -> tuple[Port, ...]:
    return (Port(port),)


def test_each_new_port_gets_the_next_label_and_an_old_one_says_its_own() -> None:
    learning = Learning(BayMap(), plain)
    assert learning.plugged("1-1.4").sentence == "This is 1-1. Next: 1-2."
    assert learning.plugged("1-1.3").label == "1-2"
    again = learning.plugged("1-1.4")
    assert (again.label, again.new) == ("1-1", False)
    assert again.sentence == "This port is 1-1 already. Plug the handset into the next port: 1-3."
    assert learning.undo() == "1-2"
    assert learning.next_label == "1-2"
    assert learning.next_hub() == "2"
    assert learning.plugged("1-2.1").label == "2-1"
    labels = learning.finish().labels(None)
    assert labels == {"1-1.4": "1-1", "1-2.1": "2-1"}


def test_a_hub_gets_a_number_that_is_not_taken() -> None:
    known = BayMap((BayEntry("2-1", "2", 1, (Port("a"),)),))
    assert Learning(known, plain).next_label == "3-1"
    assert Learning(known, plain, taken=["5", "Back room"]).next_label == "6-1"


def test_nothing_learnt_is_nothing_changed() -> None:
    with pytest.raises(UsageError, match="nothing is changed"):
        Learning(BayMap(), plain).finish()


@given(st.lists(st.one_of(st.integers(1, 30), st.just("undo"), st.just("hub")), max_size=60))
def test_labels_and_ports_stay_unique_whatever_is_done(acts: list[int | str]) -> None:
    known = BayMap((BayEntry("1-1", "1", 1, (Port("9-1"),)),))
    learning = Learning(known, plain)
    for act in acts:
        if act == "undo":
            learning.undo()
        elif act == "hub":
            learning.next_hub()
        else:
            learning.plugged(f"1-{act}")
    learnt = learning.learnt
    assert len({bay.label for bay in learnt}) == len(learnt)
    assert len({port for bay in learnt for port in bay.ports}) == len(learnt)
    if learnt:
        bays = learning.finish()
        assert len({bay.label for bay in bays.bays}) == len(bays.bays)


def test_a_usb_3_socket_is_one_bay_on_both_buses_after_they_were_renumbered(tmp_path: Path) -> None:
    one, two = "0000:00:14.0", "0000:03:00.0"
    before = read_tree(
        sysfs(tmp_path / "a", {one: {1: " 2.00", 2: " 3.10"}}, {"1-1": HUB_21, "2-1": HUB_30}, {"1-1.3": "2-1.3"})
    )
    learning = Learning(BayMap(), lambda name: port_of(name, before))
    learning.plugged("1-1.3")
    assert learning.plugged("2-1.3").label == "1-1", "the same socket by a USB 3 cable"
    bays = learning.finish()
    after = read_tree(sysfs(tmp_path / "b", {two: {1: " 2.00", 2: " 3.10"}, one: {3: " 2.00", 4: " 3.10"}}, {}))
    assert bays.labels(after) == {"3-1.3": "1-1", "4-1.3": "1-1"}
    assert (bays.today(after).hub_named("3-1"), bays.today(after).hub_named("1-1")) == ("hub 1", "")


def test_the_map_is_kept_whole_and_a_broken_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bays" / "map.json"
    assert load_map(file) == BayMap()
    bays = BayMap((BayEntry("A · 1", "A", 1, (Port("1-1", "0000:00:14.0", 2),)),))
    save_map(file, bays)
    assert load_map(file) == bays
    for broken in (b"[]", b"\xff", b'{"bays": [{"label": "a\\u202e", "hub": "", "position": 1, "ports": []}]}'):
        file.write_bytes(broken)
        with pytest.raises(FileError, match="is no map of bays"):
            load_map(file)


def test_renaming_and_forgetting() -> None:
    bays = BayMap((BayEntry("1-1", "1", 1, (Port("a"),)), BayEntry("1-2", "1", 2, (Port("b"),))))
    assert bays.renamed("1-1", "Left").labels(None) == {"a": "Left", "b": "1-2"}
    assert bays.without(["1-2"]).labels(None) == {"a": "1-1"}
    with pytest.raises(UsageError, match="already"):
        bays.renamed("1-1", "1-2")
    with pytest.raises(UsageError, match="There is no bay"):
        bays.without(["9-9"])
    with pytest.raises(UsageError, match="is no label"):
        fit_label("a\u202eb")


def arrived(platform: Platform, connection: str, port: str) -> Arrived:
    return Arrived(Attachment(platform, connection, port, port=port))


def test_both_platforms_learn_one_map_that_the_engines_see_at_once(tmp_path: Path) -> None:
    desk = DeskBays(tmp_path, {"1-1.9": "By hand"}, {"34603008": "2-1"})
    assert desk.labels["2-1"] == "2-1", "a rack tells a LocationID"
    desk.begin_learning()
    desk.move(arrived(Platform.IOS, "7", "1-1.3"))
    desk.move(arrived(Platform.ANDROID, "R5CW", "1-1.4"))
    desk.move(arrived(Platform.ANDROID, "R5CW", ""))
    assert desk.last_step is not None
    assert desk.last_step.sentence == "This computer does not tell which port that is, so it cannot be learnt."
    labels = desk.labels
    assert [bay.label for bay in desk.finish_learning()] == ["3-1", "3-2"], "a rack says 2 already"
    assert (labels["1-1.3"], labels["1-1.4"], labels["1-1.9"]) == ("3-1", "3-2", "By hand")
    assert DeskBays(tmp_path, {}, {}).labels["1-1.4"] == "3-2"


def test_a_daemon_that_comes_back_teaches_nothing(tmp_path: Path) -> None:
    desk = DeskBays(tmp_path, {}, {})
    learning = desk.begin_learning()
    desk.move(HubFound(Platform.ANDROID))
    desk.move(arrived(Platform.ANDROID, "R5CW", "1-1.4"))
    assert learning.learnt == ()
    assert desk.last_step is not None
    assert "Plug it in again" in desk.last_step.sentence
    desk.move(arrived(Platform.IOS, "7", "1-1.3"))
    assert [bay.label for bay in learning.learnt] == ["1-1"]


def test_a_hub_is_called_by_what_was_learnt_behind_it() -> None:
    bays = BayMap((BayEntry("2-1", "2", 1, (Port("1-5.1"),)), BayEntry("3-1", "3", 1, (Port("1-6.1"),))))
    assert [bays.hub_named(path) for path in ("1-5", "1-6", "1-7", "1")] == ["hub 2", "hub 3", "", ""]
    assert port_of("1-1", UsbTree()) == (Port("1-1"),)
