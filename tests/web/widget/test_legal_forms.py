"""The legal forms by plain HTTP: no token, no login, no script, no cookie; the declaration, and its receipt at once."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from aurevoir.access import workspaces
from aurevoir.kit import db, sql
from aurevoir.legal_forms import withdrawal
from tests.house import House, count, on_sqlite
from tests.plain_browser import Browser

DANA = {"name": "Dana Muster", "contract": "K-20458", "email": "dana@example.com"}
FORMS = ("de", "fr", "eu-withdrawal")


@pytest.fixture
def browser(client: httpx.AsyncClient, house: House) -> Browser:
    """Dana's, in front of Acme's forms."""
    return Browser(client)


def filled(browser: Browser, **changes: str) -> Browser:
    """The form as Dana fills it in."""
    for name, value in (DANA | changes).items():
        browser.fill(name, value)
    return browser


async def declared(browser: Browser, form: str, **changes: str) -> str:
    """All the way; the text of the receipt's page."""
    filled(await browser.open(f"/exit/acme/{form}"), **changes)
    if "check" in browser.moves:
        await browser.press("check")
    return (await browser.press("confirm")).text


async def test_germany_is_one_page(browser: Browser) -> None:
    """Every field and the button are in the first paint, nothing is chosen, and one press declares."""
    await browser.open("/exit/acme/de")
    form = browser.form

    assert browser.reply.status_code == 200
    assert browser.page.attributes["html"] == {"lang": "de", "dir": "ltr"}
    assert set(form.values) == {"page", "reason", "name", "contract", "ends_on", "email"}
    assert form.options == {"kind": ["ordinary", "extraordinary"]}
    assert browser.moves == ["confirm"]
    for words in ("Art der Kündigung", "Kündigungsgrund", "Vor- und Nachname", "Bezeichnung des Vertrags"):
        assert words in browser.page.texts
    assert "Zeitpunkt, zu dem der Vertrag enden soll" in browser.page.texts
    assert "E-Mail-Adresse" in browser.page.texts
    assert "Jetzt kündigen" in browser.page.texts

    text = (await filled(browser).press("confirm")).text

    assert "Ihre Kündigung ist eingegangen" in browser.page.headings
    for words in (
        "Hiermit kündige ich den unten bezeichneten Vertrag ordentlich.",
        "Betätigen der Schaltfläche „Jetzt kündigen“",
        "Zum frühestmöglichen Zeitpunkt",
        *DANA.values(),
    ):
        assert words in text
    assert await count("form_declaration", "form = 'de' AND state = 'waiting'") == 1
    assert await count("event", "kind = 'declaration.received' AND session_id IS NULL") == 1


@on_sqlite
async def test_an_extraordinary_one_says_why_and_when(browser: Browser) -> None:
    """With its reason and its day."""
    await browser.open("/exit/acme/de")
    filled(browser, kind="extraordinary", reason="Der Dienst fiel aus.", ends_on="2026-12-31")
    text = (await browser.press("confirm")).text

    assert "Hiermit kündige ich den unten bezeichneten Vertrag außerordentlich." in text
    assert "Der Dienst fiel aus." in text
    assert "31. Dezember 2026" in text


async def test_france_is_three_clicks(browser: Browser) -> None:
    """The link, the summary, where everything can be changed, and the notification; nothing is stored before that."""
    await browser.open("/exit/acme/fr")

    assert browser.page.attributes["html"] == {"lang": "fr", "dir": "ltr"}
    assert set(browser.form.values) == {"page", "name", "contract", "ends_on", "email", "postal", "reason"}
    assert browser.form.options == {}
    assert "Continuer" in browser.page.texts
    page = browser.form.values["page"]
    await filled(browser, contract="C-7", reason="Déménagement").press("check")

    assert browser.reply.status_code == 200
    assert "Vérifiez votre résiliation" in browser.page.headings
    assert "Notification de la résiliation" in browser.page.texts
    assert {"C-7", "Déménagement", "Dès que possible", DANA["name"], DANA["email"]} <= set(browser.page.texts)
    assert await count("form_declaration") == 0

    await browser.press("edit")

    assert browser.reply.status_code == 200
    assert browser.form.values["contract"] == ["C-7"]
    assert browser.form.values["reason"] == ["Déménagement"]
    assert browser.form.values["page"] == page

    await browser.fill("contract", "C-77").press("check")
    text = (await browser.press("confirm")).text

    assert "Votre résiliation est notifiée" in browser.page.headings
    assert "Je résilie le contrat désigné ci-dessous." in text
    assert "C-77" in text
    assert "les effets de la résiliation" in text
    assert await count("form_declaration", "form = 'fr'") == 1


