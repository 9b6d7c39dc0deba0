"""Web addresses of social services: bulk lists folded to the shortest address that says the same."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

LABELS = {
    "facebook": "Facebook", "instagram": "Instagram", "tiktok": "TikTok", "douyin": "TikTok", "twitter": "X", "x": "X",
    "snapchat": "Snapchat", "snap": "Snapchat", "pinterest": "Pinterest", "reddit": "Reddit", "linkedin": "LinkedIn",
    "vk": "VK", "ok": "Odnoklassniki", "mastodon": "Fediverse", "misskey": "Fediverse", "kuaishou": "Kwai",
    "likee": "Likee", "twitch": "Twitch", "discord": "Discord", "youtube": "YouTube", "telegram": "Telegram",
    "signal": "Signal", "whatsapp": "WhatsApp", "messenger": "Messenger", "xiaohongshu": "RedNote", "zhihu": "Zhihu",
    "2ch": "Imageboards", "4chan": "Imageboards", "5ch": "5channel", "dcard": "Dcard", "dzen": "Dzen", "okjike": "Jike",
    "coolapk": "CoolAPK", "hupu": "Hupu", "imgur": "Imgur", "quora": "Quora", "xda": "XDA Forums", "9gag": "9GAG",
    "bereal": "BeReal", "bluesky": "Bluesky", "clubhouse": "Clubhouse", "dailymotion": "Dailymotion",
    "douban": "Douban", "flickr": "Flickr", "tinder": "Tinder", "habr": "Habr", "lihkg": "LIHKG", "mixi": "mixi",
    "threads": "Threads", "vimeo": "Vimeo", "skype": "Skype", "google-chat": "Google Chat", "tumblr": "Tumblr",
}  # fmt: skip
CLASSES = {
    "social": "social_network", "social_networks": "social_network", "chat": "messaging", "category-forums": "forum",
    "category-forums-ru": "forum", "category-forums-ir": "forum", "category-social-media-ir": "social_network",
    "category-social-media-cn": "social_network", "category-social-media-!cn": "social_network", "ptt": "forum",
    "nodeseek": "forum", "dslreports": "forum", "mobile01": "forum", "ck101": "forum", "hkgolden": "forum",
    "6park": "forum", "livejournal": "social_network", "linuxdo": "forum", "pixnet": "interest_network",
    "soyjakparty": "forum", "meipian": "interest_network",
}  # fmt: skip
Site = tuple[str, str, str, str, str]
"""Address, family, class for sites of no family, "1" for a family's main address, source."""


def domains(judged: Path, reference: Path, families: dict[str, str]) -> Iterator[Site]:
    """Give each address once. A longer address is left out where a shorter one of the same family covers it."""
    sites: dict[str, Site] = {}
    dropped: set[str] = set()
    for line in judged.read_text("utf-8").splitlines():
        if line.startswith("-"):
            dropped.add(line[1:].split("\t")[0])
        elif line and not line.startswith("#"):
            address, family, app_class, source = line.split("\t")
            sites[address] = (address, family, app_class, "1", source)
    for line in (reference / "catalogue/domains_social.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        address, services, kind, source = line.split("\t")
        if kind != "web" or address in sites or _number(address) or _covered(address, dropped):
            continue
        family = next((LABELS[s] for s in services.split("|") if s in LABELS and LABELS[s] in families), "")
        app_class = "" if family else next((CLASSES[s] for s in services.split("|") if s in CLASSES), "")
        if family or app_class:
            sites[address] = (address, family, app_class, "", source.split(";")[0])
    for address, site in sorted(sites.items()):
        above = next((sites[suffix] for suffix in _above(address) if suffix in sites), None)
        if above is None or site[3] or (site[1] and site[1] != above[1]):
            yield site


def _above(address: str) -> Iterator[str]:
    labels = address.split(".")
    for count in range(1, len(labels) - 1):
        yield ".".join(labels[count:])


def _covered(address: str, dropped: set[str]) -> bool:
    return address in dropped or any(suffix in dropped for suffix in _above(address))


def _number(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return "." not in address
    return True
