"""texnet stylize: mistakes, pictures that cannot be read, precision, refinement."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import torch

import texnet
from tests.cli.helpers import STYLIZING, exit_code, fill
from texnet.checkpoint import Checkpoint
from texnet.cli.stylize import main
from texnet.config import PRECISION_NAMES, GeneratorConfig, TrainConfig
from texnet.generators import build_generator
from texnet.images import load_picture, save_image, to_bytes
from texnet.stylize import keep_colors

MISTAKES = {
    "no network named": ("--ckpt= {photo}", "--ckpt is missing: name a trained network"),
    "a network that is not there": ("--ckpt {tmp}/no.pt {photo}", "{tmp}/no.pt: no such checkpoint"),
    "a network that is a picture": ("--ckpt {style} {photo}", "{style}: not a checkpoint of texnet"),
    "a picture that is not there": ("{tmp}/no.jpg", "{tmp}/no.jpg: no such picture, folder or pattern"),
    "a pattern that fits nothing": ("{tmp}/*.xyz", "{tmp}/*.xyz: no such picture, folder or pattern"),
    "a folder without pictures": ("{empty}", "no pictures found in {empty}"),
    "one file for several": (
        "{photos} --output {tmp}/one.png",
        "--output {tmp}/one.png: one file for 8 pictures; name a folder",
    ),
    "a file that exists": ("{photo} --output {style}", "{style} exists already: give --overwrite, or another --output"),
    "a folder that is a file": ("{photo} --output {style}/inner", "{style}/inner"),
    "a negative strength": ("{photo} --noise_factor -1", "--noise_factor must be numbers, none negative"),
    "a strength beyond the network": ("{photo} --noise_factor 1 9", "--noise_factor 9: this network goes from 0 to 2"),
    "a strength that is no number": (
        "{photo} --noise_factor {style}",
        "argument --noise_factor: '{style}' is not a number; a picture that says where to paint is a --mask",
    ),
    "a mask that is not there": ("{photo} --mask {tmp}/no.png", "--mask {tmp}/no.png: no such picture"),
    "a mask that is no picture": ("{photo} --mask {broken}/a.jpg", "{broken}/a.jpg: not a picture that can be read"),
    "a mask beyond the network": ("{photo} --mask {style} --noise_factor 3", "--noise_factor 3: this network goes from 0 to 2"),
    "a panorama to be refined": (
        "{photo} --projection equirectangular --refine 1",
        "--refine does not know --projection equirectangular: leave one out",
    ),
    "more colors than there are": ("{photo} --keep_colors 1.5", "--keep_colors must be between 0 and 1"),
    "two networks without masks": ("{photo} --ckpt {ckpt} {ckpt}", "--mask: 0 of them for 2 networks; give one for each"),
    "two networks with one mask": (
        "{photo} --ckpt {ckpt} {ckpt} --mask {style}",
        "--mask: 1 of them for 2 networks; give one for each, or the word rest for one",
    ),
    "the rest of nothing": ("{photo} --mask rest", "--mask rest: what the masks of other networks leave"),
    "a soft edge of nothing": ("{photo} --feather 3", "--feather and --invert_mask need a --mask or --mask_from_coco"),
    "an edge without end": ("{photo} --mask {style} --feather 99999", "--feather must be between 0 and 10000 pixels"),
    "two kinds of mask": (
        "{photo} --mask {style} --mask_from_coco {coco}/annotations/instances_val2017.json",
        "--mask and --mask_from_coco: give one of them",
    ),
    "categories of no file": ("{photo} --categories person", "--categories needs --mask_from_coco"),
    "a category that is not there": (
        "{photo} --mask_from_coco {coco}/annotations/instances_val2017.json --categories cat",
        "--categories: cat not in instances_val2017.json; known are: dog, person",
    ),
    "annotations that are not there": (
        "{photo} --mask_from_coco {tmp}/no.json",
        "--mask_from_coco {tmp}/no.json: no such file",
    ),
    "one style picture for several networks": (
        "{photo} --ckpt {ckpt} {ckpt} --mask {style} rest --texture {style}",
        "--texture names one style picture: leave it out with several --ckpt",
    ),
    "a file of a kind that cannot be written": ("{photo} --output {tmp}/x.heic", "{tmp}/x.heic: cannot write .heic; use .png"),
    "a size too small": ("{photo} --max_size 3", "--max_size must be 0 or at least 16 pixels"),
    "no picture, and another where a drawn one would go": (
        "--output {tmp}/taken",
        "{tmp}/taken/scene.png exists already and is not the sample scene: name a picture, or give --overwrite",
    ),
    "no device of that number": ("--device cpu:x {photo}", "--device cpu:x: write cpu or, for the second one, cpu:1"),
    "a pretrained generator to be refined": (
        "--ckpt {tmp}/base.pt {photo} --refine 1",
        "--ckpt {tmp}/base.pt: a pretrained generator, which has no style",
    ),
    "a network for textures": ("--ckpt {texture_ckpt} {photo}", "{texture_ckpt}: a network for textures"),
}


@pytest.mark.parametrize(("flags", "complaint"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_that_names_it(
    flags: str, complaint: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(main, fill(f"{STYLIZING} {flags}", places))
    printed = capsys.readouterr().err
    assert (code, len(printed.splitlines())) == (2, 1)
    assert printed.startswith("texnet: ")
    assert complaint.format(**places) in printed


def test_the_same_command_line_without_a_mistake_stylizes(places: dict[str, str]) -> None:
    assert exit_code(main, fill(f"{STYLIZING} {{photo}}", places)) == 0
    assert Path(places["tmp"], "out", "photo-0_stripes.png").is_file()


def test_the_precision_that_is_asked_for_is_used(places: dict[str, str]) -> None:
    stylized = set()
    for precision in PRECISION_NAMES:
        assert exit_code(main, fill(f"{STYLIZING} {{photo}} --overwrite --precision {precision}", places)) == 0
        stylized.update(path.read_bytes() for path in Path(places["tmp"], "out").iterdir())
    assert len(stylized) == 2


def test_a_broken_picture_among_others_is_named_and_the_others_are_stylized(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(main, fill(f"{STYLIZING} {{photo}} {{broken}}", places))
    printed = capsys.readouterr()
    assert code == 1
    assert printed.err.count("skipped {broken}/a.jpg: not a picture that can be read".format(**places)) == 1
    assert "1 of 2 pictures stylized" in printed.out
    assert len(list(Path(places["tmp"], "out").glob("*.png"))) == 1


def test_stylizing_nothing_but_broken_pictures_is_a_mistake(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code(main, fill(f"{STYLIZING} {{broken}}", places))
    printed = capsys.readouterr()
    assert code == 2
    assert printed.err == "skipped {broken}/a.jpg: not a picture that can be read\n".format(**places)


@pytest.fixture
def trained(tiny_config: TrainConfig, tmp_path: Path) -> Path:
    return texnet.train(tiny_config, tmp_path / "run")


@pytest.mark.slow
def test_refining_lowers_the_loss_that_the_network_was_trained_with(
    trained: Path, photo_folder: Path, vgg_path: Path, tmp_path: Path
) -> None:
    loss = Checkpoint.load(trained).loss(vgg_weights=str(vgg_path))
    photo = load_picture(photo_folder / "photo-0.png").image
    losses = []
    for steps in (0, 3, 30):
        flags = ["--refine", steps, "--vgg_weights", vgg_path, "--output", tmp_path / f"{steps}.png", "--device", "cpu"]
        assert exit_code(main, ["--ckpt", trained, photo_folder / "photo-0.png", *flags]) == 0
        one = torch.ones(1)
        with torch.no_grad():
            terms = loss(load_picture(tmp_path / f"{steps}.png").image, photo, one, one)
        losses.append(sum(term.item() for term in terms.values()))
    assert losses[2] < losses[1] < losses[0]


@pytest.mark.slow
def test_refining_leaves_the_photo_alone_at_factor_zero(
    trained: Path, photo_folder: Path, vgg_path: Path, tmp_path: Path
) -> None:
    flags = ["--refine", 3, "--noise_factor", 0, "--vgg_weights", vgg_path, "--output", tmp_path / "same.png"]
    assert exit_code(main, ["--ckpt", trained, photo_folder / "photo-0.png", *flags]) == 0
    same, photo = load_picture(tmp_path / "same.png"), load_picture(photo_folder / "photo-0.png")
    assert torch.equal(same.pixels, photo.pixels)


@pytest.mark.slow
def test_refining_asks_for_a_style_picture_that_is_gone(
    trained: Path, photo_folder: Path, style_path: Path, vgg_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = trained.rename(tmp_path / "moved.pt")
    flags = ["--refine", 1, "--vgg_weights", vgg_path, "--output", tmp_path / "out", "--device", "cpu"]
    assert exit_code(main, ["--ckpt", trained, photo_folder / "photo-0.png", *flags]) == 2
    assert "moved.pt: its style picture is not beside it as texture.png; name it with --texture" in capsys.readouterr().err
    assert exit_code(main, ["--ckpt", trained, photo_folder / "photo-0.png", *flags, "--texture", style_path]) == 0


@pytest.mark.parametrize(
    "flags",
    [
        "--noise_factor 0.5 {photo}",
        "{photo} --noise_factor 0.5",
        "--noise_factor 0.5 -- {photo}",
        "--noise_factor=0.5 {photo}",
        "--noise 0.5 {photo}",
    ],
)
def test_a_photo_is_a_photo_wherever_it_stands(places: dict[str, str], flags: str) -> None:
    assert exit_code(main, fill(f"{STYLIZING} {flags}", places)) == 0
    assert [path.name for path in Path(places["tmp"], "out").iterdir()] == ["photo-0_stripes.png"]


def test_photos_may_stand_before_and_behind_the_flags(places: dict[str, str]) -> None:
    flags = "{photo} --noise_factor 0 0.5 1 {photos}/photo-1.png --seed 3 {photos}/photo-2.png"
    assert exit_code(main, fill(f"{STYLIZING} {flags}", places)) == 0
    names = {path.name for path in Path(places["tmp"], "out").iterdir()}
    assert names == {f"photo-{number}_stripes.png" for number in range(3)}
    assert load_picture(Path(places["tmp"], "out", "photo-0_stripes.png")).pixels.shape == (3, 56, 120)


def test_a_mask_that_fits_some_pictures_skips_the_others(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, fill(f"{STYLIZING} {{photos}} --mask {{photo}}", places)) == 1
    printed = capsys.readouterr()
    assert printed.err.count("do not fit a picture of 56x40") == 4
    assert "4 of 8 pictures stylized" in printed.out


def test_results_are_never_stylized_again(places: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(places["photos"], Path(places["tmp"], "own")))
    monkeypatch.chdir(folder)
    for overwrite in ([], ["--overwrite"], ["--output", "other"]):
        assert exit_code(main, [*fill("--ckpt {ckpt} --device cpu .", places), *overwrite]) == 0
    assert len(list(folder.rglob("*_stripes.png"))) == 16
    assert list(folder.rglob("*_stripes_stripes.png")) == []


def test_pipes_and_links_to_nothing_are_named_and_never_opened(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(places["photos"], Path(places["tmp"], "own")))
    os.mkfifo(folder / "pipe.jpg")
    (folder / "link.jpg").symlink_to("nothing")
    assert exit_code(main, [*fill(STYLIZING, places), folder]) == 1
    printed = capsys.readouterr()
    assert f"skipped {folder}/pipe.jpg: a named pipe, not a picture's file" in printed.err
    assert f"skipped {folder}/link.jpg: No such file or directory" in printed.err
    assert "8 of 10 pictures stylized" in printed.out


@pytest.mark.slow
def test_a_picture_too_narrow_to_refine_is_named_and_the_others_are_refined(
    trained: Path, photo_folder: Path, vgg_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_image(torch.rand(3, 100, 3), tmp_path / "thin.png")
    flags = ["--refine", 1, "--vgg_weights", vgg_path, "--output", tmp_path / "out", "--device", "cpu"]
    assert exit_code(main, ["--ckpt", trained, tmp_path / "thin.png", photo_folder / "photo-0.png", *flags]) == 1
    assert f"skipped {tmp_path}/thin.png: 3x100 pixels are too few to refine; 16 to a side" in capsys.readouterr().err
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize("home", [True, False])
def test_the_home_folder_is_known_by_its_sign(places: dict[str, str], monkeypatch: pytest.MonkeyPatch, home: bool) -> None:
    monkeypatch.setenv("HOME", places["tmp"])
    if home:
        assert exit_code(main, fill("--ckpt=~/style.pt --device cpu {photo} --output=~/painted", places)) == 0
        assert Path(places["tmp"], "painted", "photo-0_stripes.png").is_file()
    else:
        monkeypatch.delenv("HOME")
        assert exit_code(main, fill("--ckpt ~nobody-of-this-name/style.pt {photo}", places)) == 2


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """A mask of the first photo's shape: white on its left half."""
    mask = torch.zeros(3, 56, 40)
    mask[..., :20] = 1
    save_image(mask, tmp_path / "half.png")
    return tmp_path / "half.png"


