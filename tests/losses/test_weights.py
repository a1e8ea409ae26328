"""Where VGG's weights come from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from texnet.config import LossConfig
from texnet.losses.weights import COMPACT, VARIABLES, find_vgg_weights, load_vgg_weights, resolve_features

VARIABLE = VARIABLES["vgg19"]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cache of torch.hub for each test."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch_home"))


def save_weights(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"features.0.bias": torch.arange(64.0)}, path)
    return path


def save_in_cache(name: str = "vgg19-dcbb9e9d.pth") -> Path:
    return save_weights(Path(torch.hub.get_dir(), "checkpoints", name))


def test_a_named_file_comes_before_the_environment_and_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = save_weights(tmp_path / "named.pth")
    monkeypatch.setenv(VARIABLE, str(save_weights(tmp_path / "environment.pth")))
    save_in_cache()
    assert find_vgg_weights("vgg19", str(named)) == named


def test_the_environment_comes_before_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(save_weights(tmp_path / "environment.pth")))
    save_in_cache()
    assert find_vgg_weights("vgg19") == tmp_path / "environment.pth"


def test_the_cache_of_torch_hub_is_searched() -> None:
    cached = save_in_cache()
    assert find_vgg_weights("vgg19") == cached


def test_the_cached_weights_of_another_network_are_not_taken() -> None:
    save_in_cache("vgg16-397923af.pth")
    assert find_vgg_weights("vgg19") is None


@pytest.mark.parametrize(("architecture", "other"), [("vgg16", "vgg19"), ("vgg19", "vgg16")])
def test_each_vgg_has_a_variable_of_its_own(
    architecture: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLES[architecture], str(save_weights(tmp_path / "own.pth")))
    assert find_vgg_weights(architecture) == tmp_path / "own.pth"
    assert find_vgg_weights(other) is None


def test_the_help_names_both_variables() -> None:
    (option,) = (item for item in dataclasses.fields(LossConfig) if item.name == "vgg_weights")
    assert all(f"${variable} for {vgg}" in option.metadata["help"] for vgg, variable in VARIABLES.items())


@pytest.mark.parametrize("zipped", [True, False])
def test_files_old_and_new_are_read(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"features.0.bias": torch.arange(64.0)}, path, _use_new_zipfile_serialization=zipped)
    state, source = load_vgg_weights("vgg19", str(path))
    assert torch.equal(state["features.0.bias"], torch.arange(64.0))
    assert source == str(path)


def test_a_named_file_that_is_missing_is_an_error_whatever_else_there_is(tmp_path: Path) -> None:
    save_in_cache()
    with pytest.raises(FileNotFoundError, match=rf"^--vgg_weights {tmp_path}/none\.pth: no such file$"):
        load_vgg_weights("vgg19", str(tmp_path / "none.pth"))


def test_a_file_missing_from_the_environment_is_an_error_with_the_variables_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/vgg.pth")
    with pytest.raises(FileNotFoundError, match=rf"^{VARIABLE} /nowhere/vgg\.pth: no such file$"):
        load_vgg_weights("vgg19")


def not_weights(kind: str, path: Path) -> None:
    if kind == "text":
        path.write_text("<html>404 not found</html>\n")
    elif kind == "empty":
        path.touch()
    elif kind == "cut off":
        path.write_bytes(save_weights(path).read_bytes()[:300])
    elif kind == "code":
        torch.save(Path("/pickled/object"), path)
    else:
        torch.save([1, 2, 3], path)


@pytest.mark.parametrize("kind", ["text", "empty", "cut off", "code", "list"])
def test_a_file_that_holds_no_weights_is_named_in_one_line_with_the_remedy(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "weights.pth"
    not_weights(kind, path)
    with pytest.raises(ValueError, match=rf"^{path}: not a file of VGG weights.*--vgg_weights[^\n]*$"):
        load_vgg_weights("vgg19", str(path))


def test_a_download_that_fails_is_explained_with_address_and_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    address = r"https://download\.pytorch\.org/models/vgg19-\w+\.pth"
    with pytest.raises(FileNotFoundError, match=rf"^no weights for vgg19.*{address} .*--vgg_weights or {VARIABLE}$"):
        load_vgg_weights("vgg19")


def test_auto_features_are_vgg_where_its_weights_are_on_this_machine(tmp_path: Path) -> None:
    said: list[str] = []
    weights = save_weights(tmp_path / "vgg.pth")
    settled = resolve_features(LossConfig(vgg_weights=str(weights)), said.append)
    assert settled.features == "vgg19"
    assert said == [f"features: vgg19, {weights}"]


def test_auto_features_are_the_compact_network_where_there_are_none() -> None:
    said: list[str] = []
    assert resolve_features(LossConfig(), said.append).features == "compact"
    assert said == ["features: compact, as no weights of VGG-19 are on this machine (--features vgg19 downloads them)"]


@pytest.mark.parametrize("features", ["vgg19", "vgg16", "compact"])
def test_features_that_were_chosen_stay(features: str) -> None:
    said: list[str] = []
    assert resolve_features(LossConfig(features=features), said.append).features == features
    assert not said


def test_the_compact_network_is_shipped_and_small() -> None:
    assert find_vgg_weights("compact") == COMPACT
    assert COMPACT.stat().st_size <= 4 * 1024**2
