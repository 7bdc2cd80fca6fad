"""Canned screens, one of every kind, as the server would send them; and the same in Arabic."""

from collections.abc import Mapping
from typing import Any

Screen = dict[str, Any]

CONTINUE = {"move": "answer", "label": "Continue", "role": "primary"}
CANCEL = {"move": "cancel", "label": "Cancel subscription", "role": "leave"}
KEEP = {"move": "keep", "label": "Keep subscription", "role": "stay"}
SKIP = {"move": "skip", "label": "Skip this question", "role": "quiet"}
BACK = {"move": "back", "label": "Back", "role": "quiet"}
UNDO = {"move": "undo", "label": "Take the cancellation back", "role": "quiet"}


def screen(kind: str, step: str, title: str, **rest: Any) -> Screen:
    """A screen with what every screen has."""
    return {"kind": kind, "step": step, "locale": "en", "direction": "ltr", "title": title, **rest}


def option(code: str, label: str, follow_up: str | None = None) -> dict[str, Any]:
    """One possible answer."""
    more = {"label": follow_up, "max_length": 300} if follow_up else None
    return {"code": code, "label": label, "follow_up": more}


REASONS = [
    option("too_expensive", "It costs too much", "What price would be right?"),
    option("not_using", "I don’t use it enough"),
    option("missing_feature", "Something I need is missing", "What is missing?"),
    option("technical", "It is slow or does not work reliably"),
    option("switched", "I am moving to another product", "Which one, and why?"),
    option("other", "Something else", "What is it?"),
]
COMMENT = {"step": "comment", "kind": "text", "label": "Anything we should know?", "max_length": 1000}
SUPPORT = {
    "step": "support",
    "kind": "scale",
    "label": "How was our support?",
    "low": 1,
    "high": 5,
    "low_label": "Poor",
    "high_label": "Excellent",
}
FACTS = [
    {"label": "Will I be charged again?", "value": "No. The payment on 1 December 2026 will not be taken."},
    {"label": "Until when do I have access?", "value": "30 November 2026"},
    {"label": "Is anything refunded?", "value": "No, the month already paid is yours to use."},
    {"label": "What happens to my data?", "value": "It is kept for 90 days and then deleted."},
]
RECEIPT = {
    "id": "rcp_7Qm2wXk9TzLr4VbN8sYcHdPf3GjA6uEo",
    "declared_at": "21 November 2026 at 22:51 (UTC+1)",
    "effective_on": "2026-11-30",
    "html_url": "/exit/receipt/7Qm2.html",
    "text_url": "/exit/receipt/7Qm2.txt",
    "url": "/exit/receipt/7Qm2",
}

SCREENS: Mapping[str, Screen] = {
    "choice": screen(
        "choice",
        "reason",
        "What is the main reason you are leaving?",
        body="One answer is enough, and so is none.",
        options=REASONS,
        also=[COMMENT],
        actions=[CONTINUE, CANCEL, SKIP],
        progress={"at": 1, "of": 3},
    ),
    "several": screen(
        "choice",
        "missing",
        "Which of these did you miss?",
        options=REASONS[:4],
        several=True,
        also=[SUPPORT],
        actions=[CONTINUE, CANCEL, BACK, SKIP],
        progress={"at": 2, "of": 3},
    ),
    "text": screen(
        "text",
        "story",
        "What would have made you stay?",
        body="Please leave out personal details.",
        max_length=500,
        actions=[CONTINUE, CANCEL, BACK],
    ),
    "scale": screen(
        "scale",
        "recommend",
        "How likely are you to recommend us?",
        low=0,
        high=10,
        low_label="Not at all likely",
        high_label="Very likely",
        actions=[CONTINUE, CANCEL, SKIP],
    ),
    "offer": screen(
        "offer",
        "save",
        "Would this help?",
        body="You said that it costs too much.",
        offer={
            "key": "half_price",
            "kind": "discount",
            "headline": "Half price for three months",
            "body": "Everything stays as it is, at half the price.",
            "ends_on": "2027-03-01",
            "price_now": "€29.00 a month",
            "price_after": "€14.50 a month until 1 March 2027, then €29.00 a month",
            "terms": [
                "You pay €14.50 on 1 December, 1 January and 1 February.",
                "From 1 March 2027 it is €29.00 a month again, until you cancel.",
                "You can cancel at any time, as easily as today.",
            ],
        },
        actions=[
            {"move": "accept", "label": "Take half price", "role": "primary"},
            {"move": "decline", "label": "No, thank you", "role": "primary"},
            CANCEL,
        ],
        progress={"at": 2, "of": 3},
    ),
    "confirm": screen(
        "confirm",
        "confirm",
        "Cancel your Pro subscription?",
        body="This is what will happen.",
        facts=FACTS,
        actions=[CANCEL, KEEP, BACK],
        progress={"at": 3, "of": 3},
    ),
    "receipt": screen(
        "receipt",
        "receipt",
        "Your subscription is cancelled",
        body="Keep this receipt. A copy is on its way to dana@example.com.",
        facts=FACTS[:2],
        receipt=RECEIPT,
        actions=[UNDO],
    ),
    "working": screen(
        "working", "save", "We are applying your discount", body="You can close this window.", actions=[CANCEL]
    ),
    "kept": screen("kept", "kept", "Your subscription stays as it is", body="Nothing was changed."),
    "unavailable": screen(
        "unavailable",
        "unavailable",
        "Only the account’s owner can cancel",
        body="Please ask Alice (alice@example.com).",
    ),
}