@pytest.mark.parametrize(
    "flags",
    [
        "--ckpt {ckpt} {other} --mask {half} rest {photo}",
        "{photo} --ckpt {ckpt} {other} --mask {half} rest",
        "--mask {half} rest --ckpt {ckpt} {other} {photo}",
        "--mask rest {half} --ckpt {other} {ckpt} --output {tmp}/two.png {photo}",
    ],
)
def test_two_networks_paint_by_a_mask_each_wherever_the_photo_stands(places: dict[str, str], half: Path, flags: str) -> None:
    named = {**places, "other": f"{places['tmp']}/other.pt", "half": str(half)}
    torch.manual_seed(5)
    config = GeneratorConfig(width=4, num_blocks=1)
    Checkpoint(config, build_generator(config).state_dict(), ("other",)).save(Path(named["other"]))
    assert exit_code(main, fill(f"--output {{tmp}}/two.png --device cpu {flags}", named)) == 0
    alone = {}
    for name in ("ckpt", "other"):
        output = Path(places["tmp"], f"{name}.png")
        assert exit_code(main, [*fill(f"--ckpt {{{name}}} {{photo}} --device cpu --output", named), output]) == 0
        alone[name] = load_picture(output).pixels
    both = load_picture(Path(places["tmp"], "two.png")).pixels
    assert torch.equal(both[..., :20], alone["ckpt"][..., :20])
    assert torch.equal(both[..., 20:], alone["other"][..., 20:])
    assert not torch.equal(alone["ckpt"], alone["other"])


