import device_emulator
import pytest

from montecarlo import device


@pytest.fixture
def emulator(monkeypatch):
    """The emulated device in the place of cupy."""
    yield device_emulator.install(monkeypatch)
    device.name.cache_clear()
