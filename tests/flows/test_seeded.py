"""Faults put into clean templates on purpose: every one is found, under its rule and at its place; clean ones pass."""

import json
from collections import Counter
from random import Random

import pytest

from aurevoir.flows import starters
from aurevoir.flows.checks import check, check_text
from aurevoir.flows.packs import PACKS
from aurevoir.flows.reading import read_flow
from aurevoir.flows.rules import RULES
from tests.flows.seeded.clean import clean
from tests.flows.seeded.way import Way
from tests.flows.seeded.ways import every_way

AT_LEAST_OF_A_RULE = 20
CLEAN = 200
# FE-24 is about experiments, and seen to where they start.
BREAKABLE = {rule for rule, told in RULES.items() if told.held != "server"} - {"FE-24"}


def is_told(way: Way, seed: int) -> bool:
    """Whether the fault is found under its rule, at its place, its parent's or inside it."""
    raw = clean(seed, way.language)
    path = way.change(raw, Random(seed))
    findings = check_text(json.dumps(raw, ensure_ascii=False))
    return any(f.rule == way.rule and (path.startswith(f.path) or f.path.startswith(path)) for f in findings)


def missed(times: int) -> tuple[Counter[str], list[str]]:
    """How many faults were put in by rule, and which of them nobody told; the table is printed."""
    ways = every_way()
    of_rule, seeded, lost = Counter(way.rule for way in ways), Counter[str](), []
    for index, way in enumerate(ways):
        enough = -(-AT_LEAST_OF_A_RULE // of_rule[way.rule]) if way.rule in BREAKABLE else 1
        for turn in range(max(times, enough)):
            seeded[way.rule] += 1
            if not is_told(way, seed=index * 100 + turn):
                lost.append(f"{way.rule} {way.name}")
    by_rule = Counter(one.partition(" ")[0] for one in lost)
    for rule in sorted(seeded):
        print(f"{rule}  {seeded[rule] - by_rule[rule]:5} of {seeded[rule]:5} seeded faults found")
    print(f"all    {seeded.total() - len(lost):5} of {seeded.total():5}")
    return seeded, lost


def test_every_seeded_fault_is_found() -> None:
    """More than 500 of them, and at least twenty of every rule that a template can break."""
    seeded, lost = missed(times=1)

    assert lost == []
    assert seeded.total() >= 500
    assert min(seeded[rule] for rule in BREAKABLE) >= AT_LEAST_OF_A_RULE


@pytest.mark.slow
def test_every_seeded_fault_is_found_in_other_templates_too() -> None:
    """The same faults in four other templates each."""
    assert missed(times=4)[1] == []


def test_clean_templates_raise_no_alarm() -> None:
    """Neither error nor warning, in every shape and language; the starters with them."""
    texts = [json.dumps(clean(seed)) for seed in range(CLEAN)] + [
        starters.starter(key) for key in starters.list_starters()
    ]
    alarms = [(text[:60], [finding.sentence for finding in found]) for text in texts if (found := check_text(text))]

    print(f"{len(alarms)} false alarms on {len(texts)} clean templates")
    assert alarms == []


@pytest.mark.slow
def test_many_clean_templates_raise_no_alarm_in_any_pack() -> None:
    """What passes without naming a pack passes in each; British law alone may ask for fewer screens."""
    for seed in range(CLEAN, 2 * CLEAN):
        flow = read_flow(json.dumps(clean(seed)))
        for pack in PACKS:
            found = [one for one in check(flow, {pack}) if one.rule and pack != "uk-2027"]

            assert found == [], (seed, pack)


def test_every_rule_that_a_check_holds_can_be_broken() -> None:
    """A check that cannot fail holds nothing; what only the server holds may be tried, and is told about."""
    broken = {way.rule for way in every_way()}

    assert broken >= BREAKABLE
