"""Weigh what an app shows of itself, strongest first.

1. The identifier, in the one spelling; the App Store's item id, which survives a rename.
2. For a web page in a coat: the address that it opens, whatever the package is called.
3. The signing certificate of an unknown package: as good as the identifier where the key signs one family only.
4. White-label beginnings of identifiers, up to a dot; known identifiers with something behind them, as side-loading
   tools and test builds write them; beginnings of what one maker of social apps makes.
5. Own URL schemes and verified link domains: the app is the network's or talks to it, so a person must look.
6. Public shelves of social and dating apps; Apple's own identifiers and lists of what is known to be something else;
   what the identifier is known for on the other platform; labels that only makers of social apps use.
7. The store's shelf and, last and weakest, the name and words in the identifier. FLAG_SYSTEM acquits what none of
   these speaks against.

What is read from a handset may lie; nothing here trusts one weak signal to acquit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from provisioning.catalogue import genres, labels, names, web
from provisioning.catalogue.entries import AppClass, Entry, Innocents, Listed, Pointer, Signals, Site
from provisioning.catalogue.identifiers import fold, is_tampered
from provisioning.inventory import App
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.verification.judgement import Classification, Evidence, Social

MOST_SIGNALS = 200
"""Schemes and domains of one app that are looked at; no app has as many."""
APP_STORE_ID = "App Store id"
"""How evidence by the store's own number begins."""
NOT_APPLE = ("iphone developer", "apple development", "iphone distribution", "apple distribution")
"""Beginnings of SignerIdentity on what did not come from Apple (seen on side-loaded apps, stopipv/isdi)."""
_TEAM = re.compile(r"[A-Z0-9]{10}\Z")
"""A developer team's identifier. AltStore and SideStore put it behind the identifier of what they sign anew."""
_FEWEST_LABELS = 3
"""Of an identifier that others may stand behind: shorter ones are namespaces (com.pinterest, com.tumblr)."""
_UNKNOWN = Classification(Social.UNKNOWN)
_OTHER = {Platform.IOS: Platform.ANDROID, Platform.ANDROID: Platform.IOS}
_TITLES = {Platform.IOS: "iPhones", Platform.ANDROID: "Android"}


