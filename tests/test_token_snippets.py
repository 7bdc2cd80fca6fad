"""The signing snippets of docs/customer-tokens.md, run by their own languages and judged by the real service."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import httpx
import msgspec
import pytest

from aurevoir.access.customer_tokens import Claims
from aurevoir.access.facts import ActorFacts, SubscriptionFacts
from tests.cast import DANA
from tests.house import House, on_sqlite
from tests.visits import START, Visit

PAGE = (Path(__file__).parents[1] / "docs" / "customer-tokens.md").read_text("utf-8")
# Language of the block: its interpreters, the first that there is, and the ending of its files.
LANGUAGES = {
    "python": ((sys.executable,), "py"),
    "javascript": (("node", "nodejs"), "js"),
    "php": (("php",), "php"),
    "ruby": (("ruby",), "rb"),
}
SNIPPETS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


async def signed(language: str, source: str, folder: Path, house: House) -> str:
    """What the snippet prints."""
    names, ending = LANGUAGES[language]
    interpreter = next(filter(None, map(shutil.which, names)), None)
    if interpreter is None:
        pytest.skip(f"no {names[0]} on this machine to run the {language} snippet")
    script = folder / f"snippet.{ending}"
    script.write_text(source, "utf-8")
    key = house.signing["live"]
    ours = {"AUREVOIR_WORKSPACE": house.iss, "AUREVOIR_KID": key.kid, "AUREVOIR_SECRET": key.secret}
    process = await asyncio.create_subprocess_exec(
        interpreter, str(script), env=os.environ | ours, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    printed, complained = await asyncio.wait_for(process.communicate(), 20)
    assert (process.returncode, complained) == (0, b""), complained.decode()
    return printed.decode().strip()


def test_there_is_a_snippet_for_each_language() -> None:
    """Python, Node, PHP and Ruby: one block each, and no block that nobody runs."""
    assert sorted(language for language, _ in SNIPPETS if language != "sh") == sorted(LANGUAGES)


@on_sqlite
@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_a_snippet_signs_is_accepted(
    client: httpx.AsyncClient, house: House, tmp_path: Path, language: str
) -> None:
    """Each run is another token; each opens Dana's one session, with the facts that it tells."""
    source = next(source for name, source in SNIPPETS if name == language)
    tokens = [await signed(language, source, tmp_path, house) for _ in range(2)]
    replies = [await client.post(START, json={"token": token}) for token in tokens]
    visit = await Visit(client, replies[0].json()).move("cancel")
    listed = (await client.get("/api/v1/sessions", headers=house.operator)).json()["data"]

    assert tokens[0] != tokens[1]
    assert [reply.status_code for reply in replies] == [201, 200]
    assert ("Plan", "pro") in [(fact["label"], fact["value"]) for fact in visit.screen["facts"]]
    assert [(one["mrr"], one["currency"]) for one in listed] == [(2900, "EUR")]
    assert DANA.id in source
    assert DANA.subscription in source


def test_every_claim_is_in_the_table() -> None:
    """A fact that the service reads and nobody knows of would never be told."""
    described = set(re.findall(r"`([\w.]+)`", "".join(re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE))))
    known = {field.name for field in msgspec.structs.fields(Claims)} - {"subscription", "actor"}
    known |= {f"subscription.{field.name}" for field in msgspec.structs.fields(SubscriptionFacts)}
    known |= {f"actor.{field.name}" for field in msgspec.structs.fields(ActorFacts)}

    assert described == known
