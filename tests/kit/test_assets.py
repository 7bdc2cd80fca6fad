"""The files that ship beside the code are found from the checkout."""

from aurevoir.kit import assets


def test_the_shipped_files_are_found() -> None:
    """Whoever asks for a folder gets one that is there."""
    assert (assets.folder("survey_templates") / "saas_classic.yaml").is_file()
    assert assets.folder("static").is_dir()
