"""What identifiers, keys, schemes, shelves and names say of an app, and the traps that lie in each of them."""

from __future__ import annotations

import pytest
from policy_bench import ANDROID, IOS, STORE, TIKTOK_KEY, believed, catalogue

from provisioning.inventory import App, Presence
from provisioning.platforms import Platform
from provisioning.verification.judgement import Social

YES, SUSPECTED, NO, UNKNOWN = Social.YES, Social.SUSPECTED, Social.NO, Social.UNKNOWN


@pytest.mark.parametrize(
    ("identifier", "family"),
    [
        ("pinterest", "Pinterest"),
        ("imgurmobile", "Imgur"),
        ("com.toyopagroup.picaboo", "Snapchat"),
        ("com.atebits.Tweetie2", "X"),
        ("com.burbn.barcelona", "Threads"),
        ("com.bd.nproject", "Lemon8"),
        ("com.xingin.discover", "RedNote"),
        ("com.cardify.tinder", "Tinder"),
        ("com.moxco.bumble", "Bumble"),
        ("com.ss.iphone.ugc.Ame", "TikTok"),
        ("com.ss.iphone.ugc.Aweme", "TikTok"),
        ("com.ss.iphone.ugc.aweme.lite", "TikTok"),
        ("com.ss.iphone.ugc.aweme.mobile", "TikTok"),
        ("com.ss.iphone.ugc.tiktok.lite", "TikTok"),
        ("com.ss.iphone.ugc.now", "TikTok"),
        ("com.zhiliaoapp.musically", "TikTok"),
    ],
)
def test_odd_identifiers_of_iphones_are_known(identifier: str, family: str) -> None:
    found = believed(IOS, identifier)
    assert (found.social, found.family, found.identified) == (YES, family, True)


@pytest.mark.parametrize(
    "identifier", ["com.apple.facetime", "com.apple.MobileSMS", "com.apple.Maps", "com.apple.news"]
)
@pytest.mark.parametrize("system", [True, False, None])
def test_apples_own_apps_are_never_social(identifier: str, system: bool | None) -> None:
    app = App(identifier, name="FaceTime", system=system, store_genre_id=6005, url_schemes=("facetime", "sms"))
    assert believed(IOS, app).social is NO


def test_an_apple_identifier_that_apple_did_not_sign_is_looked_at() -> None:
    found = believed(IOS, App("com.apple.facetime", system=False, signer="iPhone Developer: A. Person (ABCDE12345)"))
    assert found.social is SUSPECTED


@pytest.mark.parametrize(
    ("item_id", "family"), [(835599320, "TikTok"), (389801252, "Instagram"), (447188370, "Snapchat")]
)
def test_the_stores_own_number_survives_a_rename(item_id: int, family: str) -> None:
    found = believed(IOS, App("com.somebody.notes", store_item_id=item_id))
    assert (found.social, found.family) == (YES, family)


@pytest.mark.parametrize(("genre", "number"), [("Social Networking", None), (None, 6005), ("Soziale Netze", 6005)])
def test_a_social_shelf_asks_for_a_look_and_never_judges(genre: str | None, number: int | None) -> None:
    found = believed(IOS, App("com.somebody.stickers", store_genre=genre, store_genre_id=number))
    assert (found.social, found.identified) == (SUSPECTED, False)
    assert found.evidence[0].kind == "store_genre"


@pytest.mark.parametrize("category", ["Social", "SOCIAL", "Dating", "social networking"])
def test_an_android_category_is_chosen_by_the_developer(category: str) -> None:
    assert believed(ANDROID, App("com.somebody.wishcards", store_genre=category)).social is SUSPECTED


@pytest.mark.parametrize("number", [6008, 6016, 6009, 6000, 6012, 6014, 6017])
def test_shelves_on_which_networks_stand_acquit_nobody(number: int) -> None:
    """Instagram, TikTok, X, LinkedIn and Pinterest stand on Photo & Video, Entertainment, News, Business, Lifestyle."""
    assert believed(IOS, App("com.somebody.thing", store_genre_id=number)).social is UNKNOWN


