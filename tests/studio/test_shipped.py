"""The studio offers the styles that come with texnet, behind the user's own networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from texnet import shipped
from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig, StudioConfig
from texnet.generators import build_generator
from texnet.studio.login import Login
from texnet.studio.networks import find_networks, network_words
from texnet.studio.studio import Studio


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # helpers' pipes, closed by the process's end
def test_shipped_styles_are_offered_behind_the_users_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, clone = tmp_path / "here", tmp_path / "clone"
    config = GeneratorConfig(width=4, num_blocks=1)
    paths = [here / "checkpoints" / "mine" / "style.pt", clone / "wave.pt", clone / "mosaic.pt"]
    for path in paths:
        Checkpoint(config, build_generator(config).state_dict(), ("x",)).save(path)
    (clone / shipped.MARK).touch()
    monkeypatch.setattr(shipped, "CLONE", clone)
    monkeypatch.chdir(here)
    studio = Studio(StudioConfig(folders=(str(here),)), Login())
    try:
        found = [(network["name"], network["source"]) for network in find_networks(studio)]
        assert found == [("mine", "run"), ("mosaic", "shipped"), ("wave", "shipped")]
        assert network_words(studio, str(clone / "wave.pt")) == str(clone / "wave.pt")
    finally:
        studio.close()
