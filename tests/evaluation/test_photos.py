"""The photos of an evaluation: none that a network was trained on, whatever the folder is called."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.evaluation.helpers import fail, save_network, save_transformer_net
from texnet.config import DataConfig, EvaluateConfig, OptimConfig, TrainConfig, to_dict
from texnet.data import build_photos
from texnet.drawing import draw_scene
from texnet.evaluation.photos import find_held_out, find_unseen, load_squares


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty photos, of which a training holds out four."""
    folder = tmp_path_factory.mktemp("forty")
    for number in range(40):
        draw_scene(32, seed=number).save(folder / f"{number:02d}.png")
    return folder


def trained_on(folder: Path, **data: object) -> TrainConfig:
    """The config of a training on some photos."""
    return TrainConfig(data=replace(DataConfig(data_dir=str(folder)), **data))  # type: ignore[arg-type]


def held_out_of(config: TrainConfig) -> set[Path]:
    """The photos that a training of a config holds out."""
    photos, held_out = build_photos(replace(config.data, cache_fraction=0.0), seed=config.optim.seed, on_unreadable=fail)
    assert held_out is not photos
    return set(held_out.paths)


def test_the_choice_is_by_names_and_not_by_their_order(forty: Path, tmp_path: Path) -> None:
    order = [path.name for path in find_unseen(str(forty), "val", [], fail)]
    assert sorted(order) == sorted(path.name for path in forty.iterdir())
    assert order != sorted(order)
    half = tmp_path / "half"
    half.mkdir()
    for name in order[::2]:
        shutil.copy(forty / name, half)
    assert [path.name for path in find_unseen(str(half), "val", [], fail)] == order[::2]


def test_of_the_folder_that_a_network_was_trained_on_its_held_out_photos_are_used_and_said_to_be(
    forty: Path, tmp_path: Path
) -> None:
    config = trained_on(forty)
    ckpt = save_network(tmp_path / "mosaic" / "style.pt", config=config)
    lines: list[str] = []
    assert set(find_unseen(str(forty), "val", [ckpt], lines.append)) == held_out_of(config)
    count = len(held_out_of(config))
    assert lines == [f"mosaic/style: trained on photos of --data_dir {forty}; only the {count} that were held out are used"]


def test_a_shared_checkpoint_without_paths_is_known_by_the_config_of_its_run(forty: Path, tmp_path: Path) -> None:
    ckpt = save_network(tmp_path / "style.pt")
    assert len(find_unseen(str(forty), "val", [ckpt], fail)) == 40
    config = trained_on(forty)
    (tmp_path / "config.json").write_text(json.dumps(to_dict(config)))
    assert set(find_unseen(str(forty), "val", [ckpt], lambda text: None)) == held_out_of(config)
    assert set(find_held_out(ckpt, lambda text: None)) == held_out_of(config)


def test_a_run_is_known_by_its_folder_even_without_its_last_checkpoint(forty: Path, tmp_path: Path) -> None:
    config = trained_on(forty)
    (tmp_path / "config.json").write_text(json.dumps(to_dict(config)))
    assert set(find_unseen(str(forty), "val", [tmp_path / "latest.pt"], lambda text: None)) == held_out_of(config)


def test_a_copy_of_the_folder_is_recognized_and_equal_names_of_other_photos_are_not(forty: Path, tmp_path: Path) -> None:
    config = trained_on(forty)
    ckpt = save_network(tmp_path / "style.pt", config=config)
    copy, others = tmp_path / "copy", tmp_path / "others"
    shutil.copytree(forty, copy)
    found = find_unseen(str(copy), "val", [ckpt], lambda text: None)
    assert {path.name for path in found} == {path.name for path in held_out_of(config)}
    others.mkdir()
    for number in range(5):
        draw_scene(32, seed=100 + number).save(others / f"{number:02d}.png")
    assert len(find_unseen(str(others), "val", [ckpt], fail)) == 5


