"""The evidence pack: the same bytes each time, checked by what it says itself and by ten lines of somebody else's."""

import asyncio
import re
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from aurevoir.access import keys, workspaces
from aurevoir.kit import clock, crypto, db, ids, sql
from aurevoir.sessions import evidence, pack_check
from tests.house import House, facts, on_sqlite
from tests.visits import Visit, start

pytestmark = on_sqlite
PAGE = (Path(__file__).parents[3] / "docs" / "evidence.md").read_text("utf-8")
Files = dict[str, bytes]


def address(visit: Visit) -> str:
    """Where its evidence is."""
    return f"/api/v1/sessions/{visit.session['id']}/evidence"


async def left(client: httpx.AsyncClient, house: House) -> Visit:
    """Dana gave a reason and words, went back once, and left."""
    visit = await (await start(client, house)).answer("other", answers={"comment": "my own words"})
    await visit.move("back")
    return await visit.leave()


async def download(client: httpx.AsyncClient, house: House, visit: Visit) -> bytes:
    """The pack."""
    reply = await client.get(address(visit), headers=house.operator)
    assert reply.status_code == 200, reply.text
    return reply.content


def unzipped(content: bytes) -> Files:
    """Its files, in their order."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Files) -> bytes:
    """A pack that somebody put together again."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


async def test_a_visit_is_one_file(client: httpx.AsyncClient, house: House) -> None:
    """With a good name, the README first, and everything that it promises."""
    visit = await left(client, house)
    reply = await client.get(address(visit), headers=house.operator)
    files = unzipped(reply.content)
    receipt = visit.screen["receipt"]["id"]

    assert reply.headers["content-type"] == "application/zip"
    assert f'filename="evidence-{visit.session["id"]}.zip"' in reply.headers["content-disposition"]
    assert list(files) == [
        "README.txt",
        "evidence.json",
        "template.yaml",
        *(f"exhibits/{name}.json" for name in ("01-started", "02-answer", "03-back", "04-cancel", "05-declare")),
        *(f"screens/{name}.html" for name in ("01-reason", "02-confirm", "03-reason", "04-confirm", "05-receipt")),
        f"receipts/{receipt}.txt",
        f"receipts/{receipt}.html",
        "SHA256SUMS",
    ]
    assert pack_check.check(reply.content).problems == ()
    told = msgspec.json.decode(files["evidence.json"])
    assert (told["leaving"]["clicks"], told["leaving"]["screens"], told["template"]["version"]) == (4, 4, 1)
    assert [one["kind"] for one in told["events"]][:2] == ["session.started", "session.answered"]
    assert b"Clicks to leave         4" in files["README.txt"]


async def test_it_is_the_same_each_time(client: httpx.AsyncClient, house: House) -> None:
    """Byte for byte, whenever it is asked for; what is added changes it."""
    visit = await left(client, house)
    first, second = await download(client, house, visit), await download(client, house, visit)
    await visit.move("undo")
    later = await download(client, house, visit)

    assert first == second
    assert "exhibits/06-undo.json" in unzipped(later)
    assert pack_check.check(later).problems == ()


async def test_receipts_and_template_are_the_originals(client: httpx.AsyncClient, house: House) -> None:
    """Those that Dana can download, byte for byte, and the YAML that was published; her receipt names the chain."""
    visit = await left(client, house)
    files = unzipped(await download(client, house, visit))
    receipt, told = visit.screen["receipt"], msgspec.json.decode(files["evidence.json"])
    source = (await client.get("/api/v1/flows/saas_short/versions/1", headers=house.operator)).json()["source"]

    for form in ("text", "html"):
        hers = (await client.get(receipt[f"{form}_url"])).content
        assert files[f"receipts/{receipt['id']}.{form.replace('text', 'txt')}"] == hers
    assert files["template.yaml"].decode() == source
    assert told["exhibits"][3]["link"].encode() in files[f"receipts/{receipt['id']}.txt"]


