"""What a store's shelf says. It is chosen by the developer: a social shelf asks for a look, only dull ones acquit.

Of 252 judged apps in the App Store's Social Networking charts 105 were neither social nor dating nor messaging, and
Instagram, TikTok, X, LinkedIn, Pinterest and Twitch stand on other shelves (Photo & Video, Entertainment, News,
Business, Lifestyle), so those acquit nobody.
"""

from __future__ import annotations

SOCIAL_IDS = frozenset({6005})
"""App Store genre of Social Networking (iTunes Genre IDs appendix)."""
SOCIAL_NAMES = frozenset(
    {"social networking", "social", "dating", "réseaux sociaux", "soziale netze", "soziale netzwerke"}
)
"""As the App Store (by its language) and Google Play call it."""
SAFE_IDS = frozenset({6001, 6010, 6015, 6020})
"""Weather, Navigation, Finance, Medical."""
SAFE_NAMES = frozenset({"weather", "navigation", "finance", "medical", "maps & navigation", "auto & vehicles"})

APP_STORE = {
    6000: "business", 6001: "weather", 6002: "utilities", 6003: "travel", 6004: "sports", 6005: "social networking",
    6006: "reference", 6007: "productivity", 6008: "photo & video", 6009: "news", 6010: "navigation", 6011: "music",
    6012: "lifestyle", 6013: "health & fitness", 6014: "games", 6015: "finance", 6016: "entertainment",
    6017: "education", 6018: "books", 6020: "medical", 6021: "magazines & newspapers", 6022: "catalogs",
    6023: "food & drink", 6024: "shopping", 6025: "stickers", 6026: "developer tools", 6027: "graphics & design",
}  # fmt: skip
"""The App Store's genres by number, which is the same in every language (iTunes Genre IDs appendix)."""


def keys_of(genre: str | None, genre_id: int | None) -> tuple[str, ...]:
    """Give what a policy may call the shelf an app stands on: its number, its English name, and as it was told."""
    numbered = APP_STORE.get(genre_id) if genre_id is not None else None
    told = (str(genre_id) if genre_id is not None else None, numbered, plain(genre) if genre is not None else None)
    return tuple(dict.fromkeys(key for key in told if key))


def is_social(genre: str | None, genre_id: int | None) -> bool:
    """True if the app stands on the shelf of social or dating apps."""
    return genre_id in SOCIAL_IDS or (genre is not None and plain(genre) in SOCIAL_NAMES)


def is_safe(genre: str | None, genre_id: int | None) -> bool:
    """True if no social app is known to stand on that shelf."""
    if is_social(genre, genre_id):
        return False
    return genre_id in SAFE_IDS or (genre_id is None and genre is not None and plain(genre) in SAFE_NAMES)


def plain(genre: str) -> str:
    """Give a genre's name in the one spelling that is compared."""
    return " ".join(genre.replace("_", " ").lower().split()).replace(" and ", " & ")
