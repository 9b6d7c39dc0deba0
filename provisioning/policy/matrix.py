"""A table of policies, platforms and apps: what each policy makes of each app, for a person to read and to hold it to.

python -m provisioning.policy.matrix
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.load import load_catalogue
from provisioning.inventory import App
from provisioning.platforms import Platform
from provisioning.policy.compilation import compile_policy
from provisioning.policy.decision import decide
from provisioning.policy.effective import Decision, EffectivePolicy, PermitGrant, Person
from provisioning.policy.explanation import because, belief, called, verb
from provisioning.policy.load import load_policy, policy_names


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the table: what people call it, the app on each platform, and who asks."""

    title: str
    ios: App
    android: App
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One policy's word on one app."""

    policy: str
    platform: Platform
    title: str
    decision: Decision
    sentence: str


_PERMIT = Person("P1234", permits=(PermitGrant("WA-2026-17", "WhatsApp", "2026-12-31"),))
_COMMS = Person("P5678", roles=("communications",))
APPS = (
    Asked("TikTok", App("com.zhiliaoapp.musically"), App("com.zhiliaoapp.musically")),
    Asked("TikTok, communications role", App("com.zhiliaoapp.musically"), App("com.zhiliaoapp.musically"), _COMMS),
    Asked("Instagram", App("com.burbn.instagram"), App("com.instagram.android")),
    Asked("X", App("com.atebits.Tweetie2"), App("com.twitter.android")),
    Asked("Facebook", App("com.facebook.Facebook"), App("com.facebook.katana")),
    Asked("Snapchat", App("com.toyopagroup.picaboo"), App("com.snapchat.android")),
    Asked("Reddit", App("com.reddit.Reddit"), App("com.reddit.frontpage")),
    Asked("WhatsApp", App("net.whatsapp.WhatsApp"), App("com.whatsapp")),
    Asked("WhatsApp, with a permit", App("net.whatsapp.WhatsApp"), App("com.whatsapp"), _PERMIT),
    Asked("Viva Engage (Yammer)", App("wefwef"), App("com.yammer.v1")),
    Asked("Google Maps", App("com.google.Maps"), App("com.google.android.apps.maps")),
    Asked("BBC News", App("uk.co.bbc.news"), App("bbc.mobile.news.uk")),
    Asked("Citymapper", App("azdev.citymapper"), App("com.citymapper.app.release")),
    Asked("LinkedIn", App("com.linkedin.LinkedIn"), App("com.linkedin.android")),
    Asked("Telegram", App("ph.telegra.Telegraph"), App("org.telegram.messenger")),
    Asked("YouTube", App("com.google.ios.youtube"), App("com.google.android.youtube")),
    Asked("Microsoft Teams", App("com.microsoft.skype.teams"), App("com.microsoft.teams")),
)


def matrix(catalogue: Catalogue, names: Iterable[str] | None = None) -> Iterator[Cell]:
    """Decide every app under every policy on both platforms."""
    for name in policy_names() if names is None else names:
        policy = load_policy(name)
        for asked in APPS:
            person = asked.person
            if person is not None and not set(person.roles) <= set(policy.roles):
                person = Person(person.officer_number, (), person.permits)
            effective = compile_policy(policy, catalogue, person)
            for platform in Platform:
                yield _cell(effective, catalogue, platform, asked)


def _cell(effective: EffectivePolicy, catalogue: Catalogue, platform: Platform, asked: Asked) -> Cell:
    app = asked.ios if platform is Platform.IOS else asked.android
    believed = catalogue.classify(platform, app)
    decided = decide(effective, platform, app, believed)
    sentence = f"{called(app, believed)} {verb(decided.decision)}: {belief(catalogue, believed)}{because(decided)}"
    return Cell(effective.reference.name, platform, asked.title, decided.decision, sentence)


def main() -> None:
    """Print the table."""
    for cell in matrix(load_catalogue()):
        sys.stdout.write(f"{cell.policy:20} {cell.platform!s:8} {cell.title:28} {cell.decision!s:12} {cell.sentence}\n")


if __name__ == "__main__":
    main()