async def test_its_screens_are_those_of_the_hosted_page(client: httpx.AsyncClient, house: House) -> None:
    """The same markup as the live page, but for the way to the receipt, which lies in the pack; nothing is loaded."""
    made = (await client.post("/api/v1/sessions", json=facts(), headers=house.operator)).json()
    live = [(await client.get(made["url"])).text]
    for move, step in (("cancel", "reason"), ("cancel", "confirm")):
        await client.post(made["url"], data={"move": move, "step": step, "revision": "0"})
        live.append((await client.get(made["url"])).text)
    visit = Visit(client, {"session": made, "screen": {}})
    files = unzipped(await download(client, house, visit))
    drawn = [content.decode() for name, content in files.items() if name.startswith("screens/")]

    assert len(drawn) == 3
    assert [inner(page) for page in drawn] == [inner(page) for page in live]
    for page in drawn:
        assert "default-src 'none'" in page
        assert '<link rel="stylesheet"' not in page
        assert not re.search(r'(src|href)="(https?:)?//', page)
        assert "<style>" in page


def inner(page: str) -> str:
    """What a page shows, without addresses and the revision, which nobody sees."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r'href="[^"]*"|name="revision" value="\d+"', "", main)


async def test_screens_keep_the_colours_of_their_moment(client: httpx.AsyncClient, house: House) -> None:
    """Those that the hosted pages had then, whatever the workspace chooses afterwards."""
    visit = await start(client, house)
    for accent in ("#7a1fa2", None):
        theme = f'{{"light": {{"accent": "{accent}"}}}}' if accent else None
        await db.transaction(lambda theme=theme: sql.execute("UPDATE workspace SET theme = $1", theme))  # type: ignore[misc]
        workspaces.forget_cached()
        await visit.move("cancel" if accent else "back")
    files = unzipped(await download(client, house, visit))
    coloured = ["--accent: light-dark(#7a1fa2," in files[name].decode() for name in files if name.startswith("screens")]

    assert coloured == [False, True, False]


async def test_what_was_erased_is_said_and_the_chain_holds(client: httpx.AsyncClient, house: House) -> None:
    """No payload, no screen, the digests and links as they were; the figures still count the presses."""
    visit = await left(client, house)
    before = msgspec.json.decode(unzipped(await download(client, house, visit))["evidence.json"])
    session = ids.read("ses", visit.session["id"])
    assert session is not None
    await db.transaction(lambda: evidence.forget(session))
    content = await download(client, house, visit)
    files = unzipped(content)
    after = msgspec.json.decode(files["evidence.json"])

    assert [name for name in files if name.startswith(("exhibits/", "screens/"))] == []
    assert [one["erased"] for one in after["exhibits"]] == [True] * 5
    assert [one["link"] for one in after["exhibits"]] == [one["link"] for one in before["exhibits"]]
    assert after["leaving"] == before["leaving"]
    assert b"5 of them erased" in files["README.txt"]
    verdict = pack_check.check(content)
    assert (verdict.problems, verdict.erased) == ((), 5)


Forging = Callable[[Files, Any], None]


def first_payload(files: Files, _: Any) -> None:
    """A word in what was shown first."""
    files["exhibits/01-started.json"] = files["exhibits/01-started.json"].replace(b"reason", b"raeson")


def swapped(_: Files, told: Any) -> None:
    """Two exhibits in each other's place."""
    told["exhibits"][1:3] = told["exhibits"][2:0:-1]


def cut(files: Files, told: Any) -> None:
    """The declaration was never made."""
    del told["exhibits"][4], files["exhibits/05-declare.json"], files["screens/05-receipt.html"]


def called_erased(files: Files, told: Any) -> None:
    """A payload that is inconvenient, with its digest changed to another one's."""
    told["exhibits"][1] |= {"erased": True, "payload": None, "digest": "ab" * 32}
    del files["exhibits/02-answer.json"]


