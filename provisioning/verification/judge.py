"""Judge what was read: every app of every user, every page, the lock-down, and what was not read at all.

A verdict is clear only if everything was read and nothing that blocks was found. What was not read makes it unknown,
unless what was read is bad enough by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.identifiers import fold
from provisioning.handset import Identity, LockDown
from provisioning.inventory import App, HandsetUser, Inventory, Unread
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.decision import Decided, decide
from provisioning.policy.effective import Decision, EffectivePolicy, Rule, Severity
from provisioning.verification import conditions, pages, sentinels
from provisioning.verification.judgement import (
    SEVERITY,
    Classification,
    Finding,
    JudgedApp,
    Judgement,
    Verdict,
)
from provisioning.verification.out_of_sight import held_back, hidden_by
from provisioning.verification.sentences import app_sentence, user_title, whereabouts

_ORDER = tuple(Severity)
OWN = Decided(
    Decision.ALLOWED,
    Rule(
        "own-controller",
        Decision.ALLOWED,
        "it is this organisation's own controller, with the certificate that it must have",
        "the handset's lock-down, read together with its apps",
    ),
)
"""The controller without which an Android cannot be locked down is no stranger on it."""


def judge(
    inventory: Inventory,
    effective: EffectivePolicy,
    catalogue: Catalogue,
    lock_down: LockDown | None = None,
    identity: Identity | None = None,
    *,
    now: datetime | None = None,
) -> Judgement:
    """Judge one reading of one handset.

    ``lock_down`` None means that it cannot be seen from here (an exported list), not that it was forgotten.
    ``identity`` brings the floors of system and patch into play, ``now`` the end of permits.
    """
    users = {user.id: user for user in inventory.users}
    own = conditions.own_controller(lock_down)
    judged: list[JudgedApp] = []
    hidden: list[Unread] = []
    findings: dict[tuple[str, ...], Finding] = {}
    for app in inventory.apps:
        known_as, finding = judge_app(
            effective, catalogue, inventory.platform, app, users=users, ours=fold(app.id) in own
        )
        judged.append(known_as)
        hidden += hidden_by(effective, inventory.platform, app, known_as.classification)
        if finding is not None:
            findings.setdefault((fold(app.id), finding.where, finding.rule, finding.severity), finding)
    listing = sentinels.listing_of(inventory)
    for finding in other_findings(inventory, effective, catalogue, lock_down, identity, users_heard=listing.users):
        findings.setdefault((finding.subject, finding.where, finding.rule, finding.severity), finding)
    ordered = tuple(sorted(findings.values(), key=_worst_first))
    hidden += pages.unseen(inventory, effective, catalogue)
    doubts = (*list_doubts(inventory, listing), *hidden, *catalogue_doubts(catalogue, effective, now))
    not_checked = not_read(doubts, effective, lock_down, identity, now)
    return Judgement(
        verdict=verdict_by(ordered, not_checked),
        findings=ordered,
        not_checked=not_checked,
        apps_seen=len({(fold(app.id), app.user) for app in inventory.apps}),
        users_seen=tuple(sorted({user.id for user in inventory.users} | listing.users)),
        apps=tuple(judged),
        policy=effective.reference,
        catalogue=catalogue.reference,
        inventory_sha256=inventory.digest(),
    )


def judge_app(
    effective: EffectivePolicy,
    catalogue: Catalogue,
    platform: Platform,
    app: App,
    *,
    users: Mapping[int, HandsetUser],
    ours: bool = False,
) -> tuple[JudgedApp, Finding | None]:
    """Judge one app for one user; ``ours`` marks this organisation's own controller."""
    believed = catalogue.classify(platform, app)
    decided = OWN if ours else decide(effective, platform, app, believed)
    sentence = app_sentence(effective, catalogue, platform, app, believed=believed, decided=decided, users=users)
    where = whereabouts(platform, app, users)
    judged = JudgedApp(one_line(app.id), app.name, where, believed, decided.decision, decided.rule.id, sentence)
    if decided.decision is Decision.ALLOWED:
        return judged, None
    return judged, _app_finding(effective, app, believed, decided, where=where, sentence=sentence)


def find_in_app(
    effective: EffectivePolicy,
    catalogue: Catalogue,
    platform: Platform,
    app: App,
    believed: Classification,
    users: Mapping[int, HandsetUser],
) -> Finding | None:
    """Give what is found in an app that was weighed already: of a thousand, most are allowed and need no sentence."""
    decided = decide(effective, platform, app, believed)
    if decided.decision is Decision.ALLOWED:
        return None
    sentence = app_sentence(effective, catalogue, platform, app, believed=believed, decided=decided, users=users)
    where = whereabouts(platform, app, users)
    return _app_finding(effective, app, believed, decided, where=where, sentence=sentence)


def other_findings(
    inventory: Inventory,
    effective: EffectivePolicy,
    catalogue: Catalogue,
    lock_down: LockDown | None,
    identity: Identity | None,
    *,
    users_heard: frozenset[int],
) -> Iterator[Finding]:
    """Give what was found beside the apps: pages on the home screen, further users, and what must hold.

    ``users_heard`` are those for whom the list names an app, among the handset's users or not.
    """
    yield from pages.findings(inventory, effective, catalogue)
    yield from _extra_users(inventory, effective, users_heard)
    yield from conditions.findings(inventory, effective, lock_down, identity)


