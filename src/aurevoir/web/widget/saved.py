"""A receipt to save: the bytes that were written with the declaration."""

from litestar import MediaType, Response

from aurevoir.sessions.receipts import Documents

FORMS = ("txt", "html")
# A document carries its own style, and nothing else that could act.
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


def saved(kept: Documents, name: str, form: str) -> Response[str]:
    """The document in one of `FORMS`, as a file called `name`."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Content-Security-Policy": _POLICY}
    if form == "txt":
        return Response(kept.text, media_type=MediaType.TEXT, headers=headers)
    return Response(kept.html, media_type=MediaType.HTML, headers=headers)
