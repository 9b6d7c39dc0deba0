"""`enrolment`: providers, the provisioning QR for factory-fresh Androids, and portals' exports."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave, table
from console.commands import secrets
from console.provisioning_code import ProvisioningCode, Wanted, own_code, served_code
from console.returning import Returns
from console.settings import load_settings
from provisioning.enrolment.portal import PortalState, read_portal_export
from provisioning.enrolment.provider import Provider, load_provider, provider_names
from provisioning.enrolment.qr import SECURITIES, Wifi, check_qr, secret_keys
from provisioning.enrolment.tokens import init_file
from provisioning.errors import FileError, UsageError
from provisioning.files import write_file
from provisioning.organisation import DeviceController
from provisioning.plain_text import one_line
from ui.actions import Returned, ReturnState

app = typer.Typer(help="How Androids become ours: providers, the provisioning QR, portals.", no_args_is_help=True)
WIFI_PASSWORD = "ISSUING_DESK_WIFI_PASSWORD"  # noqa: S105 - the variable's name, not the password
LARGEST = 4 << 20
HOW_TO_SCAN = (
    "Switch the handset on and, on its very first screen, tap six times in one place. Scan this code, follow the "
    "handset's screens, then allow USB debugging for this computer."
)

Extras = Annotated[list[str] | None, typer.Option("--extra", help="KEY=VALUE for the controller; may be repeated.")]
ProviderName = Annotated[str, typer.Option("--provider", help="See “enrolment providers”.")]


def register(root: typer.Typer) -> None:
    """Add the commands to the program."""
    secrets.register(app)
    root.add_typer(app, name="enrolment")


@app.command()
def providers(context: typer.Context) -> None:
    """List the providers: what each must name as owner, how its token ends, how it is sealed, what has no source."""
    found = [load_provider(name) for name in provider_names()]
    rows = [
        (one.name, one.title, ", ".join(one.methods), _owner(one), one.token_expiry, one.seal,
         ", ".join(one.unsourced) or "–")
        for one in found
    ]  # fmt: skip
    text = table(rows, ("Name", "Title", "Ways", "Owner it must name", "Token ends", "Sealed by", "Without a source"))
    call_of(context).answer([one.model_dump() for one in found], text)


@app.command()
def qr(
    context: typer.Context,
    provider: ProviderName = "generic",
    *,
    download: Annotated[str | None, typer.Option(help="Address from which the handset gets the controller.")] = None,
    apk: Annotated[Path | None, typer.Option(help="The controller's APK; the desk's own if left out.")] = None,
    component: Annotated[str | None, typer.Option(help="The controller's receiver, package/class.")] = None,
    extra: Extras = None,
    token_file: Annotated[
        Path | None, typer.Option(help="The server's enrolment token, JSON, as it was given.")
    ] = None,
    wifi_ssid: Annotated[str | None, typer.Option(help="Wi-Fi network to join.")] = None,
    wifi_security: Annotated[str, typer.Option(help="NONE, WPA, WEP or EAP.")] = "WPA",
    wifi_password_file: Annotated[
        Path | None, typer.Option(help=f"File with its password (or {WIFI_PASSWORD}).")
    ] = None,
    wifi_hidden: Annotated[bool, typer.Option(help="The network hides its name.")] = False,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Any other key: PROVISIONING_LOCALE=en_GB; may be repeated.")
    ] = None,
    image: Annotated[Path | None, typer.Option(help="Write the code here, .png or .svg.")] = None,
    follow: Annotated[float, typer.Option(min=0, help="Seconds to wait until the handset is back on the cable.")] = 0,
) -> None:
    """Make the code that a factory-fresh Android scans. It may hold passwords: show it, do not keep it."""
    call = call_of(context)
    chosen = load_provider(provider)
    security = wifi_security.upper()
    if security not in SECURITIES:
        raise UsageError(f"--wifi-security is one of {', '.join(SECURITIES)}.")
    wifi = None
    if wifi_ssid is not None:
        wifi = Wifi(wifi_ssid, security, _password(wifi_password_file), wifi_hidden)
    if token_file is not None:
        code = served_code(chosen, _read(token_file), wifi)
    else:
        wanted = Wanted(download, apk, component, _pairs(extra), wifi, _settings(setting))
        code = own_code(chosen, wanted, lambda: _desks_own(call))
    if image is not None:
        _draw(code.text, image)
    document = _document(code, image)
    shown = _terminal(code.text) if image is None else f"The code is in {image}."
    if code.expires is not None:
        shown += f"\nIt ends on {code.expires.astimezone():%d %B %Y at %H:%M}."
    if follow:
        back = asyncio.run(_follow(call, follow, HOW_TO_SCAN if call.as_json else f"{shown}\n{HOW_TO_SCAN}"))
        document["returned"] = None
        if back is not None:
            ours = back.state is ReturnState.OURS
            document["returned"] = {"serial_number": back.serial_number, "ours": ours, "sentence": back.sentence}
        call.answer(document, back.sentence if back else "No enrolled handset has come back to this desk.")
        leave(Exit.UNKNOWN if back is None else Exit.CLEAR if back.state is ReturnState.OURS else Exit.NOT_CLEAR)
        return
    call.answer(document, f"{shown}\n{HOW_TO_SCAN}" + (f"\n{chosen.notes}" if chosen.notes else ""))


@app.command("init-file")
def init(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    provider: ProviderName = "headwind",
    extra: Extras = None,
) -> None:
    """Write the file that hands a controller its settings over adb."""
    chosen = load_provider(provider)
    _write(file, init_file(chosen, _pairs(extra)))
    call_of(context).answer({"file": str(file), "target": chosen.token_file}, f"It goes to {chosen.token_file}.")


@app.command()
def match(
    context: typer.Context,
    export: Annotated[Path, typer.Argument(help="The portal's export, CSV or XLSX.")],
    provider: ProviderName = "knox-mobile-enrollment",
    serial: Annotated[list[str] | None, typer.Option(help="Serial number to look up; may be repeated.")] = None,
    imei: Annotated[list[str] | None, typer.Option(help="IMEI to look up; may be repeated.")] = None,
) -> None:
    """Look handsets up in a portal's export; those attached if none are named. Exit 1 where one is not ready."""
    call = call_of(context)
    found = read_portal_export(load_provider(provider), export, _bytes(export))
    asked = [(one, None) for one in serial or ()] + [(None, one) for one in imei or ()]
    named: list[tuple[str | None, str | None]] = list(asked) or asyncio.run(_attached(call))
    rows: list[dict[str, Any]] = []
    for serial_number, number in named:
        outcome = found.match(serial_number, number)
        rows.append({"serial_number": serial_number, "imei": number, "state": str(outcome.state),
                     "profile": outcome.profile or None, "sentence": outcome.sentence})  # fmt: skip
    text = "\n".join(f"{one_line(row['serial_number'] or row['imei'] or '–', 40)}  {row['sentence']}" for row in rows)
    call.answer(rows, text or "No Android is attached, and none was named.")
    leave(Exit.UNKNOWN if not rows else max(_code(row["state"]) for row in rows))