async def test_withdrawing_is_two_steps(browser: Browser) -> None:
    """The statement, and its confirmation, with the labels of the directive; any order number is taken."""
    await browser.open("/exit/acme/eu-withdrawal?lang=en")

    assert set(browser.form.values) == {"page", "name", "contract", "email"}
    assert "Withdraw from contract here" in browser.page.texts
    await filled(browser, contract="no such order").press("check")

    assert "Confirm withdrawal" in browser.page.texts
    text = (await browser.press("confirm")).text

    assert "I withdraw from the contract named below." in text
    assert "no such order" in text
    assert await count("form_declaration", "form = 'eu-withdrawal'") == 1


@on_sqlite
@pytest.mark.parametrize("language", withdrawal.LANGUAGES)
async def test_withdrawing_speaks_the_browsers_language(browser: Browser, language: str) -> None:
    """Asked for in the address or by the browser; kept through all steps."""
    browser.client.headers["Accept-Language"] = "xx, de;q=0.5" if language == "de" else "en"
    await browser.open(f"/exit/acme/eu-withdrawal{'' if language == 'de' else f'?lang={language}'}")
    labels, direction = withdrawal.LABELS[language], "rtl" if language == "ar" else "ltr"

    assert browser.page.attributes["html"] == {"lang": language, "dir": direction}
    assert labels.withdraw in browser.page.texts
    await filled(browser).press("check")
    assert labels.confirm in browser.page.texts
    await browser.press("confirm")
    assert browser.page.attributes["html"] == {"lang": language, "dir": direction}
    assert await count("form_declaration", "locale = $1", language) == 1


@on_sqlite
async def test_the_receipt_is_the_same_bytes_every_time(browser: Browser) -> None:
    """As a page, as text and as HTML; whatever has changed since, and to nobody without its secret."""
    text = await declared(browser, "de")
    link = str(browser.reply.url.path)
    before = [(await browser.client.get(f"{link}{form}")).content for form in (".txt", ".html", "")]
    await db.transaction(lambda: sql.execute("UPDATE workspace SET name = 'Renamed', zone = 'Asia/Tokyo'"))
    after = [(await browser.client.get(f"{link}{form}")).content for form in (".txt", ".html", "")]
    received = (await sql.fetch_all("SELECT received_at FROM form_declaration"))[0]["received_at"]
    saved = await browser.client.get(f"{link}.txt")

    assert before == after
    assert f"UTC: {f'{received}'[:19]}" in saved.text
    assert all(line.split(": ", 1)[1] in text for line in saved.text.splitlines() if ": " in line)
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert (await browser.client.get(f"{link}.html")).headers["content-security-policy"].startswith("sandbox;")
    for wrong in (f"{link[:-1]}x", f"{link[:-1]}x.txt", f"{link}.pdf", re.sub("dcl_....", "dcl_0000", link)):
        reply = await browser.client.get(wrong)

        assert reply.status_code == 404
        assert "Dana" not in reply.text


async def test_posted_twice_it_is_one_declaration(browser: Browser) -> None:
    """A double click, a reload, a lost answer: the same receipt; what was corrected is another declaration."""
    filled(await browser.open("/exit/acme/de"))
    fields = {name: values[0] for name, values in browser.form.values.items()} | {"step": "confirm"}
    posts = [browser.client.post("/exit/acme/de", data=fields) for _ in range(5)]
    replies = await asyncio.gather(*posts)
    corrected = await browser.client.post("/exit/acme/de", data=fields | {"contract": "K-20459"})

    assert {reply.status_code for reply in replies} == {303}
    assert len({reply.headers["location"] for reply in replies}) == 1
    assert corrected.headers["location"] != replies[0].headers["location"]
    assert await count("form_declaration") == await count("event", "kind = 'declaration.received'") == 2


@on_sqlite
async def test_somebody_elses_form_may_post_without_a_nonce(client: httpx.AsyncClient, house: House) -> None:
    """From any site: the same words on the same day are one declaration, other words another one."""
    headers = {"Origin": "https://consumers.example", "Sec-Fetch-Site": "cross-site"}
    posts: list[dict[str, str]] = [DANA, DANA, DANA | {"page": "x" * 101}, DANA | {"contract": "K-2"}]
    replies = [await client.post("/exit/acme/de", data=fields, headers=headers) for fields in posts]

    assert [reply.status_code for reply in replies] == [303] * 4
    assert len({reply.headers["location"] for reply in replies}) == await count("form_declaration") == 2