CERTAIN = frozenset({Severity.DENIED, Severity.NEEDS_PERMIT})
"""What is on the handset and may not be there, whatever else there is."""


def verdict_by(findings: Iterable[Finding], not_checked: Iterable[Unread]) -> Verdict:
    """Give the verdict by what was found and by what was not read."""
    blocking = {finding.severity for finding in findings if finding.blocks}
    return verdict_of(bool(blocking & CERTAIN), not_checked, lambda: bool(blocking))


def verdict_of(certain: bool, not_checked: Iterable[Unread], blocked: Callable[[], bool]) -> Verdict:
    """Give the verdict: an app that may not be there decides; else what was not read; else what blocks; else clear.

    A reading that is not whole is unknown even where weaknesses were found: who mends those has not cleared it.
    """
    if certain:
        return Verdict.NOT_CLEAR
    if any(True for _ in not_checked):
        return Verdict.UNKNOWN
    return Verdict.NOT_CLEAR if blocked() else Verdict.CLEAR


def _worst_first(finding: Finding) -> tuple[bool, int, str, str, str]:
    return (not finding.blocks, _ORDER.index(finding.severity), finding.subject, finding.where, finding.rule)


def _app_finding(
    effective: EffectivePolicy, app: App, believed: Classification, decided: Decided, *, where: str, sentence: str
) -> Finding:
    severity = SEVERITY[decided.decision]
    blocked = held_back(effective, app)
    if blocked or decided.rule.id in effective.notes:
        severity = Severity.WEAKNESS
        sentence += " This is known and does not keep the handset back." if not blocked else " Being blocked suffices."
    return Finding(
        rule=decided.rule.id,
        severity=severity,
        subject=one_line(app.id),
        family=believed.family,
        app_class=believed.app_class,
        where=where,
        evidence=believed.evidence,
        sentence=sentence,
        blocks=severity in effective.blocking and not blocked and decided.rule.id not in effective.notes,
    )


def _extra_users(inventory: Inventory, effective: EffectivePolicy, heard: frozenset[int]) -> Iterator[Finding]:
    rule = effective.extra_users
    if inventory.platform is Platform.IOS or rule.decision is Decision.ALLOWED:
        return
    known = {user.id: user for user in inventory.users}
    for number in sorted((heard | known.keys()) - {0}):
        title = user_title(known.get(number, HandsetUser(number, "")))
        severity = SEVERITY[rule.decision]
        yield Finding(
            rule=rule.id,
            severity=severity,
            subject=title,
            family=None,
            app_class=None,
            where=title,
            evidence=(),
            sentence=f"The handset has {title}: {rule.reason}. Remove it, or reset the handset.",
            blocks=severity in effective.blocking and rule.id not in effective.notes,
        )


def not_read(
    listed: Iterable[Unread],
    effective: EffectivePolicy,
    lock_down: LockDown | None,
    identity: Identity | None,
    now: datetime | None,
) -> tuple[Unread, ...]:
    """Give what was to be read and was not; ``listed`` is what the list of apps itself leaves open."""
    found = [*listed, *conditions.unread(effective, lock_down, identity)]
    person = effective.person
    grants = (*person.permits, *person.exemptions) if person else ()
    today = (now or datetime.now(UTC)).astimezone().date().isoformat() if grants else ""  # by the desk's calendar
    for grant in grants:
        if grant.valid_until < today:
            permit = one_line(grant.reference, 60)
            found.append(Unread("permits", f"permit {permit} has ended since; look the officer's permits up again"))
    return tuple(dict.fromkeys(found))


def catalogue_doubts(catalogue: Catalogue, effective: EffectivePolicy, now: datetime | None) -> tuple[Unread, ...]:
    """Give what speaks against judging by this catalogue: newer apps are unknown to one that is too old."""
    most = timedelta(seconds=effective.catalogue_max_age_seconds)
    if not most:
        return ()
    if catalogue.made is None:
        return (Unread("apps by a catalogue of today", "the catalogue does not say of which day it is"),)
    if (now or datetime.now(UTC)).date() - catalogue.made <= most:
        return ()
    why = f"the catalogue is of {catalogue.made.isoformat()}, and the policy takes none older than {most.days} days"
    return (Unread("apps by a catalogue of today", f"{why}; install a newer one"),)


def list_doubts(inventory: Inventory, listing: sentinels.Listing) -> tuple[Unread, ...]:
    """Give what speaks against the list of apps being whole, whatever the policy."""
    doubts = sentinels.doubts(inventory.platform, listing)
    return (*inventory.unread, *doubts, *_silent_users(inventory, listing.users))


def _silent_users(inventory: Inventory, heard: frozenset[int]) -> Iterator[Unread]:
    """Every user has apps: one for whom none is listed was not read."""
    told = " ".join(unread.area for unread in inventory.unread)
    for user in inventory.users:
        if user.id not in heard and str(user.id) not in told:
            yield Unread(f"apps of {user_title(user)}", "the list names none for this user")
