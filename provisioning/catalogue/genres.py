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


def is_social(genre: str | None, genre_id: int | None) -> bool:
    """True if the app stands on the shelf of social or dating apps."""
    return genre_id in SOCIAL_IDS or (genre is not None and _plain(genre) in SOCIAL_NAMES)


def is_safe(genre: str | None, genre_id: int | None) -> bool:
    """True if no social app is known to stand on that shelf."""
    if is_social(genre, genre_id):
        return False
    return genre_id in SAFE_IDS or (genre_id is None and genre is not None and _plain(genre) in SAFE_NAMES)


def _plain(genre: str) -> str:
    return " ".join(genre.replace("_", " ").lower().split()).replace(" and ", " & ")
