"""Checkpoints: what is read is what was written, and what is no checkpoint is refused in a line."""

from __future__ import annotations

import getpass
import json
import re
import socket
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import texnet
from tests.helpers import assert_same, with_options
from tests.training.helpers import build, fit
from texnet.checkpoint import Checkpoint, ResumeState, StyleCard, TrainingSummary, load_trained, plain_name, summarize
from texnet.checkpoint.earlier import BEGIN_ANEW
from texnet.checkpoint.validation import read_settings
from texnet.config import GeneratorConfig, LossConfig, TrainConfig, to_dict
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration
from texnet.images import load_style, save_image
from texnet.stylize import Stylizer
from texnet.training.saving import RunSaver

TINY = GeneratorConfig(width=4, num_blocks=1)
WEIGHT = "body.stem.conv.conv.weight"
DETAIL = "body.detail.conv.weight"


@pytest.fixture
def checkpoint() -> Checkpoint:
    """A checkpoint of an untrained generator with every field set, except what resuming needs."""
    return Checkpoint(
        TINY,
        build_generator(TINY).state_dict(),
        ("mosaic",),
        calibration=Calibration((0.0, 0.5, 1.0, 2.0), (0.0, 0.3, 1.0, 1.8)),
        loss_config=LossConfig(preset="gatys", style_weight=4.0),
        term_norm={"tv": 0.25},
        training=TrainingSummary(steps=7, minutes=0.5, num_photos=8, losses={"loss": 1.5, "tv": 0.5}),
        license="CC-BY-4.0",
        card=StyleCard("Hokusai, The Great Wave, 1831", 4, 256, "vgg19", {"loss": 1.25}),
        preview=torch.randint(256, (3, 64, 64), dtype=torch.uint8),
    )


@pytest.fixture
def path(checkpoint: Checkpoint, tmp_path: Path) -> Path:
    """Its file."""
    checkpoint.save(tmp_path / "style.pt")
    return tmp_path / "style.pt"


@pytest.fixture(scope="module")
def finished_run(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of eight steps, whose name, and that of the folder above, occurs nowhere else; not to be changed."""
    folder = tmp_path_factory.mktemp("unmistakable-parent") / "unmistakable-run"
    here = {"viz_server": "unmistakable-host", "checkpoint_dir": str(folder.parent), "license": "CC0-1.0", "credit": "Hokusai"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("texnet.training.folder_saver.EPOCH_SECONDS", 0.0)
        fit(with_options(shared_config, "run", **here, run_name=folder.name, snapshot_every=4), folder)
    return folder


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a file's content behind the back of the code that wrote it."""
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)


def refusal(path: Path) -> str:
    """The line, without the file's name at its start, with which a file is refused."""
    with pytest.raises(ValueError, match=rf"^{re.escape(str(path))}: ") as raised:
        Checkpoint.load(path)
    message = str(raised.value)
    assert len(message.splitlines()) == 1
    return message.removeprefix(f"{path}: ")


def test_what_is_read_is_what_was_written(checkpoint: Checkpoint, path: Path) -> None:
    read = Checkpoint.load(path)
    assert read.source == path
    for name in ("generator_config", "styles", "calibration", "loss_config", "training", "license", "card", "resume"):
        assert getattr(read, name) == getattr(checkpoint, name)
    for name in ("weights", "term_norm", "preview"):
        assert_same(getattr(read, name), getattr(checkpoint, name))


