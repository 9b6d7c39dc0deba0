"""Pages on the home screen that lead elsewhere, or that do not say where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from policy_bench import IOS, catalogue, only, verdict_on, whole

from provisioning.inventory import WebClip
from provisioning.policy.effective import Severity
from provisioning.verification.judgement import Judgement, Verdict

CLEAR, NOT_CLEAR, UNKNOWN = Verdict.CLEAR, Verdict.NOT_CLEAR, Verdict.UNKNOWN


def judged(url: str, policy: str = "uk-government") -> Judgement:
    return verdict_on(replace(whole(IOS), web_clips=(WebClip("News", url),)), policy)


@pytest.mark.parametrize(
    "url",
    [
        "https://facebook.com/l.php?u=https%3A%2F%2Fwww.tiktok.com%2F%40bbc", "https://l.facebook.com/l.php?u=https://tiktok.com",
        "https://www.youtube.com/redirect?q=https://www.tiktok.com", "https://www.linkedin.com/redir/?url=www.tiktok.com",
    ],
)  # fmt: skip
def test_a_network_that_passes_on_to_a_denied_one_is_looked_at(url: str) -> None:
    finding = only(judged(url))
    assert (finding.severity, finding.family) == (Severity.REVIEW, "TikTok")


def test_passing_on_hides_nothing_of_the_network_that_does() -> None:
    finding = only(judged("https://facebook.com/l.php?u=https://www.bbc.co.uk", "met-police"))
    assert (finding.severity, finding.family) == (Severity.DENIED, "Facebook")


@pytest.mark.parametrize(
    "url",
    ["shortcuts://run-shortcut?name=News", "SHORT\tCUTS://x-callback-url/run-shortcut", "data:text/html;base64,PGk+",
     "https://t.co/a1B2c3", "bit.ly/3xYz", "https://facebook.com/l.php?u=https://bit.ly/3xYz",
     "https://l.instagram.com/?e=AT0", "https://www.facebook.com/l.php?h=AT0"],
)  # fmt: skip
def test_a_page_that_does_not_say_what_it_opens_was_not_checked(url: str) -> None:
    judgement = judged(url)
    assert judgement.verdict is UNKNOWN
    (unread,) = judgement.not_checked
    assert "on the home screen opens" in unread.area
    assert judged(url, "bbc-advice").verdict is CLEAR  # nothing is kept back there, so nothing need be known
    assert judged(url, "met-police").verdict in {NOT_CLEAR, UNKNOWN}


@pytest.mark.parametrize(
    "url",
    ["https://facebook.com/", "https://facebook.com/l.php?u=https://www.bbc.co.uk/news", "https://www.bbc.co.uk/l.php",
     "https://example.org/t.co", "https://data.gov.uk/", "tel:999", ""],
)  # fmt: skip
def test_pages_that_say_it_stay_clear(url: str) -> None:
    assert judged(url).verdict is CLEAR
    assert catalogue().led_to(url) == ()
