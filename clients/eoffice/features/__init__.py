"""The features of the office, and how others are found."""

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, ModuleType

from eoffice.errors import Misconfigured
from eoffice.feature import Feature

_NAME = re.compile(r"[a-z][a-z0-9-]{1,31}")
_TAKEN = frozenset({"login", "logout", "static", "in", "healthz", "hooks", "open", "office"})
"""Where the office's own pages are."""


def load_features(folders: Sequence[Path] = ()) -> Mapping[str, Feature]:
    """Every feature of this package, then those of each folder, by name.

    Raises `Misconfigured` for a file without `FEATURE`, a name that is taken or cannot stand in an address.
    """
    found: dict[str, Feature] = {}
    for module in (*_own(), *_foreign(folders)):
        feature = getattr(module, "FEATURE", None)
        if not isinstance(feature, Feature) or not _NAME.fullmatch(feature.name):
            raise Misconfigured(f"{module.__name__}: a feature's file says FEATURE = Feature(name=…, …)")
        if feature.name in found or feature.name in _TAKEN:
            raise Misconfigured(f"{module.__name__}: the name {feature.name} is taken already")
        _require_own_addresses(feature)
        found[feature.name] = replace(feature, home=Path(str(module.__file__)).parent)
    return MappingProxyType(found)


def _require_own_addresses(feature: Feature) -> None:
    """A page below `/f/…` would hide the office's own pages of the feature."""
    own = f"/{feature.name}"
    for page in feature.pages:
        path = f"/{str(getattr(page, 'path', '')).strip('/')}"
        if path != own and not path.startswith(f"{own}/"):
            raise Misconfigured(f"{feature.name}: the path of {page.__name__} has to begin with {own}")


def _own() -> Iterator[ModuleType]:
    for each in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{each.name}")


def _foreign(folders: Sequence[Path]) -> Iterator[ModuleType]:
    for folder in folders:
        if not folder.is_dir():
            raise Misconfigured(f"features: there is no folder {folder.name}")
        for path in sorted((*folder.glob("*.py"), *folder.glob("*/__init__.py"))):
            name = f"eoffice_feature_{path.parent.name if path.stem == '__init__' else path.stem}"
            spec = importlib.util.spec_from_file_location(name, path)
            if spec is None or spec.loader is None:
                raise Misconfigured(f"{path.name} cannot be read as Python")
            module = sys.modules[name] = importlib.util.module_from_spec(spec)  # by which its own files find it
            spec.loader.exec_module(module)
            yield module
