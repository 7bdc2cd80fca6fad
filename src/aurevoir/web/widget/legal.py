"""The legal forms as plain pages: no token, no login, no script, no cookie; what was typed travels in the forms."""

from typing import Any, Literal

from litestar import HttpMethod, MediaType, Request, Response, Router, get, post, route
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from aurevoir.access import workspaces
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import clock, ids
from aurevoir.kit.errors import NotFound, Problem
from aurevoir.kit.i18n import accepted, language
from aurevoir.legal_forms import fields, laws, receipts, restraint
from aurevoir.legal_forms import service as legal_forms
from aurevoir.legal_forms.fields import FieldName
from aurevoir.legal_forms.forms import Form
from aurevoir.web import templates
from aurevoir.web.auth import installation_of
from aurevoir.web.limits import WIDGET_BYTES
from aurevoir.web.widget.saved import FORMS, saved

AnyRequest = Request[Any, Any, Any]
Step = Literal["check", "edit", "confirm"]
# Whoever watches that the forms are there asks either way; the server leaves the body out for HEAD.
_ASKING = [HttpMethod.GET, HttpMethod.HEAD]


class Here(Struct, frozen=True):
    """Which form of whom."""

    workspace: WorkspaceSettings
    form: Form


@route("/{workspace:str}/{legal:str}", http_method=_ASKING, media_type=MediaType.HTML)
async def form_of(request: AnyRequest, workspace: FromPath[str], legal: FromPath[str]) -> Response[str]:
    """The form, with a fresh nonce."""
    return _blank(await _here(request, workspace, legal))


@route("/{legal:str}", http_method=_ASKING, media_type=MediaType.HTML)
async def form_of_the_only_one(request: AnyRequest, legal: FromPath[str]) -> Response[str]:
    """The same where there is only one workspace."""
    return _blank(await _here(request, None, legal))


@post("/{workspace:str}/{legal:str}", status_code=303, media_type=MediaType.HTML)
async def take(request: AnyRequest, workspace: FromPath[str], legal: FromPath[str]) -> Response[Any]:
    """On to the summary, back to the fields, or the declaration itself, and then its receipt."""
    return await _taken(request, await _here(request, workspace, legal))


@post("/{legal:str}", status_code=303, media_type=MediaType.HTML)
async def take_for_the_only_one(request: AnyRequest, legal: FromPath[str]) -> Response[Any]:
    """The same where there is only one workspace."""
    return await _taken(request, await _here(request, None, legal))


async def _here(request: AnyRequest, workspace: str | None, name: str) -> Here:
    """Raises NotFound, for a form and a workspace that there are not alike."""
    wanted = request.query_params.get("lang") or accepted(request.headers.get("accept-language", "")).tag
    form = laws.find(name, wanted)
    found = await workspaces.find_by_key(installation_of(request).keyring, workspace) if form else None
    if form is None or found is None:
        raise NotFound
    return Here(found, form)


def _blank(here: Here) -> Response[str]:
    empty: dict[FieldName, str] = {field.name: "" for field in fields.every(here.form.fields)}
    return _form(here, empty, ids.new_secret())


async def _taken(request: AnyRequest, here: Here) -> Response[Any]:
    posted = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    page, step = posted.get("page", ""), _step(here.form, posted.get("step", ""))
    given = fields.clean(here.form.fields, posted)
    if step == "edit":
        return _form(here, given, page)
    if wrong := fields.problems(here.form.fields, given, here.form.language):
        return _form(here, given, page, wrong)
    if step == "check":
        return _page("legal_check.html", here, given=given, page=page, shown=here.form.shown(fields.written(given)))
    network = restraint.network(here.workspace.data_key, request.client.host if request.client else None)
    written, now = fields.written(given), clock.now()
    made = await legal_forms.declare(here.workspace, here.form, written, page, network, now)
    return Redirect(f"/exit/declarations/{ids.shown('dcl', made.id)}/{made.secret}", status_code=303)


def _step(form: Form, posted: str) -> Step:
    """Where the law wants a summary, nothing is declared without the button on it."""
    if form.proceed is None or posted == "confirm":
        return "confirm"
    return "edit" if posted == "edit" else "check"


def _form(here: Here, given: dict[FieldName, str], page: str, wrong: tuple[Problem, ...] = ()) -> Response[str]:
    others = [(tag, _own_name(tag)) for tag in laws.languages(here.form) if tag != here.form.language.tag]
    return _page(
        "legal_form.html",
        here,
        422 if wrong else 200,
        given=given,
        page=page,
        problems={one.path: one.message for one in wrong},
        languages=others,
    )


def _own_name(tag: str) -> str:
    """What a language calls itself."""
    name = language(tag).locale.get_display_name() or tag
    return name[:1].upper() + name[1:]


def _page(name: str, here: Here, status: int = 200, **values: object) -> Response[str]:
    html = templates.render(
        name,
        form=here.form,
        words=here.form.language,
        phrases=_phrases(here),
        product=here.workspace.name,
        contact=here.workspace.contact_email,
        style_sheet=here.workspace.style_sheet,
        **values,
    )
    return Response(html, media_type=MediaType.HTML, status_code=status)


def _phrases(here: Here) -> dict[str, str]:
    """What the pages say beside the form's own words."""
    say = here.form.language.say
    return {
        "error": say("Error:"),
        "problem": say("There is a problem"),
        "optional": say("optional"),
        "questions": say("Questions?"),
        "languages": say("Other languages"),
        "save_html": say("Save as web page"),
        "save_text": say("Save as text"),
    }


@get("/declarations/{declaration:str}/{document:str}", media_type=MediaType.HTML)
async def receipt(request: AnyRequest, declaration: FromPath[str], document: FromPath[str]) -> Response[str]:
    """The receipt as a page; with `.html` or `.txt` the bytes that were written with the declaration, to save."""
    secret, _, suffix = document.partition(".")
    wanted = ids.read("dcl", declaration)
    if wanted is None or suffix not in ("", *FORMS):
        raise NotFound
    found = await receipts.prove(wanted, secret)
    workspace = await workspaces.get(installation_of(request).keyring, found.workspace_id)
    kept = receipts.documents(workspace, found.sealed_receipt)
    if suffix:
        return saved(kept, declaration, suffix)
    form = laws.find(found.form, found.locale)
    assert form is not None, "its form is one of ours"
    email = receipts.written(workspace, found.sealed_fields).email
    mailed = email if installation_of(request).mail_server and not found.is_suspect else None
    return _page(
        "legal_receipt.html",
        Here(workspace, form),
        rows=receipts.lines(kept),
        link=f"/exit/declarations/{declaration}/{secret}",
        mailed=form.language.say("A copy is on its way to {address}.", address=mailed) if mailed else None,
    )


router = Router(
    "/exit",
    route_handlers=[form_of, form_of_the_only_one, take, take_for_the_only_one, receipt],
    request_max_body_size=WIDGET_BYTES,
    include_in_schema=False,
)
