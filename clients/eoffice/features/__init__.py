"""The features of the office, and how others are found."""

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, ModuleType

from eoffice.errors import Misconfigured
from eoffice.feature import Feature

_NAME = re.compile(r"[a-z][a-z0-9-]{1,31}")


def load_features(folders: Sequence[Path] = ()) -> Mapping[str, Feature]:
    """Every feature of this package, then those of each folder, by name.

    Raises `Misconfigured` for a file without `FEATURE`, a name that is taken or cannot stand in an address.
    """
    found: dict[str, Feature] = {}
    for module in (*_own(), *_foreign(folders)):
        feature = getattr(module, "FEATURE", None)
        if not isinstance(feature, Feature) or not _NAME.fullmatch(feature.name):
            raise Misconfigured(f"{module.__name__}: a feature's file says FEATURE = Feature(name=…, …)")
        if feature.name in found:
            raise Misconfigured(f"{module.__name__}: there is a feature of the name {feature.name} already")
        found[feature.name] = feature
    return MappingProxyType(found)


def _own() -> Iterator[ModuleType]:
    for each in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{each.name}")


def _foreign(folders: Sequence[Path]) -> Iterator[ModuleType]:
    for folder in folders:
        if not folder.is_dir():
            raise Misconfigured(f"features: there is no folder {folder.name}")
        for path in sorted(folder.glob("*.py")):
            spec = importlib.util.spec_from_file_location(f"eoffice_feature_{path.stem}", path)
            if spec is None or spec.loader is None:
                raise Misconfigured(f"{path.name} cannot be read as Python")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            yield module
