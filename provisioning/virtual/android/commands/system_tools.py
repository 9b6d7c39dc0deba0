"""What shell is and what the handset is doing: id, date, uptime, reboot, logcat and the like."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from provisioning.virtual.android.shell.process import Process, Program, to_text
from provisioning.virtual.android.shell.streams import Nothing, read_all
from provisioning.virtual.android.state.files import FileProblem

_GROUPS = (
    "1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),1078(ext_data_rw),1079(ext_obb_rw),3001(net_bt_admin),"
    "3002(net_bt),3003(inet),3006(net_bw_stats),3009(readproc),3011(uhid),3012(readtracefs)"
)
_LONGEST_SLEEP = 24 * 3600.0


async def _id(process: Process) -> int:
    if process.arguments[:1] == ["-u"]:
        process.line("2000")
    else:
        process.line(f"uid=2000(shell) gid=2000(shell) groups=2000(shell),{_GROUPS} context=u:r:shell:s0")
    return 0


async def _whoami(process: Process) -> int:
    process.line("shell")
    return 0


async def _date(process: Process) -> int:
    now = process.phone.now()
    forms = [word[1:] for word in process.arguments if word.startswith("+")]
    if forms:
        process.line(time.strftime(forms[0].replace("%s", str(now)), time.gmtime(now)))
    else:
        process.line(time.strftime("%a %b %e %H:%M:%S GMT %Y", time.gmtime(now)))
    return 0


async def _uptime(process: Process) -> int:
    seconds = int(process.phone.uptime)
    clock = time.strftime("%H:%M:%S", time.gmtime(process.phone.now()))
    process.line(f" {clock} up {seconds // 60} min,  0 users,  load average: 5.11, 4.72, 4.41")
    return 0


async def _sleep(process: Process) -> int:
    total = 0.0
    for word in process.arguments:
        unit = {"s": 1, "m": 60, "h": 3600}.get(word[-1:], 0)
        try:
            total += float(word[:-1] if unit else word) * (unit or 1)
        except ValueError:
            return process.fail(f"sleep: Unknown suffix '{word[-1:]}'")
    await asyncio.sleep(min(max(total, 0), _LONGEST_SLEEP))
    return 0


async def _uname(process: Process) -> int:
    if "-a" in process.arguments:
        process.line("Linux localhost 5.15.110-android14-11 #1 SMP PREEMPT aarch64 Toybox")
    else:
        process.line("aarch64" if "-m" in process.arguments else "Linux")
    return 0


async def _getenforce(process: Process) -> int:
    process.line("Enforcing")
    return 0


async def _setenforce(process: Process) -> int:
    return process.fail("setenforce: Couldn't set enforcing status to '0': Permission denied")


async def _reboot(process: Process) -> int:
    process.phone.reboot()
    await asyncio.Event().wait()
    return 0


async def _logcat(process: Process) -> int:
    if "-c" in process.arguments:
        return 0
    stamp = time.strftime("%m-%d %H:%M:%S.000", time.gmtime(process.phone.now()))
    process.out("--------- beginning of main\n")
    process.out(f"{stamp}  1000  1500  1500 I ActivityManager: virtual handset, nothing is logged here\n")
    if not {"-d", "-t", "-T", "-S", "-g"} & set(process.arguments):
        await process.flush()
        await asyncio.Event().wait()
    return 0


async def _df(process: Process) -> int:
    free = 0 if process.phone.files.full else 95_000_000
    process.line("Filesystem       1K-blocks     Used Available Use% Mounted on")
    process.line(
        f"/dev/block/dm-5   115000000 {115_000_000 - free} {free:9d} {100 - free * 100 // 115_000_000:3d}% /data"
    )
    return 0


async def _ps(process: Process) -> int:
    process.line("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME")
    process.line("root             1     0 10812340  11592 0                   0 S init")
    process.line("shell         4711     1   10900   4200 0                   0 R ps")
    return 0


async def _svc(process: Process) -> int:
    words = process.arguments
    if words[:1] == ["usb"]:
        process.line("mtp,adb")
    elif words[:2] == ["power", "reboot"]:
        return await _reboot(process)
    return 0


async def _nothing(_process: Process) -> int:
    return 0


async def _content(process: Process) -> int:
    return process.fail("Error while accessing provider: content is not simulated")


async def _env(process: Process) -> int:
    process.out("".join(f"{key}={value}\n" for key, value in process.environment.items()))
    return 0


async def _sh(process: Process) -> int:
    words = process.arguments
    if words[:1] == ["-c"] and len(words) > 1:
        shell = process.shell.copy()
        shell.name, shell.positional = (words[2] if len(words) > 2 else "sh"), words[3:]
        shell.functions = {}
        return await shell.run(words[1], process.stdin, process.stdout, process.stderr)
    if words:
        path = process.phone.files.absolute(words[0], process.shell.folder)
        try:
            text = to_text(process.phone.files.read(path))
        except FileProblem as problem:
            return process.fail(f"/system/bin/sh: can't open '{words[0]}': {problem}", 127)
    else:
        text = to_text(await read_all(process.stdin))
    shell = process.shell.copy()
    shell.name, shell.positional = (words[0] if words else "sh"), words[1:]
    return await shell.run(text, Nothing() if not words else process.stdin, process.stdout, process.stderr)


async def _toybox(process: Process) -> int:
    if not process.arguments:
        process.line(" ".join(sorted(process.phone.programs)))
        return 0
    return await process.shell.run_arguments(process.arguments, process.ends)


async def _timeout(process: Process) -> int:
    words = process.arguments
    try:
        seconds = float(words[0].rstrip("s"))
    except (IndexError, ValueError):
        return process.fail("timeout: Needs 2 arguments", 125)
    try:
        async with asyncio.timeout(seconds):
            return await process.shell.run_arguments(words[1:], process.ends)
    except TimeoutError:
        return 124


async def _xargs(process: Process) -> int:
    words = list(process.arguments)
    most, placed, separator = 0, "", None
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if flag[:2] in {"-n", "-I", "-s", "-P"}:
            value = flag[2:] or (words.pop(0) if words else "")
            most = int(value) if flag[1] == "n" and value.isdigit() else most
            placed = value if flag[1] == "I" else placed
        elif flag == "-0":
            separator = "\0"
    text = to_text(await read_all(process.stdin))
    given = [one for one in text.split(separator) if one] if not placed else text.splitlines()
    words = words or ["echo"]
    if placed:
        batches = [[word.replace(placed, one) for word in words] for one in given]
    else:
        step = most or max(len(given), 1)
        batches = [[*words, *given[at : at + step]] for at in range(0, max(len(given), 1), step)]
    code = 0
    for batch in batches:
        code = await process.shell.run_arguments(batch, process.ends) or code
    return 123 if code else 0


async def _wm(process: Process) -> int:
    """``wm size|density``: what a screen of that class has."""
    match process.arguments[:1]:
        case ["size"]:
            process.line("Physical size: 1080x2400")
        case ["density"]:
            process.line("Physical density: 420")
        case _:
            process.line("Window manager (window) commands:")
            return 0 if process.arguments[:1] == ["help"] else 255
    return 0


async def _groups(process: Process) -> int:
    process.line("shell input log adb sdcard_rw sdcard_r ext_data_rw ext_obb_rw net_bt_admin net_bt inet net_bw_stats")
    return 0


PROGRAMS: Mapping[str, Program] = {
    "id": _id, "whoami": _whoami, "date": _date, "uptime": _uptime, "sleep": _sleep, "uname": _uname,
    "getenforce": _getenforce, "setenforce": _setenforce, "reboot": _reboot, "logcat": _logcat, "df": _df,
    "ps": _ps, "svc": _svc, "input": _nothing, "monkey": _nothing, "sync": _nothing, "content": _content, "env": _env,
    "sh": _sh, "toybox": _toybox, "xargs": _xargs, "nice": _toybox, "timeout": _timeout,
    "wm": _wm, "groups": _groups,
}  # fmt: skip