@pytest.mark.parametrize(("genre", "number"), [("Navigation", 6010), ("Weather", 6001), ("Finance", 6015)])
def test_dull_shelves_acquit(genre: str, number: int) -> None:
    assert believed(IOS, App("com.somebody.dull", store_genre=genre, store_genre_id=number)).social is NO
    assert believed(IOS, App("com.somebody.dull", store_genre=genre, store_genre_id=6005)).social is SUSPECTED


@pytest.mark.parametrize(
    ("scheme", "family"),
    [
        ("twitter", "X"),
        ("tweetie", "X"),
        ("instagram", "Instagram"),
        ("barcelona", "Threads"),
        ("fb", "Facebook"),
        ("fbauth2", "Facebook"),
        ("fbapi20130214", "Facebook"),
        ("snapchat", "Snapchat"),
        ("snssdk1233", "TikTok"),
        ("VK", "VK"),
    ],
)
def test_a_networks_own_scheme_gives_a_clone_away(scheme: str, family: str) -> None:
    found = believed(IOS, App("com.somebody.clone", url_schemes=("mailto2", scheme)))
    assert (found.social, found.family, found.identified) == (SUSPECTED, family, False)


@pytest.mark.parametrize(
    "scheme",
    [
        "fb184683071273", "fb2033678913bundle", "vk5487299", "ok1234567", "twitterkit-Ab3", "wx0f3a1b2c", "tencent1101",
        "line3rdp.com.bank", "fbx", "snssdk", "snssdkx1", "twitterx", "xinstagram",
    ],
)  # fmt: skip
def test_schemes_of_logging_in_with_a_network_are_not_the_network(scheme: str) -> None:
    """52 of 127 real apps register fb and digits for the login kit."""
    assert believed(IOS, App("com.somebody.bank", url_schemes=(scheme,))).social is UNKNOWN


@pytest.mark.parametrize("domain", ["www.facebook.com", "*.tiktok.com", "x.com", "vm.tiktok.com"])
def test_link_domains_of_a_network_are_a_client_or_a_downloader(domain: str) -> None:
    found = believed(ANDROID, App("com.somebody.saver", link_domains=("example.org", domain)))
    assert (found.social, found.identified) == (SUSPECTED, False)


@pytest.mark.parametrize(
    "domain", ["facebook.com.example.org", "nottiktok.com", "www.youtube.com", "chat.whatsapp.com"]
)
def test_other_link_domains_say_nothing(domain: str) -> None:
    assert believed(ANDROID, App("com.somebody.saver", link_domains=(domain,))).social is UNKNOWN


@pytest.mark.parametrize(
    ("identifier", "family"),
    [
        ("com.twitter.androie", "X"),
        ("com.x.android.lite", "X"),
        ("com.rvx.reddit", "Reddit"),
        ("tv.twitch.android.app.revanced", "Twitch"),
        ("com.instander.android", "Instagram"),
        ("com.gbinsta.android", "Instagram"),
        ("com.instapro.android", "Instagram"),
        ("com.facebook.katanb", "Facebook"),
        ("com.gbwhatsapp", "WhatsApp"),
        ("com.yowhatsapp", "WhatsApp"),
        ("org.telegram.plus", "Telegram"),
    ],
)
def test_modded_clients_are_of_their_family(identifier: str, family: str) -> None:
    found = believed(ANDROID, identifier)
    assert (found.family, found.identified) == (family, True)


def test_a_key_that_signs_one_family_only_is_as_good_as_the_identifier() -> None:
    found = believed(ANDROID, App("com.somebody.calculator", certificate_sha256=TIKTOK_KEY.upper()))
    assert (found.social, found.family, found.identified) == (YES, "TikTok", True)


def test_a_key_that_signs_much_else_only_names_the_owner() -> None:
    shared = next(
        digest for digest, pointer in catalogue().signals.certificates.items()
        if pointer.family == "Facebook" and not pointer.strong and len(digest) == 64
    )  # fmt: skip
    found = believed(ANDROID, App("com.somebody.workplace", certificate_sha256=shared))
    assert (found.social, found.family, found.identified) == (SUSPECTED, "Facebook", False)


