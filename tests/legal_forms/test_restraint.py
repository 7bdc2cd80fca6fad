"""How abuse is limited: nobody is refused, nobody solves a puzzle, and no mail leaves before somebody has looked."""

from datetime import timedelta

import httpx
from litestar import Litestar

from aurevoir.kit import clock, db, sql
from aurevoir.legal_forms import restraint
from aurevoir.legal_forms import service as legal_forms
from tests.house import House, count, on_sqlite

DANA = {"name": "Dana Muster", "contract": "K-20458", "email": "dana@example.com"}


async def flood(app: Litestar, times: int, host: str, **changes: str) -> list[bool]:
    """So many declarations from this address, each of its own contract; which of them are suspect."""
    transport = httpx.ASGITransport(app, client=(host, 4711))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for number in range(times):
            fields = DANA | {"contract": f"{host}-{number}"} | changes
            fields["email"] = fields["email"].format(number=number)
            reply = await client.post("/exit/acme/de", data=fields, follow_redirects=True)

            assert reply.status_code == 200
            assert "Ihre Kündigung ist eingegangen" in reply.text
    rows = await sql.fetch_all("SELECT is_suspect FROM form_declaration ORDER BY id")
    return [bool(row["is_suspect"]) for row in rows]


async def test_too_many_for_one_address_are_suspect_and_get_their_receipts(app: Litestar, house: House) -> None:
    """Nobody is refused, nobody solves a puzzle; the day after, it is forgotten."""
    marked = await flood(app, 7, "9.9.9.9")
    everything = await sql.fetch_all("SELECT * FROM form_declaration")
    await db.transaction(
        lambda: sql.execute("UPDATE form_declaration SET received_at = $1", clock.now() - timedelta(days=1, minutes=1))
    )
    forgotten = await legal_forms.forget_networks(clock.now())

    assert marked == [False] * restraint.FROM_ADDRESS + [True] * 2
    assert not any(text in str(row) for row in everything for text in ("9.9.9", "dana@example.com", "Dana"))
    assert forgotten == 7
    assert await count("form_declaration", "network IS NOT NULL") == 0
    assert (await flood(app, 1, "9.9.9.9", contract="later"))[-1] is False


@on_sqlite
async def test_too_many_from_one_network_are_suspect(app: Litestar, house: House) -> None:
    """Neighbours count together; proxies and this machine itself are nobody's neighbourhood."""
    many = {"email": "dana{number}@example.com"}
    await flood(app, restraint.FROM_NETWORK, "8.8.8.8", **many)

    assert (await flood(app, 1, "8.8.8.200", email="other@example.com"))[-1] is True
    assert (await flood(app, 1, "8.8.9.1", email="third@example.com"))[-1] is False
    assert not any((await flood(app, restraint.FROM_NETWORK + 2, "127.0.0.1", email="l{number}@example.com"))[-32:])


def test_a_network_is_known_by_nothing_but_a_pseudonym() -> None:
    """24 bits of IPv4, 48 of IPv6, with the workspace's own key; None for what is not public."""
    key, other = b"k" * 32, b"o" * 32
    near = [restraint.network(key, host) for host in ("8.8.8.8", "8.8.8.9", "::ffff:8.8.8.10")]
    six = [restraint.network(key, host) for host in ("2001:4860:4860::1", "2001:4860:4860:ff::2", "2001:4860:4861::1")]

    assert len(set(near)) == 1
    assert six[0] == six[1] != six[2]
    assert restraint.network(other, "8.8.8.8") != near[0]
    for nowhere in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fe80::1", "testclient", "", None):
        assert restraint.network(key, nowhere) is None
