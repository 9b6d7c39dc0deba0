"""Eight desks, each a process, hand handsets over on one shared ledger as fast as they can, all wanting the same ones.

    python tests/chaos/many_desks.py [--handovers 2000] [--desks 8] [--kill] [--cut] [--reserve]

``--kill`` ends the database in the middle as a power cut would (SIGQUIT, fsync on) and starts it again; ``--cut`` takes
single desks off the network for a while. What desks did alone is handed in afterwards. Then the tables are counted
without this program's code: handsets out to two officers, handovers that a desk was told of and that are missing,
receipt numbers given twice; and each desk's chain is checked by its public key. Exit 1 where anything is wrong.

Handsets that two desks gave out while one of them was cut off must stand there twice, and ``conflicts`` must find each
of them. With ``--reserve`` there may be none: desks reserve handsets first, fighting for the same ones, and alone hand
over nothing else (``alone = "reserved"`` in desk.toml).
"""

from __future__ import annotations

# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false
import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

import psycopg
from cable import Cable
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from postgres_server import PASSWORD, Server
from sqlalchemy.engine import URL

from provisioning.conflicts import Clash, find_conflicts
from provisioning.errors import HomeError
from provisioning.ledger.check_shared import check_shared
from provisioning.ledger.draft import Body, Draft, LedgerOwner
from provisioning.ledger.headfile import HeadFile
from provisioning.ledger.joint import JointStore
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.postgres import open_postgres
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.shared_making import let_desk_in, make_shared_ledger
from provisioning.ledger.sqlite import create_sqlite
from provisioning.signatures import DeskSigner

CUT_SECONDS = 9.0
"""Longer than a desk waits before it goes on alone."""
DURABLE = ("-c", "fsync=on")


class AlreadyOut(Exception):
    pass


def signer_of(number: int) -> DeskSigner:
    return DeskSigner(Ed25519PrivateKey.from_private_bytes(bytes([number + 1]) * 32))


def owner_of(number: int) -> LedgerOwner:
    return LedgerOwner(f"desk-{number}", signer_of(number).public, training=False, receipt_prefix=f"D{number}")


RESERVES = 60
"""How many handsets each desk tries to reserve."""


def work(number: int, address: str, folder: Path, serials: int, *, reserve: bool) -> None:
    """Be one desk: try to hand over every handset, in an order of its own, and tell which it did."""
    shared = open_postgres(postgres_url(address), writing=True)
    store = JointStore(create_sqlite(folder / "ledger.sqlite"), shared, reserved_only=reserve)
    order = [f"S{index:05d}" for index in range(serials)]
    random.Random(number).shuffle(order)
    signer = signer_of(number)
    with Ledger(
        store, owner_of(number), head_file=HeadFile(folder / "ledger.head"), signer=lambda: signer, shared=True
    ) as ledger:
        print("ready", flush=True)
        sys.stdin.readline()
        for serial in random.Random(number).sample(sorted(order)[: RESERVES * 4], RESERVES) if reserve else ():
            with suppress(HomeError):
                ledger.append("reserved", serial, {}, technician="A. Khan")
        for serial in order:

            def body(draft: Draft, serial: str = serial) -> Body:
                last = draft.entries(serial=serial, kind=("handed_over", "returned"), newest_first=True, limit=1)
                if last and last[0].kind == "handed_over":
                    raise AlreadyOut
                return {"officer": f"P{number}"}

            try:
                entry = ledger.append_receipt("handed_over", serial, body, technician="A. Khan", once=f"out {serial}")
            except AlreadyOut:
                continue
            except HomeError as refused:
                if reserve and "reserved" in str(refused):
                    continue
                raise
            print(json.dumps([serial, entry.receipt, entry.hash, store.alone or store.unsure]), flush=True)
        print("done", flush=True)
        sys.stdin.readline()
        deadline = time.monotonic() + 60
        while store.waiting(owner_of(number).desk) != 0:
            store.hand_in(owner_of(number).desk)
            assert time.monotonic() < deadline
        assert ledger.verify(every_signature=True).ok


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--handovers", type=int, default=2000)
    parser.add_argument("--desks", type=int, default=8)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--cut", action="store_true")
    parser.add_argument("--reserve", action="store_true")
    parser.add_argument("--be", nargs=3)
    options = parser.parse_args()
    if options.be:
        number, address, folder = options.be
        work(int(number), address, Path(folder), options.handovers, reserve=options.reserve)
        return 0
    root = Path(tempfile.mkdtemp(prefix="issuing-desk-many-"))
    database = Server(Path(tempfile.mkdtemp(prefix="issuing-desk-postgres-")))
    try:
        return run(options, root, database)
    finally:
        database.remove()


