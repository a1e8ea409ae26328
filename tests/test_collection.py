"""The file of many styles: addresses, blends, appending and removing, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.cli.helpers import exit_code
from tests.generators.test_style_delta import moved_delta
from tests.helpers import moved_generator
from texnet.checkpoint import Checkpoint, StyleCollection, StyleEntry, list_styles, load_trained, parse_styles, split_address
from texnet.cli.live import main as live
from texnet.config import GeneratorConfig
from texnet.errors import UserError
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration
from texnet.stylize import Stylizer

SHAPE = GeneratorConfig(width=4, num_blocks=1)
EVEN, LATE = Calibration((0.0, 1.0, 2.0), (0.0, 1.0, 2.0)), Calibration((0.0, 0.5, 1.0, 2.0), (0.0, 0.8, 1.0, 2.0))


def entry(seed: int, calibration: Calibration = EVEN, rank: int = 2) -> StyleEntry:
    delta = moved_delta(build_generator(SHAPE), rank, seed)
    return StyleEntry(dict(delta.state_dict()), calibration, term_norm={"tv": 1.0 + seed}, license=f"license {seed}")


@pytest.fixture
def collection() -> StyleCollection:
    trunk = dict(moved_generator(SHAPE).state_dict())
    return StyleCollection(SHAPE, trunk, {"wave": entry(1), "the scream": entry(2, LATE, rank=3)})


@pytest.fixture
def path(collection: StyleCollection, tmp_path: Path) -> Path:
    collection.save(tmp_path / "styles.pt")
    return tmp_path / "styles.pt"


def paint(address: str | Path, factor: float = 1.0) -> torch.Tensor:
    image = torch.rand(1, 3, 24, 31, generator=torch.Generator().manual_seed(0))
    return Stylizer.load(address)(image, factor)


def test_a_style_is_an_ordinary_checkpoint(path: Path, collection: StyleCollection) -> None:
    checkpoint = load_trained(f"{path}#the scream")
    assert checkpoint.styles == ("the scream",)
    assert checkpoint.calibration == LATE
    assert (checkpoint.license, checkpoint.term_norm) == ("license 2", {"tv": 3.0})
    assert checkpoint.source == path
    expected = Stylizer.of(replace(checkpoint, weights=collection.generator({"the scream": 1.0}).state_dict()))
    image = torch.rand(1, 3, 24, 31, generator=torch.Generator().manual_seed(0))
    assert (expected(image) - paint(f"{path}#the scream")).abs().max() < 2 / 255  # the file has float16
    assert list_styles(path) == ["wave", "the scream"]


def test_a_blend_lies_between_its_styles(path: Path) -> None:
    wave, scream, blend = (paint(f"{path}#{style}") for style in ("wave", "the scream", "wave:2+the scream:2"))
    distance = (wave - scream).abs().mean()
    assert 0 < (wave - blend).abs().mean() < distance
    assert 0 < (scream - blend).abs().mean() < distance
    checkpoint = Checkpoint.load(f"{path}#wave:0.75+the scream:0.25")
    assert checkpoint.styles == ("wave+the scream",)
    assert checkpoint.calibration.uncalibrated(0.5) == pytest.approx(0.75 * 0.5 + 0.25 * 0.8)
    assert [checkpoint.calibration.uncalibrated(factor) for factor in (0, 1, 2)] == [0, 1, 2]
    with pytest.raises(UserError, match="a blend, which has no loss of its own; name one style"):
        load_trained(f"{path}#wave+the scream")


def test_appending_and_removing_leave_every_bit_of_the_others(path: Path) -> None:
    before = paint(f"{path}#wave"), paint(f"{path}#the scream", 0.4)
    StyleCollection.load(path).with_style("batik", entry(5)).save(path)
    assert list_styles(path) == ["wave", "the scream", "batik"]
    assert torch.equal(paint(f"{path}#wave"), before[0])
    assert torch.equal(paint(f"{path}#the scream", 0.4), before[1])
    StyleCollection.load(path).without("wave").save(path)
    assert list_styles(path) == ["the scream", "batik"]
    assert torch.equal(paint(f"{path}#the scream", 0.4), before[1])


def test_a_file_of_one_style_needs_no_name(path: Path) -> None:
    StyleCollection.load(path).without("wave").save(path)
    assert torch.equal(paint(path), paint(f"{path}#the scream"))
    with pytest.raises(UserError, match="the scream is the only style; delete the file instead"):
        StyleCollection.load(path).without("the scream")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", r"holds 2 styles; choose with --style: wave, the scream"),
        ("#wafe", r"no style wafe; it has wave, the scream"),
        ("#wave:0.5+scream:0.5", r"no style scream; it has wave, the scream"),
        ("#wave:-1", r"--style wave:-1: a share is a number above 0"),
        ("#wave:much", r"--style wave:much: a style's name, or NAME:SHARE with a number, such as wave:0.7"),
    ],
)
def test_what_is_not_there_is_named(path: Path, address: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Checkpoint.load(f"{path}{address}")


def test_addresses(tmp_path: Path) -> None:
    assert split_address("a/b.pt") == (Path("a/b.pt"), {})
    assert split_address("b.pt#one:3+two:1") == (Path("b.pt"), {"one": 0.75, "two": 0.25})
    (tmp_path / "odd#name.pt").write_bytes(b"")
    assert split_address(tmp_path / "odd#name.pt") == (tmp_path / "odd#name.pt", {})
    assert parse_styles(["one", "two"]) == {"one": 0.5, "two": 0.5}
    assert parse_styles(["one:1", "one:1"]) == {"one": 1.0}


def forge(path: Path, change: Any) -> None:
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("trunk"), "it has no trunk"),
        (lambda c: c["trunk"].popitem(), "no weights for"),
        (lambda c: c.update(collection={}), "its styles are not a table"),
        (lambda c: c["collection"].update({"../x": c["collection"]["wave"]}), "is not a plain name of a style"),
        (lambda c: c["collection"]["wave"].pop("delta"), "style wave: not a table"),
        (lambda c: c["collection"]["wave"]["delta"].pop("norms"), "style wave: no weights for norms"),
        (lambda c: c["collection"]["wave"]["delta"].update({"up.0": torch.zeros(9, 9)}), "style wave: the weights up.0"),
        (lambda c: c["collection"]["wave"]["delta"]["norms"].fill_(torch.nan), "style wave: the weights norms are not finite"),
        (lambda c: c["collection"]["wave"]["delta"].update({"down.0": torch.zeros(10**4, 1)}), "rank 10000 is more than 256"),
        (lambda c: c["collection"]["wave"].update(calibration={"noise_factors": [1.0]}), "style wave: calibration"),
    ],
)
def test_forged_files_get_a_line(path: Path, change: Any, message: str) -> None:
    forge(path, change)
    with pytest.raises(UserError, match=message) as error:
        Checkpoint.load(f"{path}#wave")
    assert str(path) in str(error.value)


def test_a_file_from_before_the_layer_of_details_is_read_as_if_it_did_nothing(path: Path) -> None:
    last = len([name for name in load_trained(f"{path}#wave").weights if name.endswith(".conv.weight")]) - 1

    def go_back(content: dict[str, Any]) -> None:
        del content["trunk"]["body.detail.conv.weight"]
        for style in content["collection"].values():
            assert style["delta"].pop(f"up.{last}").shape[0] == 3
            del style["delta"][f"down.{last}"]

    forge(path, go_back)
    assert not load_trained(f"{path}#wave").weights["body.detail.conv.weight"].any()
    assert paint(f"{path}#wave").std() > 0


def test_one_style_can_be_named_where_it_is_the_files_own(path: Path, tmp_path: Path) -> None:
    Checkpoint.load(f"{path}#wave").save(tmp_path / "style.pt")
    assert Checkpoint.load(f"{tmp_path / 'style.pt'}#wave").styles == ("wave",)
    with pytest.raises(UserError, match="holds one style, wave"):
        Checkpoint.load(f"{tmp_path / 'style.pt'}#batik")
    assert list_styles(tmp_path / "style.pt") == []
    with pytest.raises(UserError, match="holds one style, not many"):
        StyleCollection.load(tmp_path / "style.pt")


def test_a_live_page_has_a_key_for_nine_styles_and_names_the_others(
    collection: StyleCollection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = StyleCollection(SHAPE, collection.trunk, {f"style {number}": entry(number) for number in range(11)})
    many.save(tmp_path / "many.pt")
    assert exit_code(live, ["--ckpt", tmp_path / "many.pt", "--camera", tmp_path / "no.mp4", "--device", "cpu"]) == 2
    said = capsys.readouterr()
    assert "the first 9 styles" in said.out and said.out.strip().endswith(": style 9, style 10")
    assert f"{tmp_path}/no.mp4: no such video" in said.err
