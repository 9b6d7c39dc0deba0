"""Handsets that answer well-formed lies or halves, played here word by word: short lists, swaps, contradictions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from android_bench import as_android, no_controller, organisation, policy, training_controller

from provisioning.android.handset import AndroidHandset
from provisioning.android.hub import AndroidHub
from provisioning.errors import HandsetGarbled, HandsetGone
from provisioning.handset import Identity, Ownership
from provisioning.inventory import Inventory, Presence
from provisioning.organisation import Organisation

STATE = (
    "ceDataInode=1 installed=true hidden=false suspended=false distractionFlags=0 stopped=false notLaunched=false "
    "enabled=0 instant=false virtual=false"
)
PACKAGES = ["android", "com.android.systemui", *(f"com.maker.part{number}" for number in range(120))]
PROPERTIES = {
    "ro.serialno": "R58T00TEST",
    "ro.product.model": "SM-A546B",
    "ro.product.brand": "samsung",
    "ro.build.version.release": "14",
    "ro.build.version.sdk": "34",
    "ro.boot.verifiedbootstate": "green",
    "ro.debuggable": "0",
    "sys.boot_completed": "1",
}
NO_OWNER = "Current Device Policy Manager state:\n  Enabled Device Admins (User 0, provisioningState: 0):\n"

Said = str | tuple[str, str, int]


@dataclass
class PlayedHandset:
    """One handset behind one adb server; ``said`` maps the beginning of a command to what it answers."""

    serial: str = "R58T00TEST"
    users: tuple[int, ...] = (0,)
    listed: list[str] = field(default_factory=lambda: list(PACKAGES))
    dumped: list[str] = field(default_factory=lambda: list(PACKAGES))
    others: list[str] = field(default_factory=list[str])
    invisible: list[str] = field(default_factory=list[str])
    forged: dict[str, str] = field(default_factory=dict[str, str])
    extra: dict[str, Said] = field(default_factory=dict[str, Said])

    def answer(self, command: str) -> Said:
        for beginning, said in self.extra.items():
            if command.startswith(beginning):
                return said
        for beginning, say in self._sayings().items():
            if command.startswith(beginning):
                return say(command)
        return ("", f"sh: {command.split()[0]}: not found\n", 127)

    def _sayings(self) -> dict[str, Callable[[str], Said]]:
        return {
            "getprop ro.serialno": lambda _: f"{self.serial}\n",
            "getprop ro.build.version.sdk": lambda _: "34\n",
            "getprop": lambda _: "".join(
                f"[{key}]: [{value}]\n" for key, value in {**PROPERTIES, "ro.serialno": self.serial}.items()
            ),
            "pm list users": lambda _: (
                "Users:\n"
                + "".join(f"\tUserInfo{{{user}:x:{'4c13' if user == 0 else '61010'}}} running\n" for user in self.users)
            ),
            "dumpsys -t 30 user": lambda _: (
                "Users:\n"
                + "".join(
                    f"  UserInfo{{{user}:xxx:{'4c13' if user == 0 else '61010'}}} serialNo={user} isPrimary=true\n"
                    "    Effective restrictions:\n      none\n"
                    for user in self.users
                )
            ),
            "dumpsys -t 60 package packages": lambda _: self._dump(),
            "dumpsys -t 60 package resolvers": lambda _: "",
            "dumpsys -t 30 device_policy": lambda _: NO_OWNER,
            "dpm list-owners": lambda _: "no owners\n",
            "pm list packages -3": lambda _: "".join(f"package:{name}\n" for name in self.others),
            "pm list packages": lambda command: "".join(
                f"package:{name} uid:{int(command.split()[-1]) * 100_000 + 1000}\n"
                for name in (self.listed if "-s" in command.split() else [*self.listed, *self.others])
                if "-u" in command.split() or name not in self.invisible
            ),
            "pm get-app-links": lambda _: "",
            "pm path": lambda _: ("", "", 1),
            "tail": lambda _: ("", "tail: no\n", 1),
        }

    def _dump(self) -> str:
        blocks = [
            self.forged.get(name)
            or f"  Package [{name}] (1a):\n    appId=1000\n    codePath=/system/x\n    pkgFlags=[ SYSTEM HAS_CODE ]\n"
            + "".join(f"    User {user}: {STATE}\n" for user in self.users)
            for name in [*self.dumped, *self.others]
        ]
        return "Packages:\n" + "".join(blocks)


class PlayedServer:
    """An adb server with one transport; scripts are answered part by part, as a shell does."""

    def __init__(self, handset: PlayedHandset) -> None:
        self.handset = handset
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = (await reader.readexactly(int(await reader.readexactly(4), 16))).decode()
                if request == "host:devices-l":
                    text = f"{self.handset.serial} device usb:1-1 product:p model:m device:d transport_id:1\n".encode()
                    writer.write(b"OKAY%04x" % len(text) + text)
                    break
                writer.write(b"OKAY")
                if request.startswith("shell,v2,raw:"):
                    writer.write(self._run(request.removeprefix("shell,v2,raw:")))
                    break
            await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    def _run(self, script: str) -> bytes:
        out, err = "", ""
        for command, mark in re.findall(r"(.*?); echo (\w{24}:\d+:)\$\?; echo \w{24}:\d+: >&2(?:; )?", script):
            said = self.handset.answer(command)
            text, complaint, code = (said, "", 0) if isinstance(said, str) else said
            out, err = f"{out}{text}{mark}{code}\n", f"{err}{complaint}{mark}\n"
        packets = [(1, out.encode()), (2, err.encode()), (3, b"\0")]
        return b"".join(bytes([kind]) + len(data).to_bytes(4, "little") + data for kind, data in packets)


@dataclass
class Desk:
    played: PlayedHandset
    handset: AndroidHandset

    async def inventory(self) -> Inventory:
        """Read it as a verification does; reading the apps alone must say the very same."""
        inventory = (await self.handset.read(policy())).inventory
        assert await self.handset.inventory() == inventory
        return inventory

    async def missed(self) -> set[str]:
        return {one.area for one in (await self.inventory()).unread}


@asynccontextmanager
async def playing(played: PlayedHandset, of: Organisation) -> AsyncGenerator[Desk]:
    server = PlayedServer(played)
    await server.start()
    hub = AndroidHub(of, "127.0.0.1", server.port, {})
    handset = as_android(hub.handset((await hub.attached())[0]))
    try:
        yield Desk(played, handset)
    finally:
        await handset.close()
        await hub.close()
        await server.stop()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with playing(PlayedHandset(), organisation(no_controller)) as laid:
        yield laid


async def test_the_played_handset_is_complete_when_it_tells_the_truth(desk: Desk) -> None:
    assert isinstance(await desk.handset.identify(), Identity)
    inventory = await desk.inventory()
    assert inventory.unread == ()
    assert len(inventory.apps) == len(PACKAGES)


async def test_a_swapped_handset_is_found_out_at_the_next_word(desk: Desk) -> None:
    await desk.handset.identify()
    desk.played.serial = "R58T00OTHER"
    for attempt in (
        desk.handset.identify(),
        desk.handset.inventory(),
        desk.handset.enrolment(),
        desk.handset.condition(),
    ):
        with pytest.raises(HandsetGone):
            await attempt


async def test_a_list_that_is_short_in_silence_is_named(desk: Desk) -> None:
    del desk.played.listed[-1]
    assert await desk.missed() == {"apps of user 0"}


async def test_a_dump_that_is_short_in_silence_is_named(desk: Desk) -> None:
    del desk.played.dumped[-1]
    assert await desk.missed() == {"apps of user 0"}
    assert len((await desk.inventory()).apps) == len(PACKAGES)


@pytest.mark.parametrize("sentinel", ["android", "com.android.systemui"])
async def test_a_handset_without_its_system_is_named(desk: Desk, sentinel: str) -> None:
    desk.played.listed.remove(sentinel)
    desk.played.dumped.remove(sentinel)
    assert await desk.missed() == {"apps of user 0"}


async def test_too_few_packages_on_both_lists_are_named(desk: Desk) -> None:
    del desk.played.listed[90:]
    del desk.played.dumped[90:]
    assert await desk.missed() == {"apps of user 0"}


async def test_a_device_owner_that_is_on_no_list_is_named(desk: Desk) -> None:
    owner = "  Device Owner: \n    admin=ComponentInfo{com.x/com.x.R}\n    package=com.x\n"
    desk.played.extra["dumpsys -t 30 device_policy"] = NO_OWNER.replace("\n", f"\n{owner}", 1)
    desk.played.extra["dpm list-owners"] = "1 owner:\nUser  0: admin=com.x/.R,DeviceOwner\n"
    assert await desk.missed() == {"apps of user 0"}


def forged(name: str, flags: str, state: str) -> str:
    """Write a whole false block and the section's end into a version name; the true lines follow after it."""
    false = (
        f"1\n    pkgFlags=[ {flags} ]\n    User 0: {state}\n\nHidden system packages:\n  Package [x] (1):\n    appId=1"
    )
    true = f"    pkgFlags=[ HAS_CODE ]\n    User 0: {STATE}\n"
    return f"  Package [{name}] (1a):\n    appId=10200\n    codePath=/data/app/x\n    versionName={false}\n{true}"