def _desks_own(call: Call) -> DeviceController:
    home = assembly.home_at(call.home_path, call.tell)
    return assembly.controller_of(home, load_settings(home.settings_file))


def _owner(provider: Provider) -> str:
    return f"{provider.component} {provider.certificate_sha256[:8]}…" if provider.component else "as in desk.toml"


def _code(state: str) -> Exit:
    doubtful = {PortalState.CONTRADICTED: Exit.UNKNOWN, PortalState.UNCERTAIN: Exit.UNKNOWN}
    return {PortalState.READY: Exit.CLEAR, **doubtful}.get(PortalState(state), Exit.NOT_CLEAR)


def _document(code: ProvisioningCode, image: Path | None) -> dict[str, Any]:
    said = check_qr(code.text)
    return {
        "provider": code.provider.name,
        "payload": code.text,
        "keys": sorted(said),
        "secret_keys": sorted(secret_keys() & said.keys()),
        "expires": code.expires.isoformat() if code.expires else None,
        "confirm": code.provider.confirm,
        "seal": code.provider.seal,
        "image": str(image) if image else None,
    }


async def _follow(call: Call, seconds: float, said: str) -> Returned | None:
    """Show the code once it is known who is here already, then wait for another Android that says who owns it."""
    home = assembly.home_at(call.home_path, call.tell)
    async with assembly.engine(home, "enrolment qr", call=call) as engine:
        await engine.desk.settle()
        effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, None)
        returns = Returns(engine, effective)
        call.tell(said)
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            for one in await returns.look(left):
                if one.state in {ReturnState.OURS, ReturnState.ANOTHER}:
                    return one
            await asyncio.sleep(0.5)
    return None


async def _attached(call: Call) -> list[tuple[str | None, str | None]]:
    home = assembly.home_at(call.home_path, call.tell)
    async with assembly.engine(home, "enrolment match", call=call) as engine:
        await engine.desk.settle()
        known = [session.status().identity for session in engine.desk.sessions]
        return [(one.serial_number, one.imei) for one in known if one is not None and str(one.platform) == "android"]


def _draw(text: str, image: Path) -> None:
    import segno

    code = segno.make_qr(text, error="m")
    if image.suffix.lower() not in {".png", ".svg"}:
        raise UsageError("--image ends in .png or .svg.")
    try:
        code.save(str(image), scale=6, border=4)
    except OSError as error:
        raise FileError(image, f"cannot be written: {error.strerror}.") from None


def _terminal(text: str) -> str:
    import io

    import segno

    out = io.StringIO()
    segno.make_qr(text, error="m").terminal(out, compact=True)
    return out.getvalue()


def _pairs(texts: list[str] | None) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts or ():
        key, given, value = text.partition("=")
        if not given or not key:
            raise UsageError(f"“{one_line(text, 40)}” is not KEY=VALUE.")
        pairs[key] = value
    return pairs


def _settings(texts: list[str] | None) -> dict[str, str | int | bool]:
    words: dict[str, str | int | bool] = {"true": True, "false": False}
    return {
        key.removeprefix("android.app.extra."): int(value) if value.isdigit() else words.get(value, value)
        for key, value in _pairs(texts).items()
    }


def _password(file: Path | None) -> str:
    """Read the Wi-Fi password from a file or the environment, never from the command line, which others can list."""
    if file is not None:
        return _read(file).strip("\r\n")
    return os.environ.get(WIFI_PASSWORD, "")


def _read(file: Path) -> str:
    try:
        return _bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(file, "is not UTF-8 text.") from None


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise FileError(file, "is too large.")
    except OSError as error:
        raise FileError(file, f"cannot be read: {error.strerror}.") from None
    return data


def _write(file: Path, data: bytes) -> None:
    try:
        write_file(file, data)
    except OSError as error:
        raise FileError(file, f"cannot be written: {error.strerror}.") from None
