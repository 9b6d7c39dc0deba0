"""`bays`: which port is which; learn, list, rename and forget them; look at USB before many are plugged in."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from console import assembly
from console.call import Exit, call_of, leave, table
from console.settings import load_settings
from provisioning.errors import UsageError
from provisioning.files import read_file
from provisioning.plain_text import one_line

if TYPE_CHECKING:
    from provisioning.bays.desk_bays import DeskBays
    from provisioning.home.home import Home

LARGEST_ANNOUNCEMENT = 1 << 20
NONE = "No bay is known. Learn them: issuing-desk bays learn"
bays = typer.Typer(help="Physical ports: labels, learning, history, USB pre-flight.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (learn, forget, rename, preflight, power):
        bays.command()(command)
    bays.command("list")(list_bays)
    bays.command("import")(import_bays)
    app.add_typer(bays, name="bays")


def list_bays(context: typer.Context) -> None:
    """List the bays with their ports, what they have seen, and which of them to mistrust."""
    from provisioning.bays.port_history import PortRecord, VisitEnd

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    desk = _desk_bays(home)
    suspicious, records = desk.suspicions(), desk.records()
    rows: list[dict[str, Any]] = []
    known = {bay.label: bay for those in desk.hubs().values() for bay in those}
    for label in dict.fromkeys((*known, *desk.labels.values(), *records)):
        bay, record, suspicion = known.get(label), records.get(label, PortRecord(label)), suspicious.get(label)
        ends = Counter(visit.end for visit in record.visits)
        ports = [port for port, (named, _) in desk.places().items() if named == label]
        rows.append(
            {
                "bay": label,
                "hub": bay.hub if bay else None,
                "position": bay.position if bay else None,
                "ports": ports,
                "handsets": record.ever,
                "last_seen": record.visits[-1].day if record.visits else None,
                "lost": ends[VisitEnd.LOST],
                "silent": ends[VisitEnd.SILENT],
                "recent": [
                    {"serial_number": visit.serial_number or None, "day": visit.day, "end": str(visit.end)}
                    for visit in record.visits
                ],
                "trouble": str(suspicion.trouble) if suspicion else None,
                "sentence": suspicion.sentence if suspicion else None,
            }
        )
    cells: list[tuple[str, ...]] = []
    for row in rows:
        ports = one_line(" ".join(row["ports"]), 40) or "–"
        numbers = (str(row["handsets"]), str(row["lost"]), str(row["silent"]))
        cells.append((one_line(row["bay"], 24), ports, *numbers, row["last_seen"] or "–"))
    lines = [table(cells, ("Bay", "Port", "Handsets", "Lost", "Silent", "Last"))] if rows else [NONE]
    call.answer(rows, "\n".join([*lines, *(row["sentence"] for row in rows if row["sentence"])]))


def learn(
    context: typer.Context,
    hub: Annotated[
        str, typer.Option(help="What the hub is called; its bays are HUB-1, HUB-2 … (next free number).")
    ] = "",
    ports: Annotated[int, typer.Option(min=0, max=1024, help="Finish by itself after this many ports.")] = 0,
    wait: Annotated[float, typer.Option(min=1, help="Seconds without a new port after which it ends.")] = 600.0,
) -> None:
    """Plug one handset through all ports: each new port gets the next label. Keys: u undo, h next hub, f finish."""
    from console.bay_learning import learn_bays

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.lock("bays learn"):
        learnt = asyncio.run(learn_bays(call, home, _desk_bays(home), hub, ports, wait))
    rows = [{"bay": one.label, "hub": one.hub, "position": one.position, "ports": [p.port for p in one.ports]}
            for one in learnt]  # fmt: skip
    call.answer(rows, f"{len(rows)} bays are learnt: {', '.join(one.label for one in learnt)}.")


def forget(
    context: typer.Context,
    labels: Annotated[list[str] | None, typer.Argument(help="Bays to forget.")] = None,
    *,
    hub: Annotated[str, typer.Option(help="Forget all bays of this hub.")] = "",
    history: Annotated[bool, typer.Option("--history", help="Keep the bay, begin anew with its history.")] = False,
) -> None:
    """Forget bays, or with --history only what happened there (the cable was changed)."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.lock("bays forget"):
        desk = _desk_bays(home)
        named = [*(labels or []), *(bay.label for bay in desk.map.bays if hub and bay.hub == hub)]
        if not named:
            raise UsageError(
                "Name the bays to forget, or a hub with --hub that has some. See “issuing-desk bays list”."
            )
        if history:
            for label in named:
                desk.forget_history(label)
            desk.write_history()
        else:
            desk.take(desk.map.without(named))
    call.answer(named, f"Forgotten: {', '.join(one_line(label, 24) for label in named)}.")


def rename(context: typer.Context, label: str, new: str) -> None:
    """Call a bay otherwise."""
    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.lock("bays rename"):
        desk = _desk_bays(home)
        desk.take(desk.map.renamed(label, new))
    call.answer({"bay": new, "was": label}, f"Bay {one_line(label, 24)} is {one_line(new, 24)} from the next plug on.")