def test_a_known_package_with_another_key_is_re_signed_and_no_less_known() -> None:
    genuine = believed(ANDROID, App("com.zhiliaoapp.musically", certificate_sha256=TIKTOK_KEY))
    clone = believed(ANDROID, App("com.zhiliaoapp.musically", certificate_sha256="ab" * 32))
    assert genuine.social is clone.social is YES
    assert len(genuine.evidence) == 1
    assert "re-signed" in clone.evidence[1].value


def test_a_camera_under_the_identifier_of_douyin_is_still_reported() -> None:
    """A modded camera of that package exists; the identifier is enough to be found, a person settles it."""
    found = believed(ANDROID, App("com.ss.android.ugc.aweme", name="LMC 8.4", certificate_sha256="cd" * 32))
    assert (found.social, found.family) == (YES, "TikTok")


@pytest.mark.parametrize("package", ["com.facebook.system", "com.facebook.appmanager", "com.facebook.services"])
def test_installers_without_a_screen_are_stubs(package: str) -> None:
    found = believed(ANDROID, App(package, system=True))
    assert (found.family, found.app_class) == ("Facebook", "stub")


@pytest.mark.parametrize("presence", list(Presence))
def test_the_preinstalled_facebook_is_the_real_app_however_it_lies_there(presence: Presence) -> None:
    found = believed(ANDROID, App("com.facebook.katana", system=True, presence=presence))
    assert (found.social, found.app_class) == (YES, "social_network")


@pytest.mark.parametrize(
    "package", ["org.chromium.webapk.a0b1c2d3_v2", "com.sec.android.app.sbrowser.webapk.x9", "com.plain.name"]
)
def test_a_page_in_a_coat_is_judged_by_its_address(package: str) -> None:
    tiktok = believed(ANDROID, App(package, name="Videos", web_start_url="https://www.tiktok.com/foryou"))
    assert (tiktok.social, tiktok.family, tiktok.evidence[0].kind) == (YES, "TikTok", "web_apk")
    bank = believed(ANDROID, App(package, name="My bank", web_start_url="https://bank.example/"))
    assert bank.social is UNKNOWN


def test_a_page_in_a_coat_whose_address_was_not_read_is_looked_at() -> None:
    assert believed(ANDROID, App("org.chromium.webapk.a0b1c2d3")).social is SUSPECTED
    assert believed(ANDROID, App("com.google.android.apps.mapslite")).social is NO


@pytest.mark.parametrize(
    ("package", "social", "family"),
    [
        ("com.narvii.amino.x123456", YES, "Amino"),
        ("nl.speakap.somecompany", YES, "Speakap"),
        ("uk.co.disciplemedia.someband", YES, "Disciple"),
        ("com.tapatalk.somecars", YES, "Tapatalk"),
        ("com.graduway.someschool", SUSPECTED, "Graduway"),
    ],
)
def test_white_label_families_are_known_by_their_beginning(package: str, social: Social, family: str) -> None:
    found = believed(ANDROID, package)
    assert (found.social, found.family) == (social, family)


@pytest.mark.parametrize("package", ["com.narvii.aminoacids", "nl.speakapp", "xcom.narvii.amino.x1", "com.narvii"])
def test_a_beginning_ends_at_a_dot(package: str) -> None:
    assert believed(ANDROID, package).social is UNKNOWN


@pytest.mark.parametrize("word", ["strava", "hive", "momo", "vk", "bsky", "threads", "rumble", "dcard", "telegram",
                                  "signal", "line", "amino", "social", "snap", "soul", "sky", "tiktok"])  # fmt: skip
def test_parts_of_identifiers_say_nothing(word: str) -> None:
    itself = () if word in {"telegram", "tiktok"} else (f"com.{word}",)
    for identifier in (f"com.example.{word}.thermostat", f"org.{word}board.app", *itself):
        for platform in (IOS, ANDROID):
            found = believed(platform, identifier)
            elsewhere = catalogue().entry(IOS if platform is ANDROID else ANDROID, identifier)
            assert not found.evidence or found.identified or found.social is NO or elsewhere is not None