def test_a_photo_behind_one_mask_is_a_photo(places: dict[str, str], half: Path) -> None:
    flags = f"{STYLIZING} --invert_mask --mask {half} {{photo}}"
    assert exit_code(main, fill(flags, places)) == 0
    masked, photo = (load_picture(path).pixels for path in (f"{places['tmp']}/out/photo-0_stripes.png", places["photo"]))
    assert torch.equal(masked[..., :20], photo[..., :20]) and not torch.equal(masked[..., 20:], photo[..., 20:])


def test_photos_that_coco_does_not_list_are_named_and_the_others_are_stylized(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    annotations = Path(places["tmp"], "objects.json")
    content = json.loads(Path(places["coco"], "annotations", "instances_val2017.json").read_text())
    for entry in content["annotations"]:
        entry["segmentation"] = [[8, 8, 40, 8, 40, 40, 8, 40]]
    annotations.write_text(json.dumps(content))
    flags = f"{STYLIZING} --mask_from_coco {annotations} --categories dog {{coco}}/val2017 {{photo}}"
    assert exit_code(main, fill(flags, places)) == 1
    printed = capsys.readouterr()
    assert f"skipped {places['photo']}: --mask_from_coco {annotations}: does not list this photo" in printed.err
    assert printed.err.count("no dog in this photo; leave it out") == 2
    assert "2 of 5 pictures stylized" in printed.out
    name = "000000000002"
    masked, photo = (
        load_picture(path).pixels
        for path in (f"{places['tmp']}/out/{name}_stripes.png", f"{places['coco']}/val2017/{name}.jpg")
    )
    changed = (masked != photo).any(0)
    assert changed[8:40, 8:40].float().mean() > 0.5
    changed[8:40, 8:40] = False
    assert not changed.any()


def test_colors_are_kept_under_the_paintings_light_and_dark(places: dict[str, str]) -> None:
    pictures = []
    for amount in (0, 1):
        flags = f"{STYLIZING} {{photo}} --overwrite --keep_colors {amount} --output {{tmp}}/{amount}.png"
        assert exit_code(main, fill(flags, places)) == 0
        pictures.append(load_picture(Path(places["tmp"], f"{amount}.png")).image)
    photo = load_picture(places["photo"]).image
    plain, kept = pictures
    assert (to_bytes(keep_colors(plain, photo)).int() - to_bytes(kept).int()).abs().max() <= 2  # rounded twice
    assert not torch.equal(plain, kept)


def test_a_panorama_is_told_from_other_pictures_by_its_shape(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    save_image(torch.rand(3, 40, 80), Path(places["tmp"], "round.png"))
    flags = f"{STYLIZING} {{photo}} {{tmp}}/round.png --projection equirectangular --keep_colors 0.5"
    assert exit_code(main, fill(flags, places)) == 1
    assert "40x56 pixels; such a panorama is twice as wide as high" in capsys.readouterr().err
    assert load_picture(Path(places["tmp"], "out", "round_stripes.png")).pixels.shape == (3, 40, 80)
