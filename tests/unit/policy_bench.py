"""A bench for tests of catalogue, policy and verdict: the shipped catalogue, compiled presets, whole lists of apps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.load import load_catalogue
from provisioning.handset import Identity, LockDown
from provisioning.inventory import App, HandsetUser, Inventory, WebClip
from provisioning.platforms import Platform
from provisioning.policy.compilation import compile_policy
from provisioning.policy.effective import EffectivePolicy, Person
from provisioning.policy.load import load_policy
from provisioning.verification.judge import judge
from provisioning.verification.judgement import Classification, Finding, Judgement

IOS, ANDROID = Platform.IOS, Platform.ANDROID
REFERENCE = Path(__file__).parents[3] / "shared" / "data"
TIKTOK_KEY = "9041803e91bcb814b4b4399fb5c85a91640b755e5e8ba76813814bf4cf2ab5ba"
"""SHA-256 of TikTok's signing certificate (AppVerifier and TikTok's own SDK)."""
STORE = "Apple iPhone OS Application Signing"


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def effective(name: str = "met-police", person: Person | None = None) -> EffectivePolicy:
    return compile_policy(load_policy(name), catalogue(), person)


def believed(platform: Platform, app: App | str) -> Classification:
    return catalogue().classify(platform, App(app) if isinstance(app, str) else app)


def system_apps(platform: Platform) -> tuple[App, ...]:
    """Give what a new handset has, without anything that a policy has a word about."""
    if platform is ANDROID:
        names = ["android", "com.android.systemui", *(f"com.maker.part{number:03}" for number in range(200))]
    else:
        names = ["Preferences", "mobilesafari", "mobilephone", "AppStore", *(f"part{n:02}" for n in range(30))]
        names = [f"com.apple.{name}" for name in names]
    return tuple(App(name, system=True) for name in names)


def whole(platform: Platform, *apps: App | str, clips: Iterable[WebClip] = ()) -> Inventory:
    """Give a whole list of a new handset and ``apps`` besides, which are installed by a person unless they say."""
    added = [App(app, system=False) if isinstance(app, str) else app for app in apps]
    numbers = sorted({0, *(app.user for app in added)})
    users = tuple(HandsetUser(n, "owner" if n == 0 else "") for n in numbers)
    return Inventory(platform, (*system_apps(platform), *added), users, tuple(clips))


def verdict_on(
    inventory: Inventory,
    policy: str | EffectivePolicy = "met-police",
    *,
    lock_down: LockDown | None = None,
    identity: Identity | None = None,
) -> Judgement:
    chosen = effective(policy) if isinstance(policy, str) else policy
    return judge(inventory, chosen, catalogue(), lock_down, identity)


def only(judgement: Judgement) -> Finding:
    """Give the only finding."""
    (finding,) = judgement.findings
    return finding


def with_apps(inventory: Inventory, *apps: App) -> Inventory:
    return replace(inventory, apps=(*inventory.apps, *apps))
