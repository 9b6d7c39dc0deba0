"""Pages on the home screen: whose they are, where they lead on to, and which do not say what they open."""

from __future__ import annotations

from collections.abc import Iterator

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.web import opens_unseen
from provisioning.inventory import Inventory, Unread, WebClip
from provisioning.plain_text import one_line
from provisioning.policy.decision import STRICTEST, Decided, decide_web
from provisioning.policy.effective import Decision, EffectivePolicy
from provisioning.verification.judgement import SEVERITY, Classification, Finding
from provisioning.verification.sentences import clip_sentence


def findings(inventory: Inventory, effective: EffectivePolicy, catalogue: Catalogue) -> Iterator[Finding]:
    """Give what is found of each page that the organisation did not put there itself."""
    for clip in _others(inventory, effective):
        believed, decided = _strictest(clip, effective, catalogue)
        if decided.decision is Decision.ALLOWED:
            continue
        severity = SEVERITY[decided.decision]
        yield Finding(
            rule=decided.rule.id,
            severity=severity,
            subject=one_line(clip.url),
            family=believed.family,
            app_class=believed.app_class,
            where="home screen",
            evidence=believed.evidence,
            sentence=clip_sentence(effective, catalogue, clip, believed, decided),
            blocks=severity in effective.blocking and decided.rule.id not in effective.notes,
        )


def unseen(inventory: Inventory, effective: EffectivePolicy, catalogue: Catalogue) -> Iterator[Unread]:
    """Say of which allowed pages nobody can tell what they open; a body that keeps nothing back need not know."""
    if not effective.blocking:
        return
    for clip in _others(inventory, effective):
        why = opens_unseen(clip.url)
        if why and _strictest(clip, effective, catalogue)[1].decision is Decision.ALLOWED:
            page = f"what the page “{one_line(clip.title, 60)}” on the home screen opens ({one_line(clip.url, 80)})"
            yield Unread(page, f"{why}; remove it and verify again")


def _others(inventory: Inventory, effective: EffectivePolicy) -> Iterator[WebClip]:
    for clip in inventory.web_clips:
        if (clip.title, clip.url) not in effective.orders.web_clips:
            yield clip


def _strictest(clip: WebClip, effective: EffectivePolicy, catalogue: Catalogue) -> tuple[Classification, Decided]:
    """Decide by the page and by where it leads on to: whatever is kept back the most."""
    every = (catalogue.classify_web(clip.url, clip.title), *catalogue.led_to(clip.url))
    decided = [(believed, decide_web(effective, believed)) for believed in every]
    return min(decided, key=lambda one: STRICTEST.index(one[1].decision))