@on_sqlite
@pytest.mark.parametrize("form", FORMS)
async def test_what_is_wrong_is_said_twice_and_nothing_is_lost(browser: Browser, form: str) -> None:
    """422; beside the field and in a summary that links to it, and everything that was typed."""
    await browser.open(f"/exit/acme/{form}")
    browser.fill("name", '<b>"Dana"</b>').fill("email", "dana@@example")
    await browser.press(browser.moves[0])
    wrong = {link.removeprefix("#") for link in browser.page.links if link.startswith("#")}

    assert browser.reply.status_code == 422
    assert wrong == {"contract", "email"}
    assert wrong <= set(browser.page.ids)
    assert {f"error-{name}" for name in wrong} <= set(browser.page.ids)
    assert browser.form.values["name"] == ['<b>"Dana"</b>']
    assert browser.form.values["email"] == ["dana@@example"]
    assert browser.page.headings[0].split(":")[0].strip() in ("Fehler", "Erreur", "Error")
    assert await count("form_declaration") == 0

    filled(browser)
    if "check" in browser.moves:
        await browser.press("check")
    await browser.press("confirm")

    assert await count("form_declaration") == 1


@on_sqlite
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name=%00%ff&contract=%ed%a0%80&email=x",
        b"name=" + b"x" * 70_000,
        b"name=a&name=b&email[]=c&step=confirm&page=",
        b"&&&===",
        b"name=Dana&contract=K&email=dana&ends_on=99999999999999999999&step=confirm",
        b"\xff\xfe",
    ],
    ids=["empty", "bytes", "large", "twice", "signs", "day", "binary"],
)
@pytest.mark.parametrize("form", FORMS)
async def test_nonsense_is_no_mistake_of_ours(browser: Browser, form: str, content: bytes) -> None:
    """A page that says what is wrong, never a 5xx."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = await browser.client.post(f"/exit/acme/{form}", content=content, headers=headers)

    assert 200 <= reply.status_code < 500
    assert reply.headers["content-type"].startswith("text/html")
    assert await count("form_declaration") == 0


@on_sqlite
async def test_a_file_is_no_field(browser: Browser) -> None:
    """Multipart is read as well; what is uploaded is left aside."""
    files: dict[str, Any] = {"contract": ("x.txt", b"K-1")}
    reply = await browser.client.post("/exit/acme/de", data={"name": "Dana", "email": DANA["email"]}, files=files)
    without = await browser.client.post("/exit/acme/de", files={name: (None, text) for name, text in DANA.items()})

    assert (reply.status_code, without.status_code) == (422, 303)


@on_sqlite
@pytest.mark.parametrize("form", FORMS)
async def test_who_only_asks_whether_it_is_there_is_told_so(client: httpx.AsyncClient, house: House, form: str) -> None:
    """Checkers of links, and of the buttons that the law wants, ask with HEAD."""
    replies = [await client.head(address) for address in (f"/exit/acme/{form}", f"/exit/{form}")]

    assert [reply.status_code for reply in replies] == [200, 200]


@on_sqlite
@pytest.mark.parametrize("form", FORMS)
async def test_the_short_address_serves_the_only_workspace(browser: Browser, form: str) -> None:
    """All the way to the declaration."""
    await filled(await browser.open(f"/exit/{form}")).press(browser.moves[0])
    if form != "de":
        await browser.press("confirm")

    assert await count("form_declaration", "form = $1", form) == 1


@on_sqlite
@pytest.mark.usefixtures("globex")
async def test_with_two_workspaces_the_address_names_one(browser: Browser) -> None:
    """A form of nobody's is not found, for reading and for posting alike."""
    replies = [
        await browser.client.request(method, address)
        for method in ("GET", "POST")
        for address in ("/exit/de", "/exit/fr", "/exit/nobody/de", "/exit/acme/us", "/exit/acme/DE")
    ]

    assert {reply.status_code for reply in replies} == {404}
    assert {reply.headers["content-type"] for reply in replies} == {"text/html; charset=utf-8"}
    assert (await browser.open("/exit/globex/de")).reply.status_code == 200


@on_sqlite
async def test_the_pages_are_nobodys_business(browser: Browser) -> None:
    """Not stored on the way, no cookie, no script, and a nonce of its own for each."""
    first, second = await browser.client.get("/exit/acme/de"), await browser.client.get("/exit/acme/de")
    nonces = {
        found for reply in (first, second) for found in re.findall(r'name="page" value="([^"]{40,})"', reply.text)
    }

    assert len(nonces) == 2
    assert first.headers["cache-control"] == "no-store"
    assert "set-cookie" not in first.headers
    assert "<script" not in first.text
    assert "style=" not in first.text


@on_sqlite
async def test_where_people_are_reached_is_said(browser: Browser) -> None:
    """On every page, where the workspace says it; in France also where proofs go."""
    plain = (await browser.open("/exit/acme/fr")).text
    await db.transaction(lambda: sql.execute("UPDATE workspace SET contact_email = 'help@acme.example'"))
    workspaces.forget_cached()
    text = (await browser.open("/exit/acme/fr")).text

    assert "acme.example" not in plain
    assert "mailto:help@acme.example" in browser.page.links
    assert "Vos justificatifs sont à envoyer à help@acme.example." in text
    assert "help@acme.example" in (await filled(browser).press("check")).text
    assert "help@acme.example" in (await browser.press("confirm")).text