class Classifier:
    """The rules over one catalogue."""

    def __init__(
        self,
        classes: Mapping[str, AppClass],
        entries: Mapping[Platform, Mapping[str, Entry]],
        innocents: Mapping[Platform, Mapping[str, Innocents]],
        listed: Mapping[Platform, Mapping[str, Listed]],
        signals: Signals,
        sites: Mapping[str, Site],
    ) -> None:
        self._social = {name: app_class.social for name, app_class in classes.items()}
        self._titles = {name: app_class.title for name, app_class in classes.items()}
        self._entries = entries
        self._innocents = innocents
        self._listed = listed
        self._signals = signals
        self._sites = sites
        self._prefixes = tuple(signals.prefixes)
        self._known: dict[tuple[Platform, str], Classification] = {}

    def classify(self, platform: Platform, app: App) -> Classification:
        """Weigh one app."""
        key = fold(app.id)
        entry = self._entries[platform].get(key)
        if entry is not None:
            known = self._known.get((platform, app.id)) or self._remember(platform, app.id, entry)
            return self._re_signed(known, key, app) if app.certificate_sha256 else known
        found = self._strong(platform, app, key) or self._weighed(platform, app, key)
        if is_tampered(app.id):
            return self._tampered(found, app.id)
        return found

    def classify_web(self, url: str, title: str, kind: str) -> Classification:
        """Weigh a page by its address, then by its title."""
        host = web.host_of(url)
        site = web.site_of(host, self._sites) if host else None
        if site is not None and site.family:
            evidence = (Evidence(kind, one_line(host or "")),)
            return self._identified(site.family, site.app_class, evidence)
        if site is not None:
            return Classification(Social.SUSPECTED, None, site.app_class, (Evidence(kind, one_line(host or "")),))
        return (
            next(self.led_to(url, kind), None)
            or self._by_name(title)
            or Classification(Social.UNKNOWN, evidence=(Evidence(kind, one_line(host or url, 80)),))
        )

    def led_to(self, url: str, kind: str) -> Iterator[Classification]:
        """Weigh each network whose own app an address opens, or that it leads to by a detour."""
        scheme = self._signals.schemes.get(url.strip().partition(":")[0].lower())
        if scheme is not None:
            yield self._suspected(scheme, Evidence(kind, one_line(url, 80)))
        for other in web.mentioned(url, web.host_of(url)):
            site = web.site_of(other, self._sites)
            if site is not None and site.family and self._social[site.app_class] is not Social.NO:
                pointer = Pointer(site.family, site.app_class, strong=False)
                yield self._suspected(pointer, Evidence(kind, f"{one_line(url, 60)} leads to {one_line(other, 40)}"))

    def _remember(self, platform: Platform, identifier: str, entry: Entry) -> Classification:
        shown = one_line(identifier)
        note = f" ({entry.kind})" if entry.kind else ""
        evidence = [Evidence("identifier", f"{entry.identifier}{note}")]
        if is_tampered(identifier):
            evidence.append(Evidence("identifier", f"written as {shown}, which no store would take"))
        known = self._identified(entry.family, entry.app_class, tuple(evidence))
        if len(self._known) < 4 * len(self._entries[platform]) + 1000:
            self._known[platform, identifier] = known
        return known

    def _identified(self, family: str, app_class: str, evidence: tuple[Evidence, ...]) -> Classification:
        return Classification(self._social[app_class], family, app_class, evidence, identified=True)

    def _re_signed(self, known: Classification, key: str, app: App) -> Classification:
        """A known identifier with another certificate is a clone: no less an app of that family, and worth saying."""
        own = self._signals.certificates_of.get(key)
        if own is None or _digest(app) in own:
            return known
        clone = Evidence("certificate", f"{_digest(app)[:16]}… is not the publisher's: re-signed")
        return Classification(known.social, known.family, known.app_class, (*known.evidence, clone), known.identified)

    def _strong(self, platform: Platform, app: App, key: str) -> Classification | None:
        signals = self._signals
        if app.store_item_id is not None:
            pointer = signals.item_ids.get(app.store_item_id)
            if pointer is not None:
                return self._pointed(pointer, Evidence("identifier", f"{APP_STORE_ID} {app.store_item_id}"))
        if app.web_start_url is not None or key.startswith(signals.web_shells):
            return self._web_shell(app)
        if app.certificate_sha256:
            pointer = signals.certificates.get(_digest(app))
            if pointer is not None:
                return self._pointed(pointer, Evidence("certificate", _digest(app)))
        begun = self._begun(key)
        return begun if begun is not None and begun.identified else self._variant(platform, app.id, key) or begun

    def _begun(self, key: str) -> Classification | None:
        """Know an app by how its identifier begins: one of many of a white label, or of a maker of nothing else."""
        if not key.startswith(self._prefixes):
            return None
        prefix = next(one for one in self._prefixes if key.startswith(one))
        return self._pointed(self._signals.prefixes[prefix], Evidence("identifier", f"{prefix}*"))

    def _variant(self, platform: Platform, identifier: str, key: str) -> Classification | None:
        """Know an app whose identifier is a known one with something behind it."""
        known = self._entries[platform]
        base, _, last = key.rpartition(".")
        if platform is Platform.IOS and base in known and _TEAM.match(identifier[-len(last) :]):
            entry = known[base]
            evidence = Evidence("identifier", f"{entry.identifier}, signed anew by {one_line(identifier[-10:])}")
            return self._identified(entry.family, entry.app_class, (evidence,))
        if key in self._innocents[platform]:
            return None
        while base.count(".") >= _FEWEST_LABELS - 1:
            entry = known.get(base)
            if entry is not None and self._social[entry.app_class] is Social.YES:
                pointer = Pointer(entry.family, entry.app_class, strong=False)
                return self._pointed(pointer, Evidence("identifier", f"a variant of {entry.identifier}"))
            base = base.rpartition(".")[0]
        return self._copy(platform, key)

    def _copy(self, platform: Platform, key: str) -> Classification | None:
        for original in labels.originals(key):
            entry = self._entries[platform].get(original) if "." in original else None
            if entry is not None and self._social[entry.app_class] is not Social.NO:
                pointer = Pointer(entry.family, entry.app_class, strong=False)
                return self._pointed(pointer, Evidence("identifier", f"like {entry.identifier}"))
        return None

    def _web_shell(self, app: App) -> Classification:
        if app.web_start_url is None:
            evidence = (Evidence("web_apk", "a web page in a coat, and which one was not read"),)
            return Classification(Social.SUSPECTED, evidence=evidence)
        return self.classify_web(app.web_start_url, app.name or "", "web_apk")

    def _pointed(self, pointer: Pointer, evidence: Evidence) -> Classification:
        if pointer.strong:
            return self._identified(pointer.family, pointer.app_class, (evidence,))
        return Classification(Social.SUSPECTED, pointer.family, pointer.app_class, (evidence,))

    def _weighed(self, platform: Platform, app: App, key: str) -> Classification:
        own = self._own_signals(app)
        if own is not None:
            return own
        if platform is Platform.IOS and key.startswith("com.apple."):
            return self._apple(app)
        listed = self._listed[platform].get(key)
        if listed is not None:
            shelf = f"{one_line(app.id, 100)}: listed among {self._titles[listed.app_class]} by {listed.sources[0]}"
            evidence = (Evidence("identifier", shelf),)
            return Classification(Social.SUSPECTED, app_class=listed.app_class, evidence=evidence)
        innocent = self._innocents[platform].get(key)
        if innocent is not None:
            return Classification(
                Social.NO, evidence=(Evidence("identifier", f"{one_line(app.id, 100)}: {innocent.what}"),)
            )
        return self._elsewhere(platform, app, key) or self._by_label(app, key) or self._hinted(platform, app)

    def _by_label(self, app: App, key: str) -> Classification | None:
        """Another app of a maker of social apps, or one that is named after a network and nothing else."""
        if genres.is_safe(app.store_genre, app.store_genre_id):
            return None
        brand = labels.namesake(key, self._signals)
        if brand is not None:
            return self._suspected(brand, Evidence("identifier", f"it names itself after {brand.family}"))
        found = labels.made_by(key, self._signals)
        if found is None:
            return None
        label, pointer = found
        evidence = Evidence("identifier", f"it holds “{label}”, as identifiers of social apps do")
        return self._suspected(pointer, evidence) if pointer else Classification(Social.SUSPECTED, evidence=(evidence,))

    def _elsewhere(self, platform: Platform, app: App, key: str) -> Classification | None:
        """Many makers use one identifier on both platforms; none of 88,000 others' identifiers was met that way."""
        other = _OTHER[platform]
        entry, listed = self._entries[other].get(key), self._listed[other].get(key)
        if entry is None and listed is None:
            return None
        evidence = (Evidence("identifier", f"{one_line(app.id, 100)}: known on {_TITLES[other]}"),)
        if entry is not None and self._social[entry.app_class] is not Social.NO:
            return Classification(Social.SUSPECTED, entry.family, entry.app_class, evidence)
        if listed is not None:
            return Classification(Social.SUSPECTED, app_class=listed.app_class, evidence=evidence)
        return None

    def _apple(self, app: App) -> Classification:
        signer = (app.signer or "").lower()
        if app.system is not True and signer.startswith(NOT_APPLE):
            evidence = Evidence("identifier", f"an identifier of Apple's, signed by {one_line(app.signer or '', 60)}")
            return Classification(Social.SUSPECTED, evidence=(evidence,))
        return Classification(Social.NO, evidence=(Evidence("identifier", "com.apple.*"),))

    def _own_signals(self, app: App) -> Classification | None:
        """Only a family's *own* schemes: fb123, vk123 or twitterkit-… mean that it logs in with the network."""
        signals = self._signals
        for scheme in app.url_schemes[:MOST_SIGNALS]:
            folded = scheme.lower()
            pointer = signals.schemes.get(folded) or signals.digit_schemes.get(folded.rstrip("0123456789"))
            if pointer is not None and (folded in signals.schemes or folded[-1:].isdigit()):
                return self._suspected(pointer, Evidence("url_scheme", one_line(scheme, 60)))
        for domain in app.link_domains[:MOST_SIGNALS]:
            site = web.site_of(domain.lower().removeprefix("*."), self._sites)
            if site is not None and site.family and self._social[site.app_class] is Social.YES:
                pointer = Pointer(site.family, site.app_class, strong=False)
                return self._suspected(pointer, Evidence("link_domain", one_line(domain, 80)))
        return None

    def _suspected(self, pointer: Pointer, evidence: Evidence) -> Classification:
        return Classification(Social.SUSPECTED, pointer.family, pointer.app_class, (evidence,))

    def _hinted(self, platform: Platform, app: App) -> Classification:
        found = names.hint(app.name, self._signals) if app.name else None
        if app.system is True and found is not None and found.pointer is not None:
            return self._named(found)  # the firmware's own apps are not called after a network
        if found is not None and found.tool:
            return Classification(Social.UNKNOWN, evidence=(Evidence("name", f"a third party's tool: {found.words}"),))
        if genres.is_social(app.store_genre, app.store_genre_id):
            genre = one_line(app.store_genre or str(app.store_genre_id), 60)
            return Classification(Social.SUSPECTED, evidence=(Evidence("store_genre", genre),))
        if genres.is_safe(app.store_genre, app.store_genre_id):
            genre = one_line(app.store_genre or str(app.store_genre_id), 60)
            return Classification(Social.NO, evidence=(Evidence("store_genre", genre),))
        if app.system is True:
            what = "a system app of the firmware" if platform is Platform.ANDROID else "a system app"
            return Classification(Social.NO, evidence=(Evidence("identifier", what),))
        if found is not None:
            return self._named(found)
        return self._labelled(app) or _UNKNOWN

    def _labelled(self, app: App) -> Classification | None:
        word = labels.said_by(fold(app.id), self._signals)
        return (
            Classification(Social.SUSPECTED, evidence=(Evidence("identifier", f"it says “{word}”"),)) if word else None
        )

    def _by_name(self, name: str) -> Classification | None:
        found = names.hint(name, self._signals)
        return None if found is None or found.tool else self._named(found)

    def _named(self, found: names.Hint) -> Classification:
        evidence = Evidence("name", one_line(found.words, 80))
        if found.pointer is not None:
            return self._suspected(found.pointer, evidence)
        return Classification(Social.SUSPECTED, evidence=(evidence,))

    def _tampered(self, found: Classification, identifier: str) -> Classification:
        evidence = Evidence("identifier", f"written as {one_line(identifier, 80)}, which no store would take")
        social = found.social if found.identified and found.social is Social.YES else Social.SUSPECTED
        return Classification(social, found.family, found.app_class, (*found.evidence, evidence), found.identified)


def _digest(app: App) -> str:
    return (app.certificate_sha256 or "").replace(":", "").lower()
