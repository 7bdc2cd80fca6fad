"""The register of fair-exit rules: each in a sentence, with its source, and with what holds it. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

from aurevoir.flows.packs import PackName

Level = Literal["error", "warning"]
RuleId = Literal[
    "FE-01",
    "FE-02",
    "FE-03",
    "FE-04",
    "FE-05",
    "FE-06",
    "FE-07",
    "FE-08",
    "FE-09",
    "FE-10",
    "FE-11",
    "FE-12",
    "FE-13",
    "FE-14",
    "FE-15",
    "FE-16",
    "FE-17",
    "FE-18",
    "FE-19",
    "FE-20",
    "FE-21",
    "FE-22",
    "FE-23",
    "FE-24",
    "FE-25",
]
# A template is checked before it is published; the server does it so whatever a template says; or both.
HeldBy = Literal["check", "server", "both"]


class Source(Struct, frozen=True):
    """What a rule rests on."""

    citation: str
    link: str

    def __str__(self) -> str:
        return f"{self.citation}, {self.link}"


class Rule(Struct, frozen=True, kw_only=True):
    """A fair-exit rule; without `packs` it belongs to all of them."""

    title: str
    source: Source
    held: HeldBy
    # How it is held, for whoever wants to see for themselves.
    how: str
    level: Level = "error"
    packs: tuple[PackName, ...] = ()


_CALIFORNIA = "https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=BPC&sectionNum=17602"
_ROSCA = "https://www.law.cornell.edu/uscode/text/15/8403"
_DSA = "https://eur-lex.europa.eu/eli/reg/2022/2065/oj"
_UNFAIR_PRACTICES = "https://eur-lex.europa.eu/eli/dir/2005/29/oj"
_BGB_312K = "https://www.gesetze-im-internet.de/bgb/__312k.html"
_WCAG = "https://www.w3.org/TR/WCAG22/"

UNITED_KINGDOM: Final = Source(
    "Digital Markets, Competition and Consumers Act 2024, section 260, not in force before 2027",
    "https://www.legislation.gov.uk/ukpga/2024/13/section/260",
)
INDIA: Final = Source(
    "Guidelines for Prevention and Regulation of Dark Patterns, 2023, Annexure 1",
    "https://consumeraffairs.nic.in/sites/default/files/file-uploads/latestnews/"
    "The%20Guidelines%20for%20Prevention%20and%20Regulation%20of%20Dark%20Patterns%2C%202023.pdf",
)

RULES: Mapping[RuleId, Rule] = MappingProxyType(
    {
        "FE-01": Rule(
            title="Cancelling is one action away on every screen.",
            source=Source("California Business and Professions Code § 17602(d)(1)", _CALIFORNIA),
            held="both",
            how="a flow ends in one confirmation that nothing can hide, and no text sends people elsewhere to cancel; "
            "`cancel` is a legal move in every state",
        ),
        "FE-02": Rule(
            title="At most three screens stand before the receipt, and two actions are enough to leave.",
            source=Source("ROSCA, 15 U.S.C. § 8403(3): simple mechanisms to stop recurring charges", _ROSCA),
            held="both",
            how="the longest way that any customer can be led is counted; `cancel` goes straight to the confirmation",
        ),
        "FE-03": Rule(
            title="No question must be answered in order to leave.",
            source=Source(
                "California Business and Professions Code § 17602(d)(1): no steps that obstruct or delay", _CALIFORNIA
            ),
            held="both",
            how="no question is `required`, and no text says that one is; `cancel` takes no answer",
        ),
        "FE-04": Rule(
            title="One offer at most, and none after a refusal.",
            source=Source(
                "Regulation (EU) 2022/2065, Article 25(3)(b): no repeated request for a choice already made", _DSA
            ),
            held="both",
            how="a flow has one offer step; a visit shows one offer, and none once it was declined",
        ),
        "FE-05": Rule(
            title="The way to cancel stands beside the offer all the time.",
            source=Source(
                "California Business and Professions Code § 17602(e)(2): a cancel link shown with the offer",
                _CALIFORNIA,
            ),
            held="both",
            how="a template has no means to hide it, and is told so where it tries; every offer screen carries it, "
            "whatever the pack",
            packs=("us-ca", "strict"),
        ),
        "FE-06": Rule(
            title="Accepting, declining and cancelling look alike and weigh the same.",
            source=Source("Regulation (EU) 2022/2065, Article 25(3)(a): no more prominence for one choice", _DSA),
            held="both",
            how="labels of the two sides have words, are about as long as each other, and neither shouts; buttons are "
            "drawn by the server's own style sheet, and measured in a browser",
        ),
        "FE-07": Rule(
            title="Nothing is ever chosen beforehand.",
            source=Source(
                "Directive 2011/83/EU, Article 22: no default that the consumer must reject",
                "https://eur-lex.europa.eu/eli/dir/2011/83/oj",
            ),
            held="both",
            how="a template has no field for it, and is told so where it tries; screens are drawn with nothing ticked",
        ),
        "FE-08": Rule(
            title="Words do not shame, blame, frighten or trick; the button that cancels says that it cancels.",
            source=Source("Directive 2005/29/EC, Articles 8 and 9: no undue influence", _UNFAIR_PRACTICES),
            held="check",
            how="every text is read by the wording lint, and cancel labels are held to clear words for cancelling; "
            "blocks in English, French, German and Spanish, warns in other languages",
        ),
        "FE-09": Rule(
            title="No countdown, and no deadline that is not real.",
            source=Source(
                "Directive 2005/29/EC, Annex I, no. 7: false claims of a very limited time", _UNFAIR_PRACTICES
            ),
            held="both",
            how="no field holds a timer, and a text names a deadline only beside a date that ends the offer; "
            "what was shown is honoured until its stated time",
        ),
        "FE-10": Rule(
            title="An offer states its terms completely and truly.",
            source=Source("ROSCA, 15 U.S.C. § 8403(1): all material terms, clearly", _ROSCA),
            held="both",
            how="no term of an offer is missing or contradicted by its own words, and nothing is offered outside "
            "`offers`; terms are worked out from billing, and what cannot be stated completely is not offered",
        ),
        "FE-11": Rule(
            title="Accepting is a step of its own, tied to nothing else, and can be taken back.",
            source=Source("ROSCA, 15 U.S.C. § 8403(2): express informed consent", _ROSCA),
            held="both",
            how="no field accepts by itself, and no text says that something was applied unasked or makes a favour the "
            "condition; accepting is one move, and `cancel` stays legal after it",
        ),
        "FE-12": Rule(
            title="A receipt at once: what was declared, when it arrived, when it takes effect; to keep, and by mail.",
            source=Source("§ 312k(4) BGB: confirmed at once, in text form, with date and time", _BGB_312K),
            held="server",
            how="declaration and receipt are one transaction; a template has no means to change the receipt",
        ),
        "FE-13": Rule(
            title="Cancelling never waits for the survey, an offer, billing, a webhook or mail.",
            source=Source(
                "California Business and Professions Code § 17602(d)(1): no steps that obstruct or delay", _CALIFORNIA
            ),
            held="server",
            how="the declaration is committed before anything else is tried; faults are injected in tests",
        ),
        "FE-14": Rule(
            title="No incentive before the customer has asked to see one.",
            source=Source(
                "Minnesota Statutes, sections 325G.56 to 325G.62",
                "https://www.revisor.mn.gov/statutes/cite/325G.56",
            ),
            held="both",
            how="no text outside `offers` speaks of an incentive; no offer leaves the server before `see_offer`",
            packs=("us-mn", "strict"),
        ),
        "FE-15": Rule(
            title="In Germany the confirmation comes first, on one page, with the buttons that the law words.",
            source=Source("§ 312k BGB", _BGB_312K),
            held="server",
            how="order and buttons are the pack's, whatever a template says; /exit/…/de needs no login and no script",
            packs=("de",),
        ),
        "FE-16": Rule(
            title="In France three clicks: the fields of the decree, a recap that can be edited, the confirmation.",
            source=Source(
                "Code de la consommation, articles L.215-1-1 and D.215-1 to D.215-3 (décret n° 2023-417)",
                "https://www.legifrance.gouv.fr/eli/decret/2023/5/31/2023-417/jo/texte",
            ),
            held="server",
            how="/exit/…/fr; no template takes part in it",
            packs=("fr",),
        ),
        "FE-17": Rule(
            title="In the European Union a contract is withdrawn from in two steps, as long as the period runs.",
            source=Source(
                "Directive 2011/83/EU, Article 11a (Directive (EU) 2023/2673)",
                "https://eur-lex.europa.eu/eli/dir/2023/2673/oj",
            ),
            held="server",
            how="/exit/…/eu-withdrawal; no template takes part in it",
            packs=("eu-withdrawal",),
        ),
        "FE-18": Rule(
            title="What is asked can be read at a glance, and no button has to be read twice.",
            source=Source("WCAG 2.2, 3.1.5 Reading Level", f"{_WCAG}#reading-level"),
            held="check",
            how="headings, texts, options and questions of a screen are counted; double negatives are found",
            level="warning",
        ),
        "FE-19": Rule(
            title="Closing keeps everything as it is, and says that nothing was cancelled.",
            source=Source(
                "WCAG 2.2, 3.3.4 Error Prevention (Legal, Financial, Data)",
                f"{_WCAG}#error-prevention-legal-financial-data",
            ),
            held="server",
            how="a visit that is closed can be resumed, and is never counted as kept or saved",
        ),
        "FE-20": Rule(
            title="What is said of losses is a fact; no figure is invented.",
            source=Source("Directive 2005/29/EC, Article 6(1): no false information", _UNFAIR_PRACTICES),
            held="both",
            how="a template says the same to everyone, so it may hold no figures about the customer; facts come from "
            "the token, and one that is unknown is left out",
        ),
        "FE-21": Rule(
            title="A pause or a smaller plan shows when it ends and what is charged then.",
            source=Source("ROSCA, 15 U.S.C. § 8403(1): all material terms, clearly", _ROSCA),
            held="both",
            how="words of a pause or a smaller plan stand in an offer that has an end and a price; the offers that "
            "billing carries out show both",
            level="warning",
        ),
        "FE-22": Rule(
            title="Every language is complete; none falls back to another in silence.",
            source=Source("WCAG 2.2, 3.1.2 Language of Parts", f"{_WCAG}#language-of-parts"),
            held="check",
            how="every text is there in every language of the flow, is not blank, and is not another language's; "
            "warns where the interface itself has no phrases in a language",
        ),
        "FE-23": Rule(
            title="It works without scripts, and when the widget is blocked.",
            source=Source("§ 312k(2) BGB: always available, direct and easy to reach", _BGB_312K),
            held="server",
            how="every flow can be completed on plain pages; tests do, with scripts off",
        ),
        "FE-24": Rule(
            title="An experiment varies no fair-exit rule.",
            source=Source("Regulation (EU) 2022/2065, Article 25(1)", _DSA),
            held="both",
            how="an arm is a published flow or offer, and each is checked again when the experiment starts; a holdout "
            "keeps at least one per cent without an offer",
        ),
        "FE-25": Rule(
            title="Each cancellation can be proved: the version, the screens as shown, the events, the receipt.",
            source=Source(
                "California Business and Professions Code § 17602, as amended by AB 2863: proof is kept", _CALIFORNIA
            ),
            held="server",
            how="the evidence pack of a session; a template has no means to change it",
            level="warning",
        ),
    }
)