LEAVABLE = [name for name, shown in SCREENS.items() if any(one["move"] == "cancel" for one in shown.get("actions", []))]

ARABIC = {
    "Close": "إغلاق",
    "There is a problem": "هناك مشكلة",
    "optional": "اختياري",
    "Step {at} of {of}": "الخطوة {at} من {of}",
    "Closing this window cancels nothing.": "إغلاق هذه النافذة لا يلغي شيئًا.",
    "Continue": "متابعة",
    "Cancel subscription": "إلغاء الاشتراك",
    "Keep subscription": "الإبقاء على الاشتراك",
    "Skip this question": "تخطّي هذا السؤال",
    "Back": "رجوع",
    "Take the cancellation back": "التراجع عن الإلغاء",
    "What is the main reason you are leaving?": "ما السبب الرئيسي لمغادرتك؟",
    "One answer is enough, and so is none.": "إجابة واحدة تكفي، ويمكنك عدم الإجابة.",
    "It costs too much": "السعر مرتفع جدًا",
    "What price would be right?": "ما السعر المناسب؟",
    "I don’t use it enough": "لا أستخدمه بما يكفي",
    "Something I need is missing": "ينقصه شيء أحتاج إليه",
    "What is missing?": "ما الذي ينقص؟",
    "It is slow or does not work reliably": "بطيء أو لا يعمل بشكل موثوق",
    "I am moving to another product": "سأنتقل إلى منتج آخر",
    "Which one, and why?": "أي منتج، ولماذا؟",
    "Something else": "سبب آخر",
    "What is it?": "ما هو؟",
    "Anything we should know?": "هل هناك ما يجب أن نعرفه؟",
    "How was our support?": "كيف كان الدعم؟",
    "Poor": "ضعيف",
    "Excellent": "ممتاز",
    "How likely are you to recommend us?": "ما احتمال أن توصي بنا؟",
    "Not at all likely": "غير محتمل إطلاقًا",
    "Very likely": "محتمل جدًا",
    "Would this help?": "هل يفيدك هذا؟",
    "Half price for three months": "نصف السعر لمدة ثلاثة أشهر",
    "Take half price": "أقبل نصف السعر",
    "No, thank you": "لا، شكرًا",
    "Cancel your Pro subscription?": "هل تريد إلغاء اشتراك Pro؟",
    "This is what will happen.": "هذا ما سيحدث.",
    "Will I be charged again?": "هل سأدفع مرة أخرى؟",
    "Until when do I have access?": "إلى متى يبقى لي الوصول؟",
    "30 November 2026": "٣٠ نوفمبر ٢٠٢٦",
    "Your subscription is cancelled": "تم إلغاء اشتراكك",
}


def in_arabic(value: Any) -> Any:
    """`value` with every text that has a translation translated, and read from right to left."""
    if isinstance(value, dict):
        turned = {key: in_arabic(inner) for key, inner in value.items()}
        return {**turned, "locale": "ar", "direction": "rtl"} if "direction" in value else turned
    if isinstance(value, list):
        return [in_arabic(inner) for inner in value]
    return ARABIC.get(value, value) if isinstance(value, str) else value