def run(options: argparse.Namespace, root: Path, database: Server) -> int:
    database.start(*DURABLE)
    database.execute("CREATE DATABASE many")
    administrator = postgres_url(database.url("many"))
    make_shared_ledger(administrator)
    cables: list[Cable] = []
    desks: list[subprocess.Popen[str]] = []
    told: dict[int, list[list[object]]] = {}
    for number in range(options.desks):
        login = f"desk{number}"
        database.execute(f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'")
        let_desk_in(administrator, owner_of(number), f"Desk {number}", login)
        cable = Cable(database.port)
        cables.append(cable)
        folder = root / login
        folder.mkdir()
        address = database.url("many", login).replace(f":{database.port}/", f":{cable.port}/")
        desks.append(
            subprocess.Popen(
                [
                    sys.executable, __file__, "--handovers", str(options.handovers),
                    *(["--reserve"] if options.reserve else []),
                    "--be", str(number), address, str(folder),
                ],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            )
        )  # fmt: skip
    for desk in desks:
        assert desk.stdout is not None
        assert desk.stdout.readline() == "ready\n"
    begun = time.monotonic()

    def listen(number: int) -> None:
        got: list[list[object]] = []
        told[number] = got
        desk = desks[number]
        assert desk.stdin is not None
        assert desk.stdout is not None
        desk.stdin.write("\n")
        for line in desk.stdout:
            if line == "done\n":
                return
            got.append(json.loads(line))

    ears = [threading.Thread(target=listen, args=(number,)) for number in range(options.desks)]
    for ear in ears:
        ear.start()
    if options.kill:
        _wait_for(told, options.handovers // 3)
        database.stop(signal.SIGQUIT)
        time.sleep(2)
        database.start(*DURABLE)
    if options.cut:
        _wait_for(told, options.handovers // 2)
        for cable in cables[::3]:
            cable.cut()
        time.sleep(CUT_SECONDS)
        for cable in cables:
            cable.mend()
    for ear in ears:
        ear.join()
    seconds = time.monotonic() - begun
    failed = False
    for desk in desks:
        assert desk.stdin is not None
        desk.stdin.write("\n")
        desk.stdin.close()
        failed |= desk.wait(90) != 0
    for cable in cables:
        cable.close()
    return _judge(options, administrator, database, told, seconds) or int(failed)


def _wait_for(told: dict[int, list[list[object]]], count: int) -> None:
    while sum(map(len, told.values())) < count:
        time.sleep(0.02)


def _judge(
    options: argparse.Namespace, administrator: URL, database: Server, told: dict[int, list[list[object]]],
    seconds: float,
) -> int:  # fmt: skip
    with psycopg.connect(
        database.url("many").replace("+psycopg", ""), options="-c search_path=issuing_desk"
    ) as connection:
        rows = connection.execute(
            "SELECT subject, receipt, encode(hash, 'hex') FROM entries WHERE kind = 'handed_over'"
        ).fetchall()
    kept = {digest for _, _, digest in rows}
    said = [tuple(one) for got in told.values() for one in got]
    lost = [one for one in said if one[2] not in kept]
    out_twice = {serial for serial, count in Counter(subject for subject, _, _ in rows).items() if count > 1}
    doubled = [number for number, count in Counter(receipt for _, receipt, _ in rows).items() if count > 1]
    alone = {serial for serial, _, _, was_alone in said if was_alone}
    store = open_postgres(administrator, writing=False)
    check = check_shared(store, [signer_of(number).public for number in range(options.desks)], every_signature=True)
    books = Ledger(store, owner_of(0), shared=True)
    found = {one.subject for one in find_conflicts(books) if one.clash is Clash.OUT_TWICE}
    store.close()
    unexplained = out_twice - alone
    print(
        f"{options.desks} desks, {options.handovers} handsets, {len(rows)} handovers in {seconds:.1f} s "
        f"({len(rows) / seconds:.0f}/s); {len(alone)} done alone\n"
        f"out to two officers, though both desks could see: {len(unexplained)}\n"
        f"out on two sides of a cut: {len(out_twice & alone)}, found as conflicts: {len(found & out_twice)}\n"
        f"told and lost: {len(lost)}; receipt numbers given twice: {len(doubled)}; "
        f"handsets nobody got: {options.handovers - len({subject for subject, _, _ in rows})}\n"
        f"chains: {'whole' if check.ok else check.why()} ({check.entries} entries)"
    )
    bad = (out_twice if options.reserve else unexplained) or lost or doubled or found != out_twice or not check.ok
    return int(bool(bad) or len({subject for subject, _, _ in rows}) != options.handovers)


if __name__ == "__main__":
    sys.exit(main())