@pytest.mark.parametrize(
    "name",
    ["TfL Go: Live Tube, Bus & Rail", "Football TV Live Streaming HD",
     "Soul Knight", "Marvel SNAP", "Sky", "Sky Go", "Signal Strength", "Line Rider", "Threads of Fate", "Vine Mobile",
     "Momo challenge", "Hive Thermostat", "Telegraph", "Star-Telegram", "X Icon Changer", "Hinge Health", "GPS Status"],
)  # fmt: skip
def test_innocent_names_that_hold_a_brand_are_left_alone(name: str) -> None:
    for platform in (IOS, ANDROID):
        assert believed(platform, App("com.somebody.app", name=name)).social is UNKNOWN


@pytest.mark.parametrize("name", ["TikTok", "tiktok", "Instagram Lite", "TikTok 18+", "Tik\u200bTok", "ＴｉｋＴｏｋ"])
def test_a_brands_whole_name_is_a_reason_to_look(name: str) -> None:
    found = believed(ANDROID, App("com.somebody.app", name=name))
    assert (found.social, found.identified) == (SUSPECTED, False)


@pytest.mark.parametrize(
    "name",
    ["Story Saver for Instagram", "WhatsApp Status Saver", "Video Downloader for TikTok", "Stickers for Telegram",
     "Unfollowers for Instagram", "Wallpapers for Snapchat"],
)  # fmt: skip
def test_a_brand_and_a_tool_is_a_third_partys_tool(name: str) -> None:
    found = believed(ANDROID, App("com.somebody.app", name=name))
    assert found.social is UNKNOWN
    assert "third party" in found.evidence[0].value


def test_a_name_never_outweighs_an_identifier() -> None:
    assert believed(IOS, App("com.zhiliaoapp.musically", name="Calculator", store_genre_id=6001)).social is YES
    assert believed(ANDROID, App("com.google.android.apps.maps", name="Reddit")).social is NO


@pytest.mark.parametrize(
    ("platform", "identifier", "app_class"),
    [
        (ANDROID, "com.whatsapp", "messaging"),
        (IOS, "ph.telegra.Telegraph", "messaging"),
        (ANDROID, "com.discord", "community_chat"),
        (IOS, "com.google.ios.youtube", "video_platform"),
        (IOS, "tv.twitch", "live_streaming"),
        (ANDROID, "com.vsco.cam", "interest_network"),
        (ANDROID, "com.strava", "interest_network"),
        (IOS, "com.sp0n.vigilante", "interest_network"),
        (IOS, "com.linkedin.LinkedIn", "professional"),
        (ANDROID, "com.linkedin.android.learning", "business_tool"),
        (IOS, "wefwef", "corporate_social"),
        (ANDROID, "com.microsoft.teams", "collaboration"),
        (IOS, "com.nextdoor.nextdoor", "neighbourhood"),
    ],
)
def test_where_the_customer_draws_the_line_the_class_says_so(
    platform: Platform, identifier: str, app_class: str
) -> None:
    found = believed(platform, identifier)
    assert (found.app_class, found.identified) == (app_class, True)


@pytest.mark.parametrize("identifier", ["com.life360.safetymap", "com.isharing.iSharing-Lite", "ee.linktr.admin"])
def test_what_only_stands_on_the_social_shelf_is_known_as_such(identifier: str) -> None:
    assert believed(IOS, App(identifier, store_genre_id=6005)).social is NO


def test_the_firmware_acquits_what_nothing_speaks_against() -> None:
    assert believed(ANDROID, App("com.maker.unheard.of", name="Chat", system=True)).social is NO
    assert believed(ANDROID, App("com.maker.unheard.of", system=False)).social is UNKNOWN
    assert believed(ANDROID, App("com.maker.video", system=True, certificate_sha256=TIKTOK_KEY)).social is YES


