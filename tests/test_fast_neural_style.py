"""Networks of other projects: the published one has the published size, and its published weights load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from texnet.fast_neural_style import TransformerNet, load_transformer_net, stylize_with
from texnet.images import load_style

PUBLISHED_PARAMETERS = 1_679_235  # of pytorch/examples' TransformerNet


def test_it_has_the_size_of_the_published_network() -> None:
    assert sum(parameter.numel() for parameter in TransformerNet().parameters()) == PUBLISHED_PARAMETERS


@pytest.mark.parametrize("size", [(36, 44), (37, 45), (33, 34)])
def test_it_stylizes_any_size(size: tuple[int, int]) -> None:
    with torch.no_grad():
        output = stylize_with(TransformerNet(), torch.rand(1, 3, *size))
    assert output.shape == (1, 3, *size)
    assert output.min() >= 0 and output.max() <= 1


def test_weights_are_read_as_they_were_written_and_old_statistics_are_ignored(tmp_path: Path) -> None:
    network = TransformerNet()
    old = {"in1.running_mean": torch.zeros(32), "in1.running_var": torch.ones(32)}
    torch.save({**network.half().state_dict(), **old}, tmp_path / "mosaic.pth")
    loaded = load_transformer_net(tmp_path / "mosaic.pth")
    assert all(torch.equal(loaded.state_dict()[key], value.float()) for key, value in network.state_dict().items())


def test_a_missing_file_and_a_foreign_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.pth: no such file"):
        load_transformer_net(tmp_path / "absent.pth")
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match=re.escape("other.pth: not a network of pytorch/examples fast_neural_style")):
        load_transformer_net(tmp_path / "other.pth")


@pytest.mark.real
def test_the_published_mosaic_gives_mosaic_colors(shared: Path) -> None:
    network = load_transformer_net(shared / "peer_styles" / "mosaic_transformernet.pth")
    photo = load_style(next(iter(sorted((shared / "data" / "eval").iterdir()))), 128)
    output = stylize_with(network, photo)
    texture = load_style(shared / "data" / "styles" / "mosaic.jpg", 128)
    spread = texture.std((0, 2, 3))
    assert (output.std((0, 2, 3)) / spread).log().abs().max() < 0.5