def import_bays(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The first line of “rack”, or any JSON with “bays”: {port: label}.")],
) -> None:
    """Take the bays that somebody else knows, such as a rack's scenario."""
    from provisioning.bays.desk_bays import rack_bays

    call = call_of(context)
    found = _told_bays(read_file(file, LARGEST_ANNOUNCEMENT))
    home = assembly.home_at(call.home_path, call.tell)
    with home.lock("bays import"):
        desk = _desk_bays(home)
        entries = rack_bays(found)
        desk.take(desk.map.taking(entries))
    call.answer([entry.label for entry in entries], f"{len(entries)} bays are taken over.")


def _told_bays(data: bytes) -> dict[str, str]:
    from provisioning.bays.bay_map import MOST_BAYS, fit_label

    try:
        document: Any = json.loads(data.decode("utf-8").strip().splitlines()[0])
    except (ValueError, IndexError, RecursionError):
        document = None
    found = cast("dict[Any, Any]", document).get("bays") if isinstance(document, dict) else None
    if not isinstance(found, dict) or not found or len(cast("dict[Any, Any]", found)) > MOST_BAYS:
        raise UsageError("That file names no bays: its first line must be JSON with “bays”, as “rack” prints it.")
    told = cast("dict[Any, Any]", found)
    if not all(isinstance(one, str) and 0 < len(one) <= 100 for pair in told.items() for one in pair):
        raise UsageError("Its bays must be texts, port and label, of at most 100 characters.")
    labels = {str(port): fit_label(str(label)) for port, label in told.items()}
    if len(set(labels.values())) < len(labels):
        raise UsageError("Two ports of that file have the same label, so the bays could not be told apart.")
    return labels


def preflight(
    context: typer.Context,
    handsets: Annotated[int, typer.Option(min=0, max=1024, help="How many more handsets are to be plugged in.")] = 0,
    sysfs: Annotated[Path | None, typer.Option(help="A recorded tree instead of /sys/bus/usb/devices.")] = None,
) -> None:
    """Look at controllers and hubs before many handsets are plugged in; exit 1 where some would be missing."""
    from provisioning.bays.bay_map import BayMap, load_map
    from provisioning.bays.desk_bays import MAP_FILE
    from provisioning.bays.usb_preflight import MOST_ADDRESSES, MOST_DEVICES, UsbTrouble, usb_preflight, use_of
    from provisioning.bays.usb_tree import SYSFS, read_tree

    call = call_of(context)
    tree = read_tree(sysfs or SYSFS)
    known = load_map(call.home_path / "bays" / MAP_FILE).today(tree) if sysfs is None else BayMap()
    findings = usb_preflight(tree, handsets, known.hub_named)
    uses = use_of(tree) if tree is not None else ()
    document = {
        "controllers": [
            {"controller": use.controller, "xhci": use.xhci, "devices": use.devices, "endpoints": use.endpoints,
             "free_ports": use.free_ports, "takes": use.takes}
            for use in uses
        ],
        "hubs": [
            {"hub": known.hub_named(str(hub.path)) or None, "path": str(hub.path), "product": hub.product,
             "speed": hub.speed, "usb": f"{hub.usb[0]}.{hub.usb[1]:02d}", "ports": hub.ports, "tier": hub.path.tier,
             "self_powered": hub.self_powered}
            for hub in (tree.devices if tree is not None else ()) if hub.is_hub
        ],
        "findings": [
            {"trouble": str(one.trouble), "blocking": one.blocking, "sentence": one.sentence, "mend": one.mend}
            for one in findings
        ],
    }  # fmt: skip
    lines = [
        f"Controller {use.controller}: {use.devices} of {MOST_DEVICES if use.xhci else MOST_ADDRESSES} devices, "
        f"{use.free_ports} free sockets on its hubs, room for {use.takes} more handsets."
        for use in uses
    ]
    lines += [
        f"{'PROBLEM' if one.blocking else 'note   '}  {one.sentence}\n           → {one.mend}" for one in findings
    ]
    call.answer(document, "\n".join(lines))
    if any(one.blocking for one in findings):
        leave(Exit.NOT_CLEAR)
    if any(one.trouble is UsbTrouble.NOT_READ for one in findings):
        leave(Exit.UNKNOWN)


def power(
    context: typer.Context,
    label: Annotated[str, typer.Argument(help="The bay whose port is to be without power for a moment.")],
    confirm: Annotated[list[str] | None, typer.Option("--confirm", help="The same bay once more.")] = None,
) -> None:
    """Take the power from one port and give it back, where uhubctl and the hub can. Its handset is cut off for that."""
    from provisioning.bays.port_path import read_path
    from provisioning.bays.port_power import power_cycle
    from provisioning.bays.usb_tree import read_tree

    call = call_of(context)
    if confirm != [label]:
        raise UsageError(f"Whatever hangs there is cut off. Say that it is meant: --confirm {one_line(label, 24)}")
    home = assembly.home_at(call.home_path, call.tell)
    with home.lock("bays power"):
        desk = _desk_bays(home)
        ports = [port for port, (named, _) in desk.places().items() if named == label]
        if not ports and read_path(label) is None:
            desk.map.find(label)
        said = power_cycle((ports or [label])[0], read_tree())
    call.answer({"bay": label, "sentence": said}, said)


def _desk_bays(home: Home) -> DeskBays:
    from provisioning.bays.desk_bays import DeskBays

    return DeskBays(home.bays_folder, load_settings(home.settings_file).bays, {})
