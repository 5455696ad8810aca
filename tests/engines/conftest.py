import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from search.engine import _MODULES, Engine, load


@pytest.fixture(scope="session", params=sorted(_MODULES))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine that is installed."""
    return load(request.param)


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """The module oracle.py, by its path: tests are no packages, so no import reaches it."""
    spec = importlib.util.spec_from_file_location("oracle", Path(__file__).with_name("oracle.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
