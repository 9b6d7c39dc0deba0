"""`policy`: what is allowed to whom, and why; readers, no home needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, call_of, table
from provisioning.errors import FileError, UsageError
from provisioning.files import write_copy
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy, PolicyReference, Rule

policy_app = typer.Typer(help="Policies.", no_args_is_help=True)
PlatformName = Annotated[str, typer.Option("--platform", help="ios or android.")]
NEWEST = {Platform.IOS: "26.0", Platform.ANDROID: "16"}


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(policy_app, name="policy")


def platform_of(text: str) -> Platform:
    """Read a platform's name. Raises UsageError."""
    if text not in set(Platform):
        raise UsageError(f"“{one_line(text, 20)}” is not a platform: choose ios or android.")
    return Platform(text)


@policy_app.command("list")
def list_policies(context: typer.Context) -> None:
    """List the policies that can be used, and say which of them are this desk's own."""
    call = call_of(context)
    shelf = assembly.policies(call.home_path)
    loaded = [(shelf.policy(name), shelf.origin(name)) for name in shelf.names()]
    document = [{**_reference(one.reference), "title": one.title, "origin": str(whose)} for one, whose in loaded]
    rows = [(row["name"], row["version"], row["origin"], one_line(row["title"], 80)) for row in document]
    call.answer(document, table(rows, ("Policy", "Version", "Whose", "What it is")))


@policy_app.command()
def show(context: typer.Context, name: Annotated[str, typer.Argument(help="Name of the policy.")]) -> None:
    """Show a policy as it is after inheritance, each rule with its reason and basis."""
    call = call_of(context)
    effective = _effective(call, name, None)
    document = _policy_document(effective)
    lines = [f"{effective.title} ({effective.reference.name} {effective.reference.version})"]
    lines += [f"inherits {one.name} {one.version} ({one.sha256[:16]}…)" for one in effective.lineage]
    lines.append("")
    for heading in ("classes", "families", "identifiers", "genres", "unlisted"):
        lines.append(f"{heading}:")
        lines += [f"  {subject}: {rule['decision']}. {rule['reason']}." for subject, rule in document[heading].items()]
    call.answer(document, "\n".join(lines))


@policy_app.command()
def check(context: typer.Context, file: Annotated[Path, typer.Argument(help="A policy file.")]) -> None:
    """Check a policy file: shape, names of classes and families, inheritance. Exit 2 names every mistake."""
    call = call_of(context)
    if not file.exists():
        raise FileError(file, "does not exist.")
    from provisioning.policy.compilation import compile_policy
    from provisioning.policy.load import load_policy

    effective = compile_policy(load_policy(file.resolve(), [file.resolve().parent]), assembly.catalogue(call.home_path))
    reference = effective.reference
    document = {"ok": True, **_reference(reference)}
    call.answer(document, f"{file} is a good policy: {reference.name} {reference.version}.")


@policy_app.command()
def schema(context: typer.Context) -> None:
    """Print the JSON Schema of policy files."""
    from provisioning.policy.schema import json_schema

    document = json_schema()
    call_of(context).answer(document, json.dumps(document, indent=2))


@policy_app.command("compile")
def compile_for_platform(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the policy.")],
    platform: PlatformName,
    os_version: Annotated[str | None, typer.Option("--os", help="Version of the system, e.g. 26.1 or 14.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to write it.")] = None,
    *,
    officer: Annotated[str | None, typer.Option(help="Compile for this officer's permits.")] = None,
) -> None:
    """Compile a policy to an Apple profile or to Android restrictions."""
    call = call_of(context)
    chosen = platform_of(platform)
    version = os_version or NEWEST[chosen]
    effective = _effective(call, name, officer)
    match chosen:
        case Platform.IOS:
            document, whole = _apple(effective, version)
        case Platform.ANDROID:
            document, whole = _android(effective, version)
    if output is not None:
        write_copy(output, whole)
        said = f"{output} holds {name} for {chosen} {version}."
        for declaration in document.get("declarations", ()):
            beside = output.with_suffix(".app-settings.json")
            write_copy(beside, json.dumps(declaration, indent=2).encode())
            said += f" {beside} holds its declaration for the device management."
        call.answer({"file": str(output), **document}, said)
    else:
        call.answer(document, whole.decode("utf-8"))


@policy_app.command()
def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the policy.")],
    identifier: Annotated[str, typer.Argument(help="Bundle identifier or package name.")],
    platform: PlatformName,
    officer: Annotated[str | None, typer.Option(help="For this officer, with their permits.")] = None,
    serial: Annotated[str | None, typer.Option(help="On this handset: their roles hold on named ones.")] = None,
) -> None:
    """Say in one sentence why an app is or is not allowed."""
    from provisioning.inventory import App
    from provisioning.policy.decision import decide
    from provisioning.policy.explanation import explain as explained

    call = call_of(context)
    chosen = platform_of(platform)
    effective = _effective(call, name, officer, serial)
    families = assembly.catalogue(call.home_path)
    believed = families.classify(chosen, App(identifier))
    decided = decide(effective, chosen, App(identifier), believed)
    sentence = explained(effective, families, chosen, identifier)
    document = {
        "identifier": identifier, "platform": platform, "policy": name, "officer": officer, "serial_number": serial,
        "social": str(believed.social), "family": believed.family, "class": believed.app_class,
        "decision": str(decided.decision), "rule": decided.rule.id, "sentence": sentence,
    }  # fmt: skip
    call.answer(document, sentence)


