"""Serves the type faces out of their Python packages, as static files below fonts/.

The packages are large; only the faces that static/css/fonts.css names are listed, so that collecting copies no others.
"""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

PREFIX = "fonts"
FACES = {
    "font_source_sans_pro": ["SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf", "SourceSansPro-Bold.ttf"],
    "font_source_serif_pro": ["SourceSerifPro-Regular.ttf"],
}


def folder_of(package: str) -> Path | None:
    """Return the folder with the package's faces, or None if the package is not installed."""
    spec = find_spec(package)
    return Path(spec.origin).parent / "files" if spec and spec.origin else None


class FontFinder(BaseFinder):
    """Finds fonts/<face>.ttf in the installed font packages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storages: dict[str, FileSystemStorage] = {}
        for package, faces in FACES.items():
            if folder := folder_of(package):
                storage = FileSystemStorage(location=folder)
                storage.prefix = PREFIX  # type: ignore[attr-defined]  # read by collectstatic and whitenoise
                self.storages.update(dict.fromkeys(faces, storage))

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Report each face that is not installed; pages would fall back to the system's type."""
        return [
            Error(
                f"The type face {face} is not installed.",
                hint=f"Install {package.replace('_', '-')}.",
                id="leadqual.E001",
            )
            for package, faces in FACES.items()
            for face in faces
            if face not in self.storages or not self.storages[face].exists(face)
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:  # type: ignore[override]
        """Return the file behind fonts/<face>, or an empty list."""
        face = path.removeprefix(f"{PREFIX}/")
        if face == path or face not in self.storages:
            return []
        found = self.storages[face].path(face)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield (face, storage) for collectstatic."""
        for face, storage in self.storages.items():
            if not matches_patterns(face, list(ignore_patterns or [])):
                yield face, storage
