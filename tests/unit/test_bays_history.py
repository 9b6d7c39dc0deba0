"""What becomes of handsets at a port, which ports that makes suspicious, and how it is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from provisioning.bays.port_history import (
    MOST_VISITS,
    PortHistory,
    PortRecord,
    Visit,
    VisitEnd,
    load_history,
    save_history,
)
from provisioning.bays.port_watch import PortWatch
from provisioning.bays.suspicion import PortTrouble, suspicions
from provisioning.handset import Arrived, Attachment, Departed, Glimpse, HubLost, Identity
from provisioning.platforms import Platform
from provisioning.status import Phase, SessionStatus
from provisioning.walk import StageName

BAYS = {f"1-{n}": (f"2-{n}", "2") for n in range(1, 7)}


class Bench:
    """A desk's day at one clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.history = PortHistory()
        self.watch = PortWatch(self.history, lambda: self.now, lambda: date(2026, 11, 26))

    def plug(self, port: str) -> Attachment:
        attachment = Attachment(Platform.ANDROID, f"c{port}", port, port=port)
        self.watch.move(Arrived(attachment))
        return attachment

    def say(self, attachment: Attachment, phase: Phase, stage: StageName | None = None, serial: str = "S1") -> None:
        identity = Identity(Platform.ANDROID, serial, "m", "M", "14", "b") if serial else None
        glimpse = None if serial else Glimpse(Platform.ANDROID)
        self.watch.note(SessionStatus(serial, attachment, phase, identity, glimpse, stage))

    def pull(self, *attachments: Attachment) -> None:
        for attachment in attachments:
            self.watch.move(Departed(attachment))

    def ends(self, port: str) -> list[VisitEnd]:
        self.watch.settle(float("inf"))
        return [visit.end for visit in self.history.ports[port].visits] if port in self.history.ports else []


def test_a_handset_that_goes_in_mid_work_is_lost_and_one_that_is_done_went() -> None:
    bench = Bench()
    first = bench.plug("1-1")
    bench.say(first, Phase.WORKING, StageName.APPLY)
    bench.pull(first)
    bench.now += 9
    second = bench.plug("1-1")
    bench.say(second, Phase.WORKING, StageName.VERIFY)
    bench.say(second, Phase.READY)
    bench.pull(second)
    assert bench.ends("1-1") == [VisitEnd.LOST, VisitEnd.WENT]
    assert bench.history.ports["1-1"].ever == 2


def test_what_goes_as_it_should_is_not_held_against_the_port() -> None:
    bench = Bench()
    for stage in (StageName.ERASE, StageName.SEAL):
        handset = bench.plug("1-1")
        bench.say(handset, Phase.WORKING, stage)
        bench.pull(handset)
    assert bench.ends("1-1") == [VisitEnd.WENT, VisitEnd.WENT]


def test_a_daemon_that_stops_is_no_pulled_cable() -> None:
    bench = Bench()
    handset = bench.plug("1-1")
    bench.say(handset, Phase.WORKING, StageName.APPLY)
    bench.pull(handset)
    bench.watch.move(HubLost(Platform.ANDROID, "The adb server is gone."))
    assert bench.ends("1-1") == []


def test_silence_counts_only_after_a_while_and_a_question_is_no_silence() -> None:
    bench = Bench()
    mute = bench.plug("1-1")
    bench.say(mute, Phase.WORKING, StageName.IDENTIFY, serial="")
    bench.say(mute, Phase.STOPPED, serial="")
    bench.now += 30
    bench.pull(mute)
    asking = bench.plug("1-2")
    bench.say(asking, Phase.WAITING, StageName.TRUST, serial="")
    bench.now += 30
    bench.pull(asking)
    bench.pull(bench.plug("1-3"))
    assert (bench.ends("1-1"), bench.ends("1-2"), bench.ends("1-3")) == (
        [VisitEnd.SILENT], [VisitEnd.WENT], [VisitEnd.WENT],
    )  # fmt: skip


def test_neighbours_that_go_together_blame_their_hub() -> None:
    bench = Bench()
    for round_ in range(2):
        bench.now += 60
        handsets = [bench.plug(f"1-{n}") for n in (1, 2, 3)]
        for number, handset in enumerate(handsets):
            bench.say(handset, Phase.WORKING, StageName.ENROL, serial=f"S{round_}{number}")
        bench.pull(*handsets)
    assert bench.ends("1-2") == [VisitEnd.WITH_OTHERS] * 2
    found = suspicions(bench.history.ports, BAYS)
    assert found["2-2"].trouble is PortTrouble.HUB
    assert "look at the power supply and the cable of its hub" in found["2-2"].sentence


def records(**ends: str) -> dict[str, PortRecord]:
    """Write ``p4="LLWWL"``: a visit for each letter, each by another handset."""
    letters = {"L": VisitEnd.LOST, "W": VisitEnd.WENT, "S": VisitEnd.SILENT}
    return {
        f"1-{port[1:]}": PortRecord(
            f"2-{port[1:]}", tuple(Visit(f"{port}{n}", "", letters[one]) for n, one in enumerate(text)), len(text)
        )
        for port, text in ends.items()
    }


def test_the_sentence_of_a_port_that_loses_handsets() -> None:
    found = suspicions(records(p4="WWLLWLWL"[-5:], p1="WWWWW", p2="WWW"), BAYS)
    assert found["2-4"].sentence == (
        "Bay 2-4 lost 3 of its last 5 handsets in mid-work, the other bays none: change its cable, or use another port."
    )
    assert {label: one.trouble for label, one in found.items() if label != "2-4"} == dict.fromkeys(
        ("2-3", "2-5", "2-6"), PortTrouble.DEAD
    ), "the ports that were never used"


def test_silent_and_dead_ports_are_said_too() -> None:
    found = suspicions(records(p1="WWWWW", p2="SSS", p3="WWW"), BAYS)
    assert found["2-2"].sentence.startswith("In bay 2-2 3 of the last 3 handsets never said a word")
    assert found["2-6"].sentence.startswith("Bay 2-6 has never shown a handset, the other bays of hub 2 have shown 11")
    assert suspicions(records(p1="WWW"), BAYS) == {}, "too few to say anything"


def test_a_desk_that_loses_handsets_everywhere_and_a_handset_that_is_lost_everywhere_blame_no_port() -> None:
    assert not suspicions(records(p1="LLW", p2="LWL", p3="LLW"), {})
    same = Visit("BAD", "", VisitEnd.LOST)
    again = {"1-1": PortRecord("2-1", (same, same, same), 3), "1-2": PortRecord("2-2", (same,), 1)}
    assert not suspicions(again, BAYS)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(list(VisitEnd))), max_size=200))
def test_the_history_stays_bounded_and_is_read_back(visits: list[tuple[int, VisitEnd]]) -> None:
    history = PortHistory()
    for port, end in visits:
        history.note(f"1-{port}", "b", Visit("s", "2026-11-26", end))
    assert all(len(record.visits) <= MOST_VISITS for record in history.ports.values())
    assert sum(record.ever for record in history.ports.values()) == len(visits)
    suspicions(history.ports, BAYS)


def test_a_broken_history_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    save_history(file, records(p1="WL"))
    assert load_history(file).ports == records(p1="WL")
    file.write_text("{", "utf-8")
    assert load_history(file).ports == {}