HIDDEN = STATE.replace("hidden=false", "hidden=true")
REMOVED = STATE.replace("installed=true", "installed=false")


@pytest.mark.parametrize(
    ("flags", "state"),
    [("HAS_CODE", HIDDEN), ("SYSTEM HAS_CODE", REMOVED), ("SYSTEM HAS_CODE", STATE)],
    ids=["hidden", "removed", "the system's"],
)
async def test_an_app_that_forges_its_own_entry_is_still_installed_and_named(
    desk: Desk, flags: str, state: str
) -> None:
    desk.played.others = ["com.evil"]
    desk.played.forged["com.evil"] = forged("com.evil", flags, state)
    inventory = await desk.inventory()
    evil = next(app for app in inventory.apps if app.id == "com.evil")
    assert (evil.presence, evil.system) == (Presence.INSTALLED, False)
    assert [one.area for one in inventory.unread] == ["apps of user 0"]


async def test_an_app_that_ends_the_dump_early_hides_nothing_behind_it(desk: Desk) -> None:
    desk.played.others = ["com.evil", "com.behind"]
    desk.played.forged["com.evil"] = forged("com.evil", "HAS_CODE", STATE)
    inventory = await desk.inventory()
    assert {"com.evil", "com.behind"} <= {app.id for app in inventory.apps}
    assert [one.area for one in inventory.unread] == ["apps of user 0"]