def test_a_checkpoint_of_a_run_also_holds_its_settings_and_the_state_of_its_trainer(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    training = build(tiny_config)
    RunSaver(tmp_path / "run", training).save()
    resume = Checkpoint.load(tmp_path / "run" / "latest.pt").resume
    assert resume and resume.config == training.config
    assert_same(dict(resume.trainer), training.trainer.state_dict())


def test_the_weights_of_a_run_are_the_averaged_ones_and_stored_once(finished_run: Path) -> None:
    content = torch.load(finished_run / "latest.pt", weights_only=True)
    assert_same(dict(Checkpoint.load(finished_run / "latest.pt").weights), content["resume"]["trainer"]["ema"])
    assert "weights" not in content


def test_it_is_read_without_running_code(path: Path) -> None:
    assert torch.load(path, weights_only=True)["training"]["steps"] == 7


def test_reading_leaves_the_global_random_state_alone(path: Path) -> None:
    before = torch.get_rng_state()
    Checkpoint.load(path)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_generator_is_the_averaged_one_and_not_for_training(checkpoint: Checkpoint) -> None:
    generator = checkpoint.generator()
    assert_same(dict(generator.state_dict()), dict(checkpoint.weights))
    assert not generator.training
    assert [name for name, parameter in generator.named_parameters() if parameter.requires_grad] == []


def test_what_is_shared_is_a_fraction_of_the_size(finished_run: Path) -> None:
    preview = 3 * 256 * 256
    assert (finished_run / "style.pt").stat().st_size - preview < 0.4 * (finished_run / "latest.pt").stat().st_size


def test_a_view_does_not_drag_its_storage_into_the_file(checkpoint: Checkpoint, path: Path, tmp_path: Path) -> None:
    views = {name: torch.cat([tensor[None]] * 9)[4] for name, tensor in checkpoint.weights.items()}
    replace(checkpoint, weights=views).save(tmp_path / "views.pt")
    assert (tmp_path / "views.pt").stat().st_size == pytest.approx(path.stat().st_size, rel=0.02)


def test_what_is_shared_suffices_for_stylizing(finished_run: Path) -> None:
    image = torch.rand(1, 3, 20, 24)
    shared, whole = (Stylizer.load(finished_run / name) for name in ("style.pt", "latest.pt"))
    assert torch.equal(shared(image, 0.7), whole(image, 0.7))


def bytes_of(path: Path) -> bytes:
    """All that a file says: its own bytes, and those of what is packed in it."""
    with zipfile.ZipFile(path) as packed:
        return path.read_bytes() + b"".join(packed.read(name) for name in packed.namelist())


def words_of(content: object) -> set[str]:
    """The words of every text in a file's content, keys of tables among them."""
    if isinstance(content, dict):
        return words_of(list(content)) | words_of(list(content.values()))
    if isinstance(content, list):
        return set().union(*map(words_of, content))
    return set(re.findall(r"[\w-]+", content)) if isinstance(content, str) else set()


@pytest.mark.parametrize("name", ["style.pt", "step-000004.pt"])
def test_what_is_shared_names_no_path_no_host_and_no_user(name: str, finished_run: Path, shared_config: TrainConfig) -> None:
    told = bytes_of(finished_run / name)
    loss, data = shared_config.loss, shared_config.data
    places = [data.data_dir, loss.texture, loss.vgg_weights, Path(data.data_dir).name, Path(loss.vgg_weights).name]
    places += ["unmistakable", Path(loss.texture).name, str(Path.home()), tempfile.gettempdir()]
    assert [place for place in places if place.encode() in told] == []
    own = {socket.gethostname(), getpass.getuser()}  # too short to be searched for among the bytes of weights
    assert words_of(torch.load(finished_run / name, weights_only=True)) & own == set()
    assert b"stripes" in told  # the search finds what is there
    assert b"unmistakable" in bytes_of(finished_run / "latest.pt")


def test_what_is_shared_has_none_of_the_free_text_of_the_settings_except_layers_license_and_credit(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    """Whatever is added to the settings stays on the machine, too."""
    config = TrainConfig(generator=TINY)
    for part in ("data", "loss", "optim", "run"):
        settings = to_dict(getattr(config, part))
        free = [
            name for name, value in settings.items() if value == "" and name not in ("statistic", "license", "credit", "device")
        ]
        free += [name for name in ("split", "init", "checkpoint_dir", "viz_server") if name in settings]
        marks = dict.fromkeys(free, "marked") | {name: ("marked",) for name in ("categories",) if name in settings}
        config = with_options(config, part, **marks)
    assert to_dict(config)["loss"]["texture"] == to_dict(config)["data"]["data_dir"] == "marked"
    training = summarize(config, steps=1, seconds=1.0, losses={})
    shared = replace(
        checkpoint, loss_config=config.loss, training=training, resume=ResumeState(config, {}, torch.empty(0))
    ).to_share()
    shared.save(tmp_path / "style.pt")
    assert b"marked" not in bytes_of(tmp_path / "style.pt")


def test_what_is_shared_says_how_it_was_trained(finished_run: Path) -> None:
    shared = Checkpoint.load(finished_run / "style.pt")
    training = shared.training
    assert (training.steps, training.epochs, training.num_photos, training.image_size) == (8, 2, 8, 32)
    assert 0 < training.minutes < 3
    assert {"loss", "content", "style", "tv"} <= training.losses.keys()
    assert training.init == "pretrained"
    assert (shared.loss_config.preset, shared.loss_config.features, shared.loss_config.style_weight) == ("texnet", "vgg19", 8)
    assert (shared.license, shared.card) == ("CC0-1.0", StyleCard(credit="Hokusai"))


def test_a_file_of_this_machine_is_no_init_that_a_stranger_could_use() -> None:
    config = with_options(TrainConfig(), "optim", init="secret/other.pt")
    assert summarize(config, steps=1, seconds=60.0, losses={}).init == "checkpoint"


def test_a_preview_shows_the_style_and_a_drawn_scene_at_rising_strength(finished_run: Path, shared_config: TrainConfig) -> None:
    preview = Checkpoint.load(finished_run / "style.pt").preview
    assert preview is not None and preview.shape == (3, 256, 256) and preview.dtype == torch.uint8
    style, scene, half, full = (part.float() for row in preview.chunk(2, 1) for part in row.chunk(2, 2))
    expected = load_style(shared_config.loss.texture, 0).mean(dim=(0, 2, 3)) * 255
    assert style.mean(dim=(1, 2)).tolist() == pytest.approx(expected.tolist(), abs=12)
    assert 0 < (half - scene).abs().mean() < (full - scene).abs().mean()
    assert Checkpoint.load(finished_run / "step-000004.pt").preview is None


def test_the_loss_is_that_of_the_training(finished_run: Path, shared_config: TrainConfig) -> None:
    photo, one = torch.rand(2, 3, 32, 32), torch.ones(2)
    expected = Checkpoint.load(finished_run / "latest.pt").loss(texture=shared_config.loss.texture)
    found = Checkpoint.load(finished_run / "style.pt").loss()
    assert found(photo, photo, one, one) == expected(photo, photo, one, one)
    assert found.term_norm == expected.term_norm


def copy_of(run: Path, name: str, folder: Path) -> Path:
    """A file of a run, in another folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes((run / name).read_bytes())
    return folder / name


def test_the_style_picture_is_the_named_one_or_that_beside_the_checkpoint(finished_run: Path, tmp_path: Path) -> None:
    assert Checkpoint.load(finished_run / "style.pt").style_picture() == finished_run / "texture.png"
    moved = Checkpoint.load(copy_of(finished_run, "style.pt", tmp_path))
    assert moved.run_config() is None
    with pytest.raises(FileNotFoundError, match=r"style\.pt: its style picture is not beside it as texture\.png; name it with"):
        moved.style_picture()
    with pytest.raises(FileNotFoundError, match=r"none\.png: no such style picture; name it with --texture"):
        moved.style_picture(str(tmp_path / "none.png"))
    assert moved.style_picture(str(finished_run / "texture.png")) == finished_run / "texture.png"
    copy_of(finished_run, "texture.png", tmp_path)
    assert moved.style_picture() == tmp_path / "texture.png"


def test_a_checkpoint_in_the_folder_of_another_run_takes_nothing_from_it(
    finished_run: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    RunSaver(other, build(with_options(tiny_config, "optim", seed=5))).begin()
    stray = Checkpoint.load(copy_of(finished_run, "style.pt", other))
    assert stray.run_config() is None
    with pytest.raises(FileNotFoundError, match="name it with --texture"):
        stray.style_picture()
    assert Checkpoint.load(copy_of(finished_run, "latest.pt", other)).run_config() is not None


def test_a_checkpoint_of_a_run_without_its_folder_finds_the_style_picture_where_it_was(
    finished_run: Path, shared_config: TrainConfig, tmp_path: Path
) -> None:
    moved = Checkpoint.load(copy_of(finished_run, "epoch-001.pt", tmp_path))
    assert moved.style_picture() == Path(shared_config.loss.texture)
    save_image(torch.rand(3, 32, 32), tmp_path / "texture.png")
    assert moved.style_picture() == tmp_path / "texture.png"


def test_a_pretrained_generator_has_no_style_to_go_on_with(checkpoint: Checkpoint, tmp_path: Path) -> None:
    replace(checkpoint, term_norm={}).save(tmp_path / "base.pt")
    with pytest.raises(ValueError, match=r"^--ckpt .*base\.pt: a pretrained generator, which has no style; name a run's style"):
        load_trained(tmp_path / "base.pt")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mosaic", "mosaic"),
        ("Große Welle 2", "Große Welle 2"),
        ("../../etc/passwd", "____etc_passwd"),
        ("a\nb\x00c\udcffd\u202ee", "a_b_c_d_e"),
        ("C:\\x", "C__x"),
        ("..", "_"),
        (" .hidden. ", "hidden"),
        ("", "style"),
        ("n" * 300, "n" * 64),
    ],
)
def test_a_name_is_a_name_and_no_path(text: str, name: str, checkpoint: Checkpoint, tmp_path: Path) -> None:
    assert plain_name(text) == plain_name(name) == name
    replace(checkpoint, styles=(text,)).save(tmp_path / "style.pt")
    assert Checkpoint.load(tmp_path / "style.pt").styles == (name,)


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "..", "", "a\nb", "n" * 65, "\u202e", 3, None])
def test_a_style_that_is_no_plain_name_is_refused(name: object, path: Path) -> None:
    rewrite(path, lambda content: content.update(styles=[name]))
    assert refusal(path).endswith(" is not a plain name of a style")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"^{tmp_path}/none\.pt: no such checkpoint$"):
        Checkpoint.load(tmp_path / "none.pt")


def test_a_newer_format_is_refused_with_the_version_that_wrote_it(path: Path) -> None:
    rewrite(path, lambda content: content.update(format=3, texnet="9.9"))
    assert refusal(path) == f"written by texnet 9.9; this is {texnet.__version__}: please update"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_file_of_format_1_which_had_four_numbers_is_to_be_trained_again(number: int, tmp_path: Path) -> None:
    weights = build_generator(TINY).state_dict()
    content = {"format": number, "texnet": "0.1.0", "config": to_dict(TrainConfig(generator=TINY)), "styles": ["mosaic"]}
    torch.save({**content, "ema": weights, "term_norm": {"tv": 1.0}, "calibration": {}}, tmp_path / "style.pt")
    assert refusal(tmp_path / "style.pt") == "written by an older texnet (format 1): train it again"


def write_foreign_file(kind: str, path: Path, checkpoint: Checkpoint) -> None:
    if kind == "text":
        path.write_text("no checkpoint\n")
    elif kind == "empty":
        path.touch()
    elif kind == "cut off":
        checkpoint.save(path)
        path.write_bytes(path.read_bytes()[:-2000])
    elif kind == "code":
        torch.save({"format": 2, "generator": Path("/pickled/object")}, path)
    elif kind == "another program's":
        torch.save({"format": "pytorch-lightning", "state_dict": {}}, path)
    elif kind == "bare weights":
        torch.save(dict(checkpoint.weights), path)
    elif kind == "list":
        torch.save([1, 2, 3], path)
    else:
        torch.save({"format": 2, "texnet": "0.1.0", "step": 3}, path)


KINDS = ["text", "empty", "cut off", "code", "another program's", "bare weights", "list", "without weights"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_no_checkpoint_is_named_in_one_line(kind: str, checkpoint: Checkpoint, tmp_path: Path) -> None:
    write_foreign_file(kind, tmp_path / "foreign.pt", checkpoint)
    assert refusal(tmp_path / "foreign.pt").startswith("not a checkpoint of texnet")


KEYS = ["generator", "weights", "styles", "calibration", "loss", "term_norm", "training", "license"]


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_part_is_named(key: str, path: Path) -> None:
    rewrite(path, lambda content: content.pop(key))
    assert refusal(path) == f"not a checkpoint of texnet, or a broken one: it has no {key}"


@pytest.mark.parametrize("key", [*KEYS, "card", "packed", "preview", "resume"])
@pytest.mark.parametrize("value", [3, "x\ny", [None], {"x": "y"}, {3: []}, torch.full((2, 2), torch.nan)])
def test_a_part_of_another_kind_is_refused_in_one_line(key: str, value: object, path: Path) -> None:
    rewrite(path, lambda content: content.update({key: value}))
    assert refusal(path)


def broken_weights(content: dict[str, Any], kind: str) -> None:
    weights = content["weights"]
    if kind == "not a number":
        weights[WEIGHT][0, 0, 0, 0] = torch.nan
    elif kind == "infinite":
        weights[WEIGHT][0, 0, 0, 0] = -torch.inf
    elif kind == "shape":
        weights[WEIGHT] = weights[WEIGHT][:3]
    elif kind == "missing":
        del weights[WEIGHT]
    elif kind == "unknown":
        weights["body.wings"] = torch.zeros(3)
    elif kind == "integers":
        weights[WEIGHT] = weights[WEIGHT].int()
    else:
        weights[WEIGHT] = "nothing"


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("not a number", f"the weights {WEIGHT} are not finite"),
        ("infinite", f"the weights {WEIGHT} are not finite"),
        ("shape", f"the weights {WEIGHT} have shape (3, 6, 9, 9); this generator has (4, 6, 9, 9)"),
        ("missing", f"no weights for {WEIGHT}"),
        ("unknown", "weights for body.wings, which this generator does not have"),
        ("integers", f"the weights {WEIGHT} are not numbers"),
        ("text", f"the weights {WEIGHT} are not numbers"),
    ],
)
def test_weights_that_are_not_those_of_the_generator_are_refused(kind: str, complaint: str, path: Path) -> None:
    rewrite(path, lambda content: broken_weights(content, kind))
    assert refusal(path) == complaint


def test_a_file_from_before_the_layer_of_details_is_read_as_if_it_did_nothing(checkpoint: Checkpoint, path: Path) -> None:
    rewrite(path, lambda content: content["weights"].pop("body.detail.conv.weight"))
    read = dict(Checkpoint.load(path).weights)
    detail = read.pop("body.detail.conv.weight")
    assert detail.shape == (3, 4, 3, 3)
    assert not detail.any()
    assert_same(read, {name: weight for name, weight in checkpoint.weights.items() if name in read})


def test_the_weights_of_a_run_are_checked_too(tiny_config: TrainConfig, tmp_path: Path) -> None:
    RunSaver(tmp_path, build(tiny_config)).save()
    rewrite(tmp_path / "latest.pt", lambda content: content["resume"]["trainer"]["generator"][WEIGHT].fill_(torch.nan))
    assert refusal(tmp_path / "latest.pt") == f"the weights {WEIGHT} are not finite"


@pytest.mark.parametrize(
    ("part", "changes", "complaint"),
    [
        ("generator", {"wings": 2}, "generator: unknown settings wings: written by a newer texnet?"),
        ("generator", {"width": 0}, "generator: --width must be at least 2"),
        ("generator", {"width": "4"}, "generator: width cannot be '4'"),
        ("generator", {"width": 10**9}, "generator: --width 1000000000 is more than 1024"),
        ("generator", {"num_blocks": 10**9}, "generator: --num_blocks 1000000000 is more than 64"),
        ("generator", {"generator": "gan"}, "generator: generator cannot be 'gan'"),
        ("generator", {"max_noise_factor": torch.nan}, "generator: --max_noise_factor must be between 1"),
        ("loss", {"preset": "mine"}, "loss: preset cannot be 'mine'"),
        ("loss", {"tv_weight": -1}, "loss: --tv_weight must be a number, and not negative"),
        ("training", {"steps": 1.5}, "training: steps cannot be '1.5'"),
        ("training", {"losses": {"tv": torch.inf}}, "training: losses: tv cannot be inf"),
        ("card", {"credit": "two\nlines"}, "card: the credit is not a line of text"),
        ("card", {"num_photos": -1}, "card: num_photos cannot be '-1'"),
        ("card", {"measured": {"loss": torch.nan}}, "card: measured: loss cannot be nan"),
        ("term_norm", {"tv": "1"}, "term_norm: tv cannot be 1"),
        ("calibration", {"noise_factors": [0.0, 0.5, 0.4, 2.0]}, "calibration: it does not rise from 0 by finite steps"),
        ("calibration", {"noise_factors": [0.0, 0.5, torch.nan, 2.0]}, "calibration: it does not rise from 0 by finite steps"),
        ("calibration", {"noise_factors": [0.0, 0.5, 1.0, torch.inf]}, "calibration: it does not rise from 0 by finite steps"),
        ("calibration", {"noise_factors": [0.1, 0.5, 1.0, 2.0]}, "calibration: it does not rise from 0 by finite steps"),
        ("calibration", {"noise_factors": [0.0, 1.0]}, "calibration: its two rows are not of one length, 2 or more"),
        ("calibration", {"noise_factors": [0.0, 0.5, 1.0, 1.5]}, "calibration: it does not end at the largest noise factor, 2"),
    ],
)
def test_a_value_that_cannot_be_is_refused(part: str, changes: dict[str, Any], complaint: str, path: Path) -> None:
    rewrite(path, lambda content: content[part].update(changes))
    assert refusal(path).startswith(complaint)


def optimizer(content: dict[str, Any]) -> dict[str, Any]:
    """The optimizer's state in a run's checkpoint."""
    state: dict[str, Any] = content["resume"]["trainer"]["optimizer"]
    return state


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda c: optimizer(c)["state"][0]["exp_avg"].fill_(torch.nan), "the optimizer's exp_avg of"),
        (lambda c: optimizer(c)["state"][0].update(exp_avg_sq=torch.zeros(2)), "the optimizer's exp_avg_sq of"),
        (lambda c: optimizer(c)["state"][0]["exp_avg_sq"].fill_(-1.0), "the optimizer's state of"),
        (
            lambda c: optimizer(c)["state"].update({10**6: {}}),
            f"the optimizer's state is not that of this generator: {BEGIN_ANEW}",
        ),
        (lambda c: optimizer(c)["state"][0]["basis_in"].fill_(torch.inf), "the optimizer's basis_in of"),
        (lambda c: optimizer(c)["state"][0].pop("basis_in"), "the optimizer's state of"),
        (lambda c: optimizer(c)["param_groups"][0].update(lr="x"), "the optimizer's lr is not a number"),
        (lambda c: optimizer(c)["param_groups"][0].update(capturable=True), "the optimizer's state is not that of SOAP"),
        (lambda c: c["resume"]["trainer"].pop("optimizer"), "the optimizer's state is not that of SOAP"),
        (lambda c: c["resume"]["trainer"]["ema"].update({WEIGHT: torch.zeros(3)}), f"the weights {WEIGHT} have shape (3,)"),
        (lambda c: c["resume"]["trainer"].update(seconds=torch.inf), "the trainer's seconds are not a time"),
        (lambda c: c["resume"]["trainer"].update(step=-1), "the trainer's step cannot be '-1'"),
        (lambda c: c["resume"]["trainer"].update(term_norm={"tv": 0.0}), "the trainer's term_norm: tv cannot be 0.0"),
        (lambda c: c["resume"]["config"]["generator"].update(width=10**9), "its settings are those of another generator"),
        (lambda c: c["resume"]["config"]["data"].update(image_size=10**9), "settings: --image_size 1000000000 is more than"),
        (
            lambda c: c["resume"].update(texture=torch.zeros(1, 1, 1, dtype=torch.uint8).expand(3, 9**5, 9**5)),
            "not a checkpoint",
        ),
    ],
)
def test_a_state_that_no_training_could_go_on_with_is_refused(
    change: Callable[[dict[str, Any]], object], complaint: str, finished_run: Path, tmp_path: Path
) -> None:
    path = copy_of(finished_run, "latest.pt", tmp_path)
    rewrite(path, change)
    assert refusal(path).startswith(complaint)


def test_a_small_file_of_a_huge_network_is_refused_without_its_memory(path: Path) -> None:
    huge = GeneratorConfig(width=1024, num_blocks=64)
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in build_generator(huge).state_dict().items()}
    weights = {name: torch.zeros(()).expand(shape) for name, shape in shapes.items()}
    rewrite(path, lambda content: content.update(generator=to_dict(huge), weights=weights))
    assert refusal(path).endswith("its tensors claim to be larger than the file")


def test_a_packed_file_is_refused_unread(path: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "packed.pt", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert refusal(tmp_path / "packed.pt").endswith("its content is compressed, which torch does not do")


def test_a_byte_that_changed_on_the_disk_is_noticed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "a wrong checksum" in refusal(path)


def test_a_preview_of_another_size_or_kind_is_refused(path: Path) -> None:
    rewrite(path, lambda content: content.update(preview=torch.zeros(3, 300, 20, dtype=torch.uint8)))
    assert refusal(path) == "the preview has more than 256 pixels to a side"
    rewrite(path, lambda content: content.update(preview=torch.zeros(3, 20, 20)))
    assert refusal(path) == "the preview is not a picture"


def test_what_a_refusal_quotes_of_a_file_is_one_short_line(path: Path) -> None:
    rewrite(path, lambda content: content["generator"].update({"x\r\n\x1b[2J" + "y" * 5000: 1}))
    assert len(refusal(path)) < 400 and refusal(path).isprintable()


def make_earlier(content: dict[str, Any]) -> None:
    """Make a run's checkpoint one of before SOAP, the layer of details and the names of statistics."""
    trainer = content["resume"]["trainer"]
    config = read_settings(GeneratorConfig, content["generator"], "generator")
    for name in ("generator", "ema"):
        del trainer[name][DETAIL]
    weights = [torch.zeros(weight.shape) for name, weight in build_generator(config).named_parameters() if name != DETAIL]
    trainer["optimizer"] = torch.optim.Adam(weights, fused=True).state_dict()
    content["loss"]["statistic"] = content["resume"]["config"]["loss"]["statistic"] = None


def test_a_run_from_before_the_layer_of_details_goes_on(tiny_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(tiny_config, "loss", statistic="sqrt_moments")
    fit(with_options(config, "optim", epochs=0, max_steps=3), tmp_path)
    expected = Checkpoint.load(tmp_path / "latest.pt")
    rewrite(tmp_path / "latest.pt", make_earlier)
    read = Checkpoint.load(tmp_path / "latest.pt")
    assert read.resume is not None and expected.resume is not None
    assert not read.weights[DETAIL].any()
    assert (read.loss_config.statistic, read.resume.config.loss.statistic) == ("sqrt_moments", "sqrt_moments")
    assert read.resume.trainer["optimizer"]["state"] == {}
    assert expected.resume.trainer["optimizer"]["state"] != {}
    Stylizer.load(tmp_path / "latest.pt")(torch.rand(1, 3, 32, 32))
    assert fit(with_options(read.resume.config, "optim", max_steps=5), tmp_path, resume_from=tmp_path / "latest.pt").done
    assert Checkpoint.load(tmp_path / "latest.pt").training.steps == 5


@pytest.mark.parametrize(("preset", "statistic"), [("texnet", "sqrt_moments"), ("gatys", None)])
def test_a_loss_without_a_statistic_has_that_of_the_time_before_it_was_named(
    preset: str, statistic: str | None, path: Path
) -> None:
    rewrite(path, lambda content: content["loss"].update(preset=preset, statistic=None))
    assert Checkpoint.load(path).loss_config.statistic == statistic


def test_a_run_names_its_statistic(finished_run: Path) -> None:
    for name in ("latest.pt", "style.pt"):
        assert Checkpoint.load(finished_run / name).loss_config.statistic == "covariance"
    assert json.loads((finished_run / "config.json").read_text())["loss"]["statistic"] == "covariance"