@pytest.mark.parametrize(
    "identifier", ["com.apple.news\u200b", "com.google.android.apps.maps\u00ad", "com.notes\u202e"]
)
def test_an_identifier_that_needs_cleaning_is_suspicious_in_itself(identifier: str) -> None:
    for platform in (IOS, ANDROID):
        found = believed(platform, App(identifier, signer=STORE))
        assert found.social is SUSPECTED
        assert "which no store would take" in found.evidence[-1].value


@pytest.mark.parametrize(
    ("url", "family"),
    [
        ("https://www.tiktok.com/@somebody", "TikTok"),
        ("m.facebook.com", "Facebook"),
        ("https://nextdoor.com/news_feed", "Nextdoor"),
        ("https://www.lemon8-app.com", "Lemon8"),
        ("https://lemmy.world/c/london", "Lemmy"),
        ("https://engage.cloud.microsoft/main", "Viva Engage"),
        ("https://web.yammer.com/", "Viva Engage"),
        ("HTTPS://WWW.REDDIT.COM", "Reddit"),
        ("https://tiktok.com\\@bbc.co.uk", "TikTok"),
        ("https://bbc.co.uk@tiktok.com/", "TikTok"),
        ("https://tik\ntok.com/", "TikTok"),
        ("//tiktok.com", "TikTok"),
        ("https://tiktok.com.:443/", "TikTok"),
        ("https://ｔｉｋｔｏｋ.com/", "TikTok"),
    ],
)
def test_a_page_is_judged_by_where_a_browser_would_go(url: str, family: str) -> None:
    found = catalogue().classify_web(url, "News")
    assert (found.social, found.family, found.identified) == (YES, family, True)


@pytest.mark.parametrize(
    "url",
    ["https://nottiktok.com", "https://tiktok.com.example.org/", "https://example.org/tiktok.com", "https://bbc.co.uk",
     "https://messenger.hotmail.com", "https://oculus.com", "https://example.org/?u=https://bbc.co.uk", "not a url",
     ""],
)  # fmt: skip
def test_other_pages_are_not(url: str) -> None:
    assert catalogue().classify_web(url, "").social is UNKNOWN


@pytest.mark.parametrize(
    "url",
    [
        "https://www-tiktok-com.translate.goog/?_x_tr_sl=en", "https://translate.google.com/translate?u=https://www.tiktok.com",
        "https://web.archive.org/web/2024/https://www.tiktok.com/", "https://example.com/?url=https%3A%2F%2Fwww.tiktok.com%2F",
        "https://example.com/r?to=www.tiktok.com", "view-source:https://tiktok.com", "blob:https://tiktok.com/x",
        "data:text/html,<iframe src=https://tiktok.com>", "https://t\u0456ktok.com", "https://xn--tktok-n2e.com", "snssdk1233://",
    ],
)  # fmt: skip
def test_a_detour_to_a_network_is_looked_at(url: str) -> None:
    found = catalogue().classify_web(url, "News")
    assert (found.social, found.family, found.identified) == (SUSPECTED, "TikTok", False)


@pytest.mark.parametrize(
    "url", ["http:tiktok.com", "https:/tiktok.com", "https:///tiktok.com", "https://tiktok\u3002com"]
)
def test_slashes_and_full_stops_are_read_as_browsers_read_them(url: str) -> None:
    assert catalogue().classify_web(url, "News").family == "TikTok"


def test_an_app_of_the_firmware_that_calls_itself_a_network_is_looked_at() -> None:
    named = believed(ANDROID, App("com.maker.unheard.of", name="TikTok", system=True))
    assert (named.social, named.family) == (SUSPECTED, "TikTok")


def test_mail_of_a_network_is_less_than_the_network() -> None:
    assert catalogue().classify_web("https://mail.myspace.com", "").social is not YES


def test_the_fediverse_has_no_end_so_its_titles_ask_for_a_look() -> None:
    found = catalogue().classify_web("https://social.example", "Mastodon")
    assert (found.social, found.identified) == (SUSPECTED, False)