async def test_a_hidden_package_is_hidden_only_if_both_sources_say_so(desk: Desk) -> None:
    desk.played.others = ["com.a"]
    desk.played.invisible = ["com.a"]
    desk.played.forged["com.a"] = (
        f"  Package [com.a] (1a):\n    appId=10200\n    pkgFlags=[ HAS_CODE ]\n    User 0: {HIDDEN}\n"
    )
    inventory = await desk.inventory()
    assert inventory.unread == ()
    assert next(app for app in inventory.apps if app.id == "com.a").presence is Presence.HIDDEN
    desk.played.invisible = []
    inventory = await desk.inventory()
    assert [one.area for one in inventory.unread] == ["apps of user 0"]
    assert next(app for app in inventory.apps if app.id == "com.a").presence is Presence.INSTALLED


async def test_a_user_that_only_one_source_knows_is_named(desk: Desk) -> None:
    desk.played.users = (0, 150)
    desk.played.extra["pm list users"] = "Users:\n\tUserInfo{0:x:4c13} running\n"
    assert "list of users" in await desk.missed()
    assert [user.id for user in (await desk.inventory()).users] == [0, 150]


async def test_a_user_that_the_dump_of_packages_leaves_out_is_named(desk: Desk) -> None:
    desk.played.users = (0, 150)
    desk.played.extra["dumpsys -t 60 package packages"] = PlayedHandset().answer("dumpsys -t 60 package packages")
    assert await desk.missed() == {"apps of user 150 (Secure Folder)"}


