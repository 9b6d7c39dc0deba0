"""Known identifiers with something behind them, white-label beginnings, and labels that say what an app is for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from policy_bench import ANDROID, IOS, believed, catalogue

from provisioning.inventory import App
from provisioning.platforms import Platform
from provisioning.verification.judgement import Social


def test_an_app_that_altstore_signed_anew_is_still_that_app() -> None:
    found = believed(IOS, "com.burbn.instagram.7RW4T6K2XQ")
    assert (found.social, found.family, found.identified) == (Social.YES, "Instagram", True)
    assert "signed anew by 7RW4T6K2XQ" in found.evidence[0].value


def test_even_a_short_identifier_is_known_before_a_team() -> None:
    assert believed(IOS, "pinterest.7RW4T6K2XQ").family == "Pinterest"


@pytest.mark.parametrize(
    ("platform", "identifier", "family"),
    [
        (IOS, "com.burbn.instagram.theta", "Instagram"),
        (IOS, "com.atebits.Tweetie2.dup1", "X"),
        (ANDROID, "com.reddit.frontpage.zzz", "Reddit"),
        (ANDROID, "com.zhiliaoapp.musically.clone.two", "TikTok"),
        (ANDROID, "com.laurencedawson.reddit_sync.classic", "Reddit"),
        (ANDROID, "com.zhiliaoapp.musically2", "TikTok"),
        (ANDROID, "com.facebook.katanaa", "Facebook"),
        (ANDROID, "com.whatsapp.w4b.clone", "WhatsApp"),
        (ANDROID, "com.whatsapp.clone", "WhatsApp"),
        (ANDROID, "com.snapchat.android_dual", "Snapchat"),
        (IOS, "com.facebook.Facebook-dup", "Facebook"),
        (IOS, "net.whatsapp.WhatsApp2", "WhatsApp"),
        (IOS, "com.burbn.instagram-clone", "Instagram"),
        (ANDROID, "com.tiktok", "TikTok"),
        (ANDROID, "com.android.tiktok", "TikTok"),
        (IOS, "com.snapchat.Snapchat", "Snapchat"),
    ],
)
def test_a_variant_of_a_known_app_is_looked_at(platform: Platform, identifier: str, family: str) -> None:
    found = believed(platform, identifier)
    assert (found.social, found.family, found.identified) == (Social.SUSPECTED, family, False)


@pytest.mark.parametrize(
    "identifier",
    ["com.kakao.talk.theme.apeach", "com.google.android.youtubexy", "com.twitter.androidx.helper"],
)
def test_neighbours_in_a_namespace_are_no_variants(identifier: str) -> None:
    assert believed(ANDROID, identifier).family is None


@pytest.mark.parametrize(
    ("identifier", "social"),
    [
        ("com.example.dating.nearby", Social.SUSPECTED),
        ("in.example_matrimony.app", Social.SUSPECTED),
        ("com.updating.firmware", Social.UNKNOWN),
        ("org.carbondating.lab", Social.UNKNOWN),
        ("com.example.group.datinglist", Social.SUSPECTED),  # “updating” is read in no single label of it
        ("com.example.onechat", Social.SUSPECTED),
        ("com.example.Live_Girls.app", Social.SUSPECTED),
        ("com.example.ChatRoulette2", Social.SUSPECTED),
        ("com.example.chateau", Social.UNKNOWN),
        ("com.example.chat.stickers", Social.UNKNOWN),
        ("com.example.aichatbot", Social.UNKNOWN),
        ("com.example.dating.game", Social.UNKNOWN),
    ],
)
def test_plain_words_of_identifiers_are_looked_at_and_not_what_is_about_them(identifier: str, social: Social) -> None:
    assert believed(ANDROID, identifier).social is social


@pytest.mark.parametrize(
    ("platform", "identifier", "family"),
    [
        (ANDROID, "com.quoord.tapatalkxyz.activity", "Tapatalk"),
        (ANDROID, "com.mightybell.anything", "Mighty Networks"),
        (ANDROID, "com.cupidmedia.wrapper.any", "Cupid Media"),
        (IOS, "net.ilius.any.iphone", "Meetic"),
    ],
)
def test_white_label_apps_are_known_by_their_beginning(platform: Platform, identifier: str, family: str) -> None:
    found = believed(platform, identifier)
    assert (found.social, found.family) == (Social.YES, family)


@pytest.mark.parametrize(
    ("platform", "identifier", "family"),
    [
        (ANDROID, "com.instagram.anything", "Instagram"),
        (ANDROID, "org.telegram.anything", "Telegram"),
        (IOS, "com.burbn.instagramxy", "Instagram"),
        (IOS, "com.facebook.anything", "Facebook"),
    ],
)
def test_what_begins_as_a_network_s_own_apps_is_looked_at(platform: Platform, identifier: str, family: str) -> None:
    found = believed(platform, identifier)
    assert (found.social, found.family, found.identified) == (Social.SUSPECTED, family, False)


@pytest.mark.parametrize(
    ("identifier", "family"),
    [
        ("com.skout.newapp", "Skout"),
        ("io.badoo.mobile.next", "Badoo"),
        ("com.example.okcupid", "OkCupid"),
        ("COM.SKOUT.NewApp", "Skout"),
    ],
)
@pytest.mark.parametrize("platform", [IOS, ANDROID])
def test_another_app_of_a_maker_of_social_apps_is_looked_at(platform: Platform, identifier: str, family: str) -> None:
    found = believed(platform, identifier)
    assert (found.social, found.identified) == (Social.SUSPECTED, False)
    assert found.family in {family, None}
    assert "as identifiers of social apps do" in found.evidence[0].value


@pytest.mark.parametrize("identifier", ["com.skoutscout.app", "com.example.scout", "com.bado.mobile"])
def test_a_part_of_a_makers_label_says_nothing(identifier: str) -> None:
    assert believed(ANDROID, identifier).social is Social.UNKNOWN


def test_a_makers_label_outweighs_the_firmware_and_no_dull_shelf() -> None:
    preinstalled = catalogue().classify(ANDROID, App("com.skout.preload", system=True))
    assert preinstalled.social is Social.SUSPECTED
    assert catalogue().classify(IOS, App("com.skout.weather", store_genre_id=6001)).social is Social.NO


def test_what_is_known_on_one_platform_is_looked_at_on_the_other() -> None:
    known = believed(IOS, "com.cardify.tinder")
    assert (known.social, known.family) == (Social.YES, "Tinder")
    found = believed(ANDROID, "COM.cardify.Tinder")
    assert (found.social, found.family, found.identified) == (Social.SUSPECTED, "Tinder", False)
    assert found.evidence[0].value == "COM.cardify.Tinder: known on iPhones"


def test_no_identifier_is_innocent_on_one_platform_and_social_on_the_other() -> None:
    for innocent in catalogue().innocents:
        entry = catalogue().entry(ANDROID if innocent.platform is IOS else IOS, innocent.identifier)
        assert entry is None or catalogue().classes[entry.app_class].social is not Social.YES, innocent.identifier


def test_no_innocent_is_a_variant_of_a_social_app() -> None:
    known = {(entry.platform, entry.identifier.casefold()) for entry in catalogue().entries}
    wrong = [
        innocent.identifier
        for innocent in catalogue().innocents
        for labels in [innocent.identifier.casefold().split(".")]
        if any((innocent.platform, ".".join(labels[:count])) in known for count in range(3, len(labels)))
    ]
    assert wrong == []


@pytest.mark.parametrize("spelling", [str, str.upper, str.swapcase])
def test_what_stands_on_a_shelf_is_looked_at_however_it_is_written(spelling: Callable[[str], str]) -> None:
    for group in catalogue().listed:
        for identifier in group.identifiers:
            found = believed(group.platform, spelling(identifier))
            assert found.social in {Social.YES, Social.SUSPECTED}
            if found.family is None:  # one of a maker of many such apps, or a variant of a known app, says so instead
                assert found.app_class == group.app_class
                assert "listed among" in found.evidence[0].value


@pytest.mark.parametrize(
    ("name", "social"),
    [
        ("語玩-语音交友，视频聊天", Social.SUSPECTED),
        ("Знакомства рядом", Social.SUSPECTED),
        ("Rencontres 50+", Social.SUSPECTED),
        ("Scary Chat Stories", Social.UNKNOWN),
        ("Keyboard theme for chatting", Social.UNKNOWN),
        ("优润社区", Social.UNKNOWN),
    ],
)
def test_names_in_many_languages_are_looked_at(name: str, social: Social) -> None:
    assert catalogue().classify(ANDROID, App("com.example.x", name=name)).social is social