@policy_app.command()
def matrix(context: typer.Context) -> None:
    """Print what every preset makes of the apps that people ask about, on both platforms."""
    from provisioning.policy.matrix import matrix as cells

    call = call_of(context)
    found = list(cells(assembly.catalogue(call.home_path)))
    document = [
        {"policy": one.policy, "platform": str(one.platform), "app": one.title, "decision": str(one.decision),
         "sentence": one.sentence}
        for one in found
    ]  # fmt: skip
    rows = [(one.policy, str(one.platform), one.title, str(one.decision), one.sentence) for one in found]
    call.answer(document, table(rows, ("Policy", "Platform", "App", "Decision", "Why")))


def _effective(call: Call, name: str, officer: str | None, serial: str | None = None) -> EffectivePolicy:
    number = officer_number(officer) if officer is not None else None
    families = assembly.catalogue(call.home_path)
    return assembly.effective_for(call.home_path, name, families, number, (serial,) if serial else ())


def _policy_document(effective: EffectivePolicy) -> dict[str, Any]:
    return {
        **_reference(effective.reference),
        "effective_sha256": effective.sha256,
        "title": effective.title,
        "lineage": [_reference(one) for one in effective.lineage],
        "mode": "allow-list" if effective.allow_list else "deny-list",
        "classes": {name: _rule(rule) for name, rule in sorted(effective.classes.items())},
        "families": {name: _rule(rule) for name, rule in sorted(effective.families.items())},
        "identifiers": {
            f"{platform} {identifier}": _rule(rule)
            for (platform, identifier), rule in sorted(effective.identifiers.items())
        },
        "genres": {name: _rule(rule) for name, rule in sorted(effective.genres.items())},
        "unlisted": {
            "suspected": _rule(effective.suspected),
            "known to be something else": _rule(effective.known_other),
            "user apps": _rule(effective.unlisted_user),
            "system apps": _rule(effective.unlisted_system),
            "pages on the home screen": _rule(effective.web),
            "side-loaded apps": _rule(effective.sideloaded),
            "TestFlight builds": _rule(effective.testflight or effective.sideloaded),
            "apps signed by a developer or an enterprise": _rule(effective.developer_signed or effective.sideloaded),
            "further users": _rule(effective.extra_users),
        },
        "restrictions": {"ios": dict(effective.orders.ios), "android": list(effective.orders.android)},
        "blocking": sorted(str(one) for one in effective.blocking),
        "notes": sorted(effective.notes),
        "blocked_suffices": str(effective.blocked_suffices),
        "required_strength": effective.required_strength,
        "required_apps": {str(platform): list(ids) for platform, ids in effective.required_apps.items()},
        "floors": {
            **{str(platform): floor for platform, floor in effective.os_floor.items()},
            **({"android_patch": effective.patch_floor} if effective.patch_floor else {}),
        },
        "max_age_seconds": effective.max_age_seconds,
        "catalogue_max_age_seconds": effective.catalogue_max_age_seconds,
        "declaration": effective.declaration,
    }


def _reference(reference: PolicyReference) -> dict[str, str]:
    return {"name": reference.name, "version": reference.version, "sha256": reference.sha256}


def _rule(rule: Rule) -> dict[str, str]:
    return {"id": rule.id, "decision": str(rule.decision), "reason": rule.reason, "basis": rule.basis}


def _apple(effective: EffectivePolicy, version: str) -> tuple[dict[str, Any], bytes]:
    from provisioning.policy.apple import compile_profiles
    from provisioning.policy.declaration import app_settings

    profiles = compile_profiles(effective, "Organisation", version)
    declaration = app_settings(effective, version)
    document = {
        "platform": "ios",
        "os": version,
        "profiles": [
            {"identifier": one.identifier, "uuid": one.uuid, "payload": one.content.decode("utf-8")} for one in profiles
        ],
        "declarations": [] if declaration is None else [declaration],
    }
    return document, b"\n".join(one.content for one in profiles)


def _android(effective: EffectivePolicy, version: str) -> tuple[dict[str, Any], bytes]:
    from dataclasses import asdict

    from provisioning.policy.android import SHELL_ORDERS, compile_restrictions

    orders = compile_restrictions(effective, version)
    document: dict[str, Any] = {
        "platform": "android",
        "os": version,
        **asdict(orders),
        "applied_by": {
            "restrictions": "controller",
            "seal": "controller, after the verification",
            "hide": "controller",
            "keep": "controller",
        },
        "cosmetic": {
            "counts_as_lock_down": False,
            "sentence": "What the shell alone can do of this; anybody with a cable undoes it, so it is never counted.",
            "orders": [asdict(one) for one in SHELL_ORDERS] if orders.hide or orders.seal else [],
            "not_by_the_shell": [*orders.restrictions, *orders.seal],
        },
    }
    return document, json.dumps(document, indent=2, default=list).encode()