def test_a_folder_with_some_training_photos_loses_these_alone(forty: Path, tmp_path: Path) -> None:
    config = trained_on(forty)
    ckpt = save_network(tmp_path / "style.pt", config=config)
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    seen = sorted(path for path in forty.iterdir() if path not in held_out_of(config))[:3]
    for path in seen:
        shutil.copy(path, mixed)
    for number in range(2):
        draw_scene(32, seed=200 + number).save(mixed / f"new-{number}.png")
    found = find_unseen(str(mixed), "val", [ckpt], lambda text: None)
    assert {path.name for path in found} == {"new-0.png", "new-1.png"}


def test_networks_with_different_hold_outs_are_compared_on_what_all_held_out_or_not_at_all(forty: Path, tmp_path: Path) -> None:
    few, more = trained_on(forty, num_val=2), trained_on(forty, num_val=4)
    none = trained_on(forty, num_val=0)
    ckpts = [save_network(tmp_path / str(i) / "style.pt", config=config) for i, config in enumerate((few, more, none))]
    lines: list[str] = []
    found = find_unseen(str(forty), "val", ckpts[:2], lines.append)
    assert set(found) == held_out_of(few) & held_out_of(more)
    assert lines[0].endswith(f"only the {len(found)} that were held out by all of them are used")
    with pytest.raises(ValueError, match=r"0 of which were held out by all of them; name other photos, 2 at least$"):
        find_unseen(str(forty), "val", ckpts, lines.append)


def test_photos_that_a_limit_left_out_are_not_taken_for_unseen(forty: Path, tmp_path: Path) -> None:
    config = replace(trained_on(forty, max_images=20), optim=OptimConfig(seed=2))  # one that holds out three of these
    ckpt = save_network(tmp_path / "style.pt", config=config)
    assert set(find_unseen(str(forty), "val", [ckpt], lambda text: None)) == held_out_of(config)


def test_training_photos_that_are_not_here_are_reported(forty: Path, tmp_path: Path) -> None:
    ckpt = save_network(tmp_path / "mosaic" / "style.pt", config=trained_on(tmp_path / "gone"))
    lines: list[str] = []
    assert len(find_unseen(str(forty), "val", [ckpt], lines.append)) == 40
    assert lines == [f"mosaic/style: trained on {tmp_path / 'gone'}, which is not here; it may have seen these photos"]


def test_a_network_of_another_project_is_compared_on_all_photos(forty: Path, tmp_path: Path) -> None:
    assert len(find_unseen(str(forty), "val", [save_transformer_net(tmp_path / "mosaic.pth")], fail)) == 40


def test_of_a_coco_root_the_validation_split_is_used_unless_another_is_named(tmp_path: Path) -> None:
    for number in range(6):
        path = tmp_path / "coco" / ("train2017" if number < 3 else "val2017") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_scene(32, seed=number).save(path)
    ckpt = save_network(tmp_path / "style.pt", config=trained_on(tmp_path / "coco"))
    found = find_unseen(str(tmp_path / "coco"), "val", [ckpt], fail)
    assert sorted(path.name for path in found) == ["3.png", "4.png", "5.png"]
    with pytest.raises(ValueError, match=r"\d of which were held out"):
        find_unseen(str(tmp_path / "coco"), "train", [ckpt], fail)
    with pytest.raises(ValueError, match="--split test needs a COCO root"):
        find_unseen(str(tmp_path / "coco" / "val2017"), "test", [], fail)


def test_where_too_few_were_held_out_calibration_uses_all_and_says_so(photo_folder: Path, tmp_path: Path) -> None:
    ckpt = save_network(tmp_path / "mosaic" / "style.pt", config=trained_on(photo_folder, num_val=0))
    lines: list[str] = []
    assert len(find_held_out(ckpt, lines.append)) == 8
    assert lines == ["mosaic/style: measured on the photos that it was trained on, too few to hold any out"]


def test_unreadable_photos_are_reported_and_left_out(photo_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    paths = [tmp_path / "a.jpg", *sorted(photo_folder.iterdir())[:3]]
    lines: list[str] = []
    squares = load_squares(paths, EvaluateConfig(data_dir="x", image_size=64, max_images=2), lines.append)
    assert [path.name for path in squares] == ["photo-0.png", "photo-1.png"]
    assert {square.shape for square in squares.values()} == {(1, 3, 64, 64)}
    assert len(lines) == 1 and "a.jpg" in lines[0]