def lost(files: Files, _: Any) -> None:
    """And nothing said of it."""
    del files["exhibits/02-answer.json"]


def without(name: str) -> Forging:
    """A file is left out."""

    def forge(files: Files, _: Any) -> None:
        del files[name]

    return forge


FORGED: dict[str, tuple[Forging, str]] = {
    "payload": (first_payload, "exhibit 1: its payload was changed"),
    "at": (lambda _, told: told["exhibits"][2].update(at="2026-01-01T00:00:00.000000Z"), "breaks at exhibit 3"),
    "kind": (lambda _, told: told["exhibits"][4].update(kind="cancel"), "breaks at exhibit 5"),
    "order": (swapped, "breaks at exhibit 2"),
    "tail": (cut, "breaks at exhibit 5"),
    "erased": (called_erased, "breaks at exhibit 2"),
    "lost": (lost, "exhibit 2 has lost its payload"),
    "happened": (lambda _, told: told["exhibits"][1]["happened"].update(actor="nobody"), "exhibit 2: evidence.json"),
    "figures": (lambda _, told: told["leaving"].update(clicks=1), "the figures"),
    "events": (lambda _, told: told["events"][1].update(kind="session.kept"), "exhibit 2: it recorded"),
    "template": (lambda files, _: files.update({"template.yaml": b"key: other"}), "exhibit 1: template.yaml"),
    "moment of an event": (
        lambda _, told: told["events"][1].update(at=told["events"][0]["at"]),
        "exhibit 2: it recorded",
    ),
    "event": (lambda _, told: told["events"].pop(1), "exhibit 2: it recorded"),
    "pack": (lambda _, told: told["session"].update(pack="strict"), "exhibit 1: evidence.json tells another pack"),
    "version": (lambda _, told: told["template"].update(version=9), "exhibit 1: evidence.json tells another version"),
    "no template": (without("template.yaml"), "template.yaml, which is missing"),
    "no screen": (without("screens/01-reason.html"), "screens/01-reason.html, which is missing"),
    "more": (lambda files, _: files.update({"screens/06-more.html": b"?"}), "tells nothing of screens/06-more.html"),
    "zone": (lambda _, told: told["exhibits"][0].update(at=told["exhibits"][0]["at"][:-1]), "cannot be read"),
    "session": (lambda _, told: told["session"].update(id="ses_" + "0" * 32), "breaks at exhibit 1"),
}


async def test_a_forged_pack_is_found_out(client: httpx.AsyncClient, house: House) -> None:
    """Also where somebody set the checksums right afterwards: the chain says where."""
    content = await download(client, house, await left(client, house))
    unnoticed = {}
    for what, (forge, where) in FORGED.items():
        files = unzipped(content)
        told = msgspec.json.decode(files["evidence.json"])
        forge(files, told)
        files["evidence.json"] = msgspec.json.encode(told)
        names = [name for name in files if name != "SHA256SUMS"]
        files["SHA256SUMS"] = "".join(f"{crypto.sha256(files[name])}  {name}\n" for name in names).encode()
        problems = pack_check.check(zipped(files)).problems
        if not any(where in problem for problem in problems):
            unnoticed[what] = problems

    assert len(FORGED) == 20
    assert unnoticed == {}


