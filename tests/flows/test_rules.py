"""The register: every rule says what it is, what it rests on, and honestly what holds it."""

import msgspec
import pytest

from aurevoir.flows import packs, starters
from aurevoir.flows.checks import check_text
from aurevoir.flows.packs import ALWAYS, PACKS, PackName
from aurevoir.flows.rules import RULES
from tests.flows.sound import SOUND, changed, half, step

LONG = changed(step(1, ask={"en": "x" * 90, "fr": "y"}))


def test_the_register_is_whole() -> None:
    """FE-01 to FE-25, each with a sentence, a citation and a link."""
    assert list(RULES) == [f"FE-{number:02}" for number in range(1, 26)]
    for rule in RULES.values():
        assert rule.title.endswith(".")
        assert rule.how
        assert rule.source.citation
        assert rule.source.link.startswith("https://")


def test_a_rule_belongs_to_packs_that_there_are() -> None:
    """Each pack of one jurisdiction has a rule of its own, or warns of its own accord."""
    named = {pack for rule in RULES.values() for pack in rule.packs}

    assert named <= set(PACKS)
    assert named >= {"us-ca", "us-mn", "strict", "de", "fr", "eu-withdrawal"}


@pytest.mark.parametrize(
    ("country", "region", "consumer", "pack"),
    [
        (None, None, None, "strict"),
        ("US", None, True, "strict"),
        ("US", "MN", True, "us-mn"),
        ("US", "US-CT", None, "us-ca"),
        ("US", "TX", True, "base"),
        ("DE", None, True, "de"),
        ("DE", None, False, "base"),
        ("FR", None, None, "fr"),
        ("ES", None, True, "base"),
        ("IN", None, True, "in"),
        ("GB", None, True, "base"),
    ],
)
def test_a_visit_has_one_pack(country: str | None, region: str | None, consumer: bool | None, pack: PackName) -> None:
    """From signed facts; the reason fits into the session's row."""
    chosen = packs.choose(country, region, consumer=consumer)

    assert chosen.pack.name == pack
    assert len(chosen.reason) <= 60


def test_law_to_come_is_no_pack_of_a_visit_and_the_record_says_so() -> None:
    """British sessions are under `base` until the Act is in force."""
    chosen = packs.choose(None, None, consumer=None, default_country="GB")

    assert (chosen.pack.name, chosen.reason) == ("base", "GB by workspace default; uk-2027 is not in force yet")


def test_a_flow_is_checked_for_every_law_in_force_and_for_its_own_country() -> None:
    """Great Britain's and India's add their warnings where the workspace is at home there."""
    assert packs.checked_for(None) == packs.checked_for("DE") == ALWAYS
    assert packs.checked_for("GB") - ALWAYS == {"uk-2027"}
    assert packs.checked_for("IN") - ALWAYS == {"in"}


def test_what_only_one_law_asks_for_is_told_with_its_pack_and_source() -> None:
    """Three screens pass everywhere today; the British Act makes them a warning, and only where somebody asks."""
    starter = starters.starter("b2b_accounts")
    (british,) = check_text(starter, {"uk-2027"})

    assert check_text(starter) == check_text(starter, {"in"}) == []
    assert (british.level, british.rule, british.packs) == ("warning", "FE-02", ("uk-2027",))
    assert british.source is not None
    assert "not in force before 2027" in british.source


def test_an_incentive_is_early_where_the_law_gates_it_and_bare_elsewhere() -> None:
    """The same words break FE-14 in Minnesota and under `strict`, and FE-10 in all others."""
    early = changed(step(4, body={"en": "Stay and get 50% off.", "fr": "Une phrase."}))
    told = {pack: [one.rule for one in check_text(early, {pack})] for pack in PACKS}

    assert {pack for pack, rules in told.items() if rules == ["FE-14"]} == {"us-mn", "strict"}
    assert all(rules == ["FE-10"] for pack, rules in told.items() if pack not in ("us-mn", "strict", "uk-2027", "de"))
    assert [(one.rule, one.packs) for one in check_text(early)] == [("FE-14", ("us-mn", "strict"))]


def test_a_language_that_nobody_reads_needs_somebody_in_india() -> None:
    """The guidelines bind in every language; the lint does not know every one."""
    swedish = SOUND.replace("locales: [en, fr]", "locales: [en, fr, sv]")
    told = [one for one in check_text(swedish, {"in"}) if one.packs == ("in",)]

    assert [(one.path, one.rule, one.level) for one in told] == [("locales[2]", "FE-08", "warning")]
    assert not [one for one in check_text(swedish) if one.packs == ("in",)]


def test_whoever_asks_for_one_country_learns_what_the_law_words_there() -> None:
    """As advice, without a rule: it breaks nothing, and stops nothing."""
    label = {"en": "Cancel now", "fr": "Résilier maintenant"}
    own = changed(step(4, body={"en": "See you", "fr": "Au revoir"}, cancel_label=label))
    german, french = check_text(own, {"de"}), check_text(own, {"fr"})

    assert {one.path.partition(".")[2] for one in german} == {
        "body.en",
        "body.fr",
        "cancel_label.en",
        "cancel_label.fr",
    }
    assert {one.path.partition(".")[2] for one in french} == {"cancel_label.en", "cancel_label.fr"}
    assert {(one.rule, one.level) for one in (*german, *french)} == {(None, "warning")}
    assert check_text(own) == []


def test_a_fault_is_told_once() -> None:
    """Two checks may see the same words."""
    found = check_text(changed(half(body={"en": "Only today, until midnight!", "fr": "Une phrase."})))

    assert [(one.path, one.rule) for one in found] == [("offers.half.body.en", "FE-09")]


def test_findings_are_plain_data() -> None:
    """The API encodes them as they are."""
    assert msgspec.to_builtins(check_text(LONG)[0])["rule"] == "FE-18"