@pytest.mark.parametrize(
    "said",
    [
        ("", "java.lang.SecurityException: Shell does not have permission to access user 0\n", 255),
        ("package:android\n", "Error: java.lang.SecurityException: no\n", 0),
        ("package:android\npackage:com.an", "", 0),
        ("", "", 0),
    ],
    ids=["refused", "skipped", "cut", "empty"],
)
async def test_no_half_of_a_list_passes(desk: Desk, said: Said) -> None:
    desk.played.extra["pm list packages"] = said
    assert "apps of user 0" in await desk.missed()


SOURCES = [
    "pm list users",
    "dumpsys -t 30 user",
    "dumpsys -t 60 package packages",
    "dumpsys -t 30 device_policy",
    "pm get-app-links",
]
NO_SERVICE = ("", "cmd: Can't find service: x\n", 20)


@pytest.mark.parametrize("command", SOURCES)
@pytest.mark.parametrize("said", [NO_SERVICE, "nonsense\n"], ids=["no service", "nonsense"])
async def test_each_source_that_fails_is_named(desk: Desk, command: str, said: Said) -> None:
    desk.played.extra[command] = said
    assert await desk.missed()


async def test_a_handset_that_hides_its_users_is_not_read_at_all(desk: Desk) -> None:
    desk.played.extra["pm list users"] = desk.played.extra["dumpsys -t 30 user"] = ("", "no\n", 1)
    with pytest.raises(HandsetGarbled):
        await desk.inventory()


async def test_owners_that_contradict_each_other_are_unreadable_not_nobody(desk: Desk) -> None:
    desk.played.extra["dpm list-owners"] = "1 owner:\nUser  0: admin=com.x/.R,DeviceOwner\n"
    assert (await desk.handset.enrolment()).ownership is Ownership.UNREADABLE
    for lock_down in (await desk.handset.lock_down(policy()), (await desk.handset.read(policy())).lock_down):
        assert [one.area for one in lock_down.unread] == ["device owner"]
        assert not lock_down.in_force


async def test_a_handset_that_changed_its_facts_of_boot_is_not_locked_down(desk: Desk) -> None:
    desk.played.extra["getprop"] = "".join(
        f"[{key}]: [{value}]\n" for key, value in {**PROPERTIES, "ro.boot.verifiedbootstate": "orange"}.items()
    )
    desk.played.extra = {"getprop ro.serialno": "R58T00TEST\n", **desk.played.extra}
    held = {one.name: one.holds for one in (await desk.handset.lock_down(policy())).requirements}
    assert held["ro.boot.verifiedbootstate"] is False


async def test_an_owner_whose_certificate_cannot_be_read_is_unreadable() -> None:
    ours = training_controller()
    owner = f"  Device Owner: \n    admin=ComponentInfo{{{ours.package}/{ours.package}.AdminReceiver}}\n"
    played = PlayedHandset()
    played.extra["dumpsys -t 30 device_policy"] = NO_OWNER.replace("\n", f"\n{owner}", 1)
    played.extra["dpm list-owners"] = f"1 owner:\nUser  0: admin={ours.component},DeviceOwner\n"
    played.extra["pm path"] = "package:/data/app/x/base.apk\n"
    async with playing(played, organisation()) as desk:
        assert (await desk.handset.enrolment()).ownership is Ownership.UNREADABLE