async def test_no_byte_can_be_changed_unnoticed(client: httpx.AsyncClient, house: House) -> None:
    """In any file of the pack, at its beginning, middle and end; and in the archive as such."""
    content = await download(client, house, await left(client, house))
    files = unzipped(content)
    unnoticed = []
    for name, whole in files.items():
        for at in (0, len(whole) // 2, len(whole) - 1):
            flipped = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            if not pack_check.check(zipped(files | {name: flipped})).problems:
                unnoticed.append((name, at))
    twice = BytesIO(content)
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("template.yaml", "key: other")
    for junk in (b"", b"PK", content[: len(content) // 2], b"not a zip at all", twice.getvalue()):
        assert pack_check.check(junk).problems

    assert unnoticed == []


async def test_ten_lines_of_python_check_it(client: httpx.AsyncClient, house: House, tmp_path: Path) -> None:
    """Those of docs/evidence.md, with nothing of ours: they agree with our own check, also where it breaks."""
    (snippet,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    visit = await left(client, house)
    content = await download(client, house, visit)
    forged = unzipped(content)
    forged["exhibits/02-answer.json"] += b" "
    script, good, bad = tmp_path / "check.py", tmp_path / "good.zip", tmp_path / "bad.zip"
    script.write_text(snippet)
    good.write_bytes(content)
    bad.write_bytes(zipped(forged))
    holds, breaks = [await run(sys.executable, "-I", str(script), str(pack)) for pack in (good, bad)]

    assert holds == (0, f"holds, with the head {pack_check.check(content).head}\n")
    assert breaks[0] == 1
    assert "AssertionError: 2" in breaks[1]


async def run(*command: str) -> tuple[int | None, str]:
    """The exit status of a program, and what it says."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_a_broken_chain_is_told_with_the_pack(client: httpx.AsyncClient, house: House) -> None:
    """What was changed in the database is not hidden: the pack itself says where."""
    visit = await left(client, house)
    await db.transaction(lambda: sql.execute("UPDATE exhibit SET kind = 'skip' WHERE number = 4"))
    content = await download(client, house, visit)
    chain = msgspec.json.decode(unzipped(content)["evidence.json"])["chain"]

    assert (chain["holds"], chain["breaks_at"]) == (False, 4)
    assert b"BROKEN at exhibit 4" in unzipped(content)["README.txt"]
    assert pack_check.check(content).problems


async def test_a_visit_older_than_the_record_says_so(client: httpx.AsyncClient, house: House) -> None:
    """Its receipt, events and template are there all the same; what happens from now on is recorded."""
    visit = await left(client, house)

    async def as_it_was() -> None:
        await sql.execute("DELETE FROM exhibit")
        await sql.execute("UPDATE session SET exhibits = 0, evidence_head = NULL")

    await db.transaction(as_it_was)
    before = await download(client, house, visit)
    await visit.move("undo")
    after = await download(client, house, visit)

    assert (pack_check.check(before).problems, pack_check.check(before).exhibits) == ((), 0)
    assert b"Nothing was recorded: the visit is older" in unzipped(before)["README.txt"]
    assert (pack_check.check(after).problems, pack_check.check(after).exhibits) == ((), 1)
    assert b"The record begins later than the visit" in unzipped(after)["README.txt"]


async def test_a_cancellation_by_phone_is_told_as_one(client: httpx.AsyncClient, house: House) -> None:
    """Nobody clicked: no figures, and the README says whose doing it was."""
    made = (await client.post("/api/v1/sessions", json=facts(channel="agent"), headers=house.operator)).json()
    files = unzipped(await download(client, house, Visit(client, {"session": made, "screen": {}})))

    assert msgspec.json.decode(files["evidence.json"])["leaving"]["clicks"] is None
    assert b"Clicks to leave " not in files["README.txt"]
    assert b"staff recorded this cancellation" in files["README.txt"]


async def test_it_is_the_workspaces_own(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """A foreign id is not found, and neither is one that never was; another scope does not do."""
    visit = await start(client, house)
    other = await db.transaction(lambda: keys.create_api_key(house.id, "x", ("receipts",), clock.now()))
    replies = [
        await client.get(address(visit), headers=globex.operator),
        await client.get(f"/api/v1/sessions/ses_{'0' * 32}/evidence", headers=house.operator),
        await client.get("/api/v1/sessions/nonsense/evidence", headers=house.operator),
        await client.get(address(visit), headers={"Authorization": f"Bearer {other}"}),
        await client.get(address(visit)),
    ]

    assert [reply.status_code for reply in replies] == [404, 404, 404, 403, 401]
