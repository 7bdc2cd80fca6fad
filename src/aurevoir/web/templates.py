"""Pages: one Jinja2 environment, everything escaped."""

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined


def _read(name: str) -> str | None:
    for folder in ("widget/pages", "demo/pages", "pages"):
        path = files("aurevoir.web") / folder / name
        if path.is_file():
            return path.read_text("utf-8")
    return None


environment = Environment(
    loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def render(name: str, **values: object) -> str:
    """The page `name`, filled in."""
    return environment.get_template(name).render(**values)
