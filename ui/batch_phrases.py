"""What the ledger says of a batch's handsets, each in one sentence; read back from entries, never remembered. No Qt."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.batches.events import Event
from provisioning.batches.history import History
from provisioning.batches.pace import Estimate
from provisioning.batches.progress import BatchRow, Progress
from provisioning.batches.standing import Standing
from provisioning.canonical import Json
from provisioning.ledger.entry import EntryKind
from provisioning.plain_text import one_line
from provisioning.told import read_back
from provisioning.walk import StageName
from ui.phrases import DOING, sentence

Words = Mapping[str, Json]


def row_sentence(row: BatchRow) -> str:
    """Say how a handset of a batch stands, and what is to be done."""
    if len(row.lines) > 1 and row.standing is Standing.MISSING:
        where = " and ".join(str(line) for line in row.lines[:3])
        return f"{one_line(row.serial_number, 40)} stands on the manifest twice, in lines {where}."
    return history_sentence(row.history)


def history_sentence(history: History) -> str:
    """Say how a handset stands by its last event."""
    last, serial = history.last, one_line(history.serial_number, 40)
    match history.standing:
        case Standing.MISSING:
            return f"{serial} was not seen on any cable yet."
        case Standing.SEEN:
            return f"{serial} was seen and is not at its end: plug it in and let it walk."
        case Standing.STOPPED:
            return stopped_sentence(history.serial_number, last.body if last else {}, history.identity)
        case Standing.NOT_CLEAR | Standing.UNKNOWN:
            word = "not clear" if history.standing is Standing.NOT_CLEAR else "not proven clear"
            worst = last.text("worst") if last else ""
            return f"{_capital(who(history.identity, serial))} is {word}: {one_line(worst, 300) or 'see its record.'}"
        case Standing.CLEAR:
            return f"{serial} is clear and here."
        case Standing.OUT:
            return f"{serial} was handed over by receipt {one_line(last.text('receipt') if last else '–', 40)}."
        case Standing.BACK:
            return f"{serial} came back. Erase it, then lead it to ready again."
        case Standing.LOST:
            return f"{serial} was reported {one_line(last.text('missing') if last else 'lost', 20)}."


def stopped_sentence(serial: str, body: Words, identity: Event | None) -> str:
    """Say the outcome that ended a walk, from the ledger's own words for it."""
    outcome = read_back({"serial_number": serial, **body})
    named = who(identity, one_line(serial, 40) or who_of(body))
    if outcome is not None:
        return sentence(outcome, named)
    stage = str(body.get("stage", ""))
    doing = DOING[StageName(stage)] if stage in set(StageName) else "worked on"
    return f"{_capital(named)} was stopped while {doing} ({one_line(str(body.get('outcome', 'no reason given')), 40)})."


def nameless_sentence(event: Event) -> str:
    """Say what became of a handset that never said who it is."""
    return stopped_sentence("", event.body, None)


def who(identity: Event | None, otherwise: str) -> str:
    """Name a handset for a sentence, as the wall does: “the iPhone 15 in bay 1-3”."""
    return who_of(identity.body) if identity is not None else otherwise


def who_of(body: Words) -> str:
    """Name a handset by what an entry says of it."""
    model = body.get("model_name") or body.get("model")
    bay = body.get("bay")
    named = f"the {one_line(str(model), 40)}" if model else "the handset"
    return f"{named} in bay {one_line(str(bay), 40)}" if bay else named


def estimate_sentence(estimate: Estimate | None, batch: Progress, measured: int) -> str:
    """Say when the handsets to come could be ready, or why that is not said."""
    lane = len(batch.lane)
    more = f" {lane} more {'needs' if lane == 1 else 'need'} hands, which nothing measures." if lane else ""
    if batch.to_come == 0:
        return f"Nothing is to come.{more}"
    if estimate is None:
        walks = "walk" if measured == 1 else "walks"
        return f"No estimate: only {measured} {walks} of this batch ended ready, and a guess helps nobody.{more}"
    return (
        f"{batch.to_come} to come: about {duration(estimate.middle)} of work "
        f"({duration(estimate.low)} to {duration(estimate.high)}), by {estimate.measured} measured walks.{more}"
    )


def duration(seconds: float) -> str:
    """Say a duration as people do."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{seconds / 3600:.1f} h"


def batch_entry(kind: str, body: Words) -> str:
    """Say an entry about a batch or a list of orders."""
    name = one_line(str(body.get("batch") or body.get("orders_from") or ""), 60)
    match kind:
        case EntryKind.BATCH_IMPORTED:
            desk = body.get("from_desk_name")
            where = f" from {one_line(str(desk), 40)}" if desk else ""
            return f"Batch {name} imported{where}: {body.get('handsets')} handsets."
        case EntryKind.BATCH_OPENED:
            return f"This desk works on batch {name}." if name else "This desk works on no batch."
        case EntryKind.BATCH_CLOSED:
            reason = body.get("reason")
            why = f", in spite of differences: {one_line(str(reason), 200)}" if reason else ", all accounted for"
            return f"Batch {name} closed: {body.get('ready')} of {body.get('handsets')} ready or out{why}."
        case _:
            return f"Orders {name} imported: {body.get('orders')}."


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]
