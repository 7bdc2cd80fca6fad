"""What docs/webhooks.md says is what is sent, and its snippets verify it in their own languages."""

import asyncio
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any, get_args

import httpx
import msgspec
import pytest

from aurevoir.billing.plan import ActionKind
from aurevoir.kit import clock, signing
from aurevoir.webhooks.payload import Ended
from aurevoir.webhooks.rules import Channel, Decision, When
from tests.house import House, on_sqlite
from tests.visits import start
from tests.webhooks import acme
from tests.webhooks.receiver import Receiver

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
SNIPPETS = dict(re.findall(r"^```(python|javascript|php|ruby)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
# What calls the snippet with {headers, body, secret} from standard input.
PYTHON = """import json, sys
g = json.load(sys.stdin)
print(int(is_genuine(g["headers"], g["body"].encode(), g["secret"])))"""
NODE = """const g = JSON.parse(require("fs").readFileSync(0));
console.log(Number(isGenuine(g.headers, Buffer.from(g.body), g.secret)));"""
PHP = """$g = json_decode(file_get_contents("php://stdin"), true);
echo (int) is_genuine($g["headers"], $g["body"], $g["secret"]);"""
RUBY = """require "json"
g = JSON.parse($stdin.read)
puts genuine?(g["headers"], g["body"], g["secret"]) ? 1 : 0"""
# Interpreters, the first that there is; the ending of its files; what calls the snippet.
LANGUAGES = {
    "python": ((sys.executable,), "py", PYTHON),
    "javascript": (("node", "nodejs"), "js", NODE),
    "php": (("php",), "php", PHP),
    "ruby": (("ruby",), "rb", RUBY),
}
# Different every time, or long; of the others the example shows the very values.
VARYING = {"id", "timestamp", "url", "reference", "started_at", "decided_at", "receipt", "changed_at", "version"}


@on_sqlite
async def test_the_example_is_what_arrives(client: httpx.AsyncClient, house: House, receiver: Receiver) -> None:
    """Member for member."""
    await acme.endpoint(house, receiver.url, "cancellation.declared")
    visit = await start(client, house, attributes={"seats": 4})
    await (await visit.answer("too_expensive", answers={"comment": "Far too much"})).leave()
    await acme.dispatch(house)
    await acme.deliver(house)
    example = re.search(r"<!-- payload: .*?```json\n(.*?)```", PAGE, re.DOTALL)

    assert example is not None
    assert shape(json.loads(example[1])) == shape(receiver.got[0].json)


def shape(value: Any, name: str = "") -> Any:
    """The value, with the type alone where it varies."""
    if isinstance(value, dict):
        return {member: shape(one, member) for member, one in value.items()}
    if isinstance(value, list):
        return [shape(one, name) for one in value]
    return type(value).__name__ if name in VARYING else value


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_snippet_accepts_what_we_sign_and_nothing_else(language: str, tmp_path: Path) -> None:
    """Our body under the new secret and, during a rotation, under the old one; no other body, moment or secret."""
    names, ending, driver = LANGUAGES[language]
    interpreter = next(filter(None, map(shutil.which, names)), None)
    if interpreter is None:
        pytest.skip(f"no {names[0]} on this machine to run the {language} snippet")
    script = tmp_path / f"snippet.{ending}"
    script.write_text(f"{SNIPPETS[language]}\n{driver}\n", "utf-8")
    secret, other, third = (signing.new_secret() for _ in range(3))
    body = '{"text": "Ça va ✓"}'
    headers = signing.headers("evt_1", clock.now(), body.encode(), [secret, other])
    stale = headers | {"webhook-timestamp": "1700000000"}
    given = [(headers, body, secret), (headers, body, other), (headers, body + " ", secret)]
    given += [(headers, body, third), (stale, body, secret)]
    said = await asyncio.gather(*(run(interpreter, script, *one) for one in given))

    assert said == ["1", "1", "0", "0", "0"]


async def run(interpreter: str, script: Path, headers: dict[str, str], body: str, secret: str) -> str:
    """What the snippet says of a message."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(interpreter, str(script), stdin=pipe, stdout=pipe, stderr=pipe)
    told = json.dumps({"headers": headers, "body": body, "secret": secret}).encode()
    printed, complained = await asyncio.wait_for(process.communicate(told), 20)
    assert (process.returncode, complained) == (0, b""), complained.decode()
    return printed.decode().strip()


def test_what_may_be_asked_for_and_what_may_arrive_is_named() -> None:
    """Actions, outcomes, channels, reasons of an endpoint's end: nobody has to read the code."""
    names = set(re.findall(r"`([a-z_]+)`", PAGE))
    known = {*get_args(ActionKind), *get_args(Ended), *get_args(Decision), *get_args(Channel)}

    assert known - names == set()
    assert {field.name for field in msgspec.structs.fields(When)} - names == set()
