"""The few phrases that a client says by itself, in the session's language."""

from aurevoir.kit.i18n import Language

# The element carries some of the same English texts, for the time before the server answered.
PHRASES: dict[str, str] = {
    "close": "Close",
    "loading": "One moment…",
    "retry": "No answer yet. Trying again…",
    "problem": "There is a problem",
    "error_prefix": "Error:",
    "offline": "We could not reach the service. What you saved is safe. Please check your connection.",
    "expired": "This page was open for too long. Copy what you just wrote, then reload it. What you saved is safe.",
    "again": "Try again",
    "look_again": "See how it stands now",
    "elsewhere": "Continue on a separate page",
    "optional": "optional",
    "progress": "Step {at} of {of}",
    "not_cancelled": "Closing this window cancels nothing.",
    "price_now": "Today",
    "price_after": "With this offer",
    "receipt_id": "Receipt number",
    "declared_at": "Received",
    "receipt_html": "Save as web page",
    "receipt_text": "Save as text",
}


def of(words: Language) -> dict[str, str]:
    """Every phrase by its key."""
    return {key: words.say(text) for key, text in PHRASES.items()}
