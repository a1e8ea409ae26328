"""Options: each has its place, its help and its limits, and survives a round trip through JSON."""

from __future__ import annotations

import dataclasses
import inspect
import json
import subprocess
import sys
import typing
from pathlib import Path
from types import UnionType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import texnet.cli.commands as cli_commands
import texnet.config
from texnet.config import (
    BenchmarkConfig,
    CalibrateConfig,
    CardConfig,
    DataConfig,
    DemoConfig,
    DeviceConfig,
    DistillConfig,
    EvaluateConfig,
    ExportConfig,
    GeneratorConfig,
    LiveConfig,
    LossConfig,
    MonitorConfig,
    OptimConfig,
    OptimizeConfig,
    PretrainConfig,
    RunConfig,
    ShelfConfig,
    StudioConfig,
    StylesConfig,
    StylizeConfig,
    SweepConfig,
    SynthesizeConfig,
    TexturesConfig,
    TrainConfig,
    check_given,
    check_same_run,
    from_dict,
    to_dict,
)
from texnet.errors import UserError

PARTS = [DataConfig, GeneratorConfig, LossConfig, OptimConfig, StylesConfig, RunConfig]
COMMANDS = [
    *(BenchmarkConfig, CalibrateConfig, CardConfig, DemoConfig, DistillConfig, EvaluateConfig, ExportConfig),
    *(LiveConfig, MonitorConfig, OptimizeConfig, PretrainConfig, ShelfConfig, StudioConfig, StylizeConfig, SweepConfig),
    *(SynthesizeConfig, TexturesConfig),
]
ALL = [*PARTS, DeviceConfig, *COMMANDS]
NAN, INFINITE = float("nan"), float("inf")

OUT_OF_RANGE = [
    (DataConfig, "max_images", -1),
    (DataConfig, "image_size", 31),
    (DataConfig, "batch_size", 0),
    (DataConfig, "num_workers", 0),
    (DataConfig, "cache_fraction", -0.1),
    (DataConfig, "cache_fraction", 1.0),
    (DataConfig, "cache_fraction", NAN),
    (GeneratorConfig, "width", 1),
    (GeneratorConfig, "num_blocks", 0),
    (GeneratorConfig, "noise_channels", -1),
    (GeneratorConfig, "max_noise_factor", 0.9),
    (GeneratorConfig, "max_noise_factor", INFINITE),
    (GeneratorConfig, "max_noise_factor", 10.5),
    (GeneratorConfig, "fixed_noise_factor", -0.1),
    (GeneratorConfig, "fixed_noise_factor", 2.5),
    (GeneratorConfig, "fixed_noise_factor", NAN),
    (LossConfig, "style_size", 31),
    (LossConfig, "style_size", -1),
    (LossConfig, "style_weight", -1.0),
    (LossConfig, "style_weight", INFINITE),
    (LossConfig, "content_weight", -1.0),
    (LossConfig, "tv_weight", NAN),
    (LossConfig, "diversity_weight", -1.0),
    (OptimConfig, "epochs", -1),
    (OptimConfig, "max_steps", -1),
    (OptimConfig, "max_minutes", -1.0),
    (OptimConfig, "max_minutes", INFINITE),
    (OptimConfig, "warmup_steps", -1),
    (OptimConfig, "learning_rate", -0.001),
    (OptimConfig, "learning_rate", 0.0),
    (OptimConfig, "learning_rate", INFINITE),
    (OptimConfig, "learning_rate", NAN),
    (OptimConfig, "clip_norm", 0.0),
    (OptimConfig, "seed", -1),
    (OptimConfig, "seed", 2**63),
    (RunConfig, "log_every", 0),
    (RunConfig, "checkpoint_every", -1),
    (RunConfig, "keep_epochs", -1),
    (RunConfig, "snapshot_every", -1),
    (RunConfig, "preview_every", -1),
    (RunConfig, "viz_port", 0),
    (RunConfig, "viz_port", 65536),
    (RunConfig, "run_name", "a/b"),
    (RunConfig, "run_name", ".."),
    (RunConfig, "license", "two\nlines"),
    (RunConfig, "credit", "n" * 201),
    (StylizeConfig, "noise_factor", (1.0, -0.5)),
    (StylizeConfig, "noise_factor", (NAN,)),
    (StylizeConfig, "noise_factor", (INFINITE,)),
    (StylizeConfig, "seed", -1),
    (StylizeConfig, "max_size", 15),
    (SynthesizeConfig, "seed", -1),
    (OptimizeConfig, "num_scales", 0),
    (DistillConfig, "learning_rate", 0.0),
    (DemoConfig, "minutes", 0.0),
    (DemoConfig, "minutes", INFINITE),
    (StylizeConfig, "fps", -1.0),
    (StylizeConfig, "fps", NAN),
    (StylizeConfig, "crf", 64),
    (LiveConfig, "port", 0),
    (LiveConfig, "fps", 0.5),
    (LiveConfig, "max_size", 100),
    (LiveConfig, "noise_factor", -1.0),
    (LiveConfig, "noise_factor", NAN),
    (LiveConfig, "keep_colors", 1.5),
    (LiveConfig, "seed", -1),
    (MonitorConfig, "port", 0),
    (MonitorConfig, "port", 65536),
    (StudioConfig, "port", 0),
    (StudioConfig, "max_upload", 0),
    (StudioConfig, "max_video", 0),
    (StudioConfig, "max_video", 65537),
    (TexturesConfig, "size", 63),
    (TexturesConfig, "size", 2049),
    (TexturesConfig, "seed", -1),
    (EvaluateConfig, "num_seeds", 1),
    (ExportConfig, "fold", 0.0),
    (ExportConfig, "fold", NAN),
    (BenchmarkConfig, "size", 31),
    (BenchmarkConfig, "rounds", 0),
]

AT_THE_LIMIT = [
    (DataConfig, {"max_images": 0, "image_size": 32, "batch_size": 1, "num_workers": 1, "cache_fraction": 0.0}),
    (GeneratorConfig, {"width": 2, "num_blocks": 1, "noise_channels": 0, "max_noise_factor": 1.0}),
    (GeneratorConfig, {"fixed_noise_factor": 2.0}),
    (LossConfig, {"style_size": 32, "style_weight": 0.0, "content_weight": 0.0, "tv_weight": 0.0}),
    (LossConfig, {"style_size": 0}),
    (OptimConfig, {"epochs": 0, "max_steps": 1, "warmup_steps": 0, "seed": 2**63 - 1, "clip_norm": INFINITE}),
    (OptimConfig, {"epochs": 0, "max_minutes": 0.01}),
    (RunConfig, {"log_every": 1, "checkpoint_every": 0, "preview_every": 0, "viz_port": 65535, "run_name": "a run.2"}),
    (DeviceConfig, {"cuda": True, "device": "cuda"}),
    (StylizeConfig, {"noise_factor": (0.0,), "max_size": 16, "seed": 0}),
    (StylizeConfig, {"max_size": 0}),
    (ExportConfig, {"fold": 0.001, "size": "16x99999"}),
    (SynthesizeConfig, {"size": "1x999999", "seed": 2**63 - 1}),
]


@st.composite
def train_configs(draw: st.DrawFn) -> TrainConfig:
    """Training settings of any valid kind."""
    small = st.integers(0, 100)
    positive = st.floats(0.01, 100)
    layers = st.lists(st.sampled_from(["relu1_1", "relu2_1=2"]), max_size=3).map(tuple)
    return TrainConfig(
        data=draw(st.builds(DataConfig, data_dir=st.text(), categories=st.lists(st.text()).map(tuple), max_images=small)),
        generator=draw(st.builds(GeneratorConfig, noise_channels=small, max_noise_factor=st.floats(1, 9))),
        loss=draw(st.builds(LossConfig, texture=st.text(), style_layers=layers, content_weight=positive)),
        optim=draw(st.builds(OptimConfig, max_steps=small, learning_rate=positive, progressive_crops=st.booleans())),
        run=draw(st.builds(RunConfig, viz=st.booleans(), viz_env=st.text(), log_every=st.integers(1, 9))),
    )


def options_of(config_type: type[Any]) -> list[dataclasses.Field[Any]]:
    """The fields that are flags, without those that are dataclasses themselves."""
    hints = typing.get_type_hints(config_type)
    return [item for item in dataclasses.fields(config_type) if not dataclasses.is_dataclass(hints[item.name])]


@given(train_configs())
@settings(max_examples=25, deadline=None)
def test_settings_survive_a_round_trip_through_json(config: TrainConfig) -> None:
    assert from_dict(TrainConfig, json.loads(json.dumps(to_dict(config)))) == config


def test_a_plain_dict_holds_no_tuples_and_no_dataclasses() -> None:
    plain = to_dict(TrainConfig())
    device = plain["run"].pop("device")
    kinds = {type(value) for part in (*plain.values(), device) for value in part.values()}
    assert kinds <= {str, int, float, bool, list, type(None)}


def test_missing_settings_take_their_defaults() -> None:
    config = from_dict(TrainConfig, {"data": {"batch_size": 7}})
    assert config == TrainConfig(data=DataConfig(batch_size=7))


@pytest.mark.parametrize("plain", [{"color": 1}, {"data": {"color": 1}}], ids=["outside", "inside"])
def test_unknown_settings_are_refused_by_name(plain: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="unknown settings color: written by a newer texnet"):
        from_dict(TrainConfig, plain)


def test_settings_out_of_range_are_refused_from_a_dict_too() -> None:
    with pytest.raises(UserError, match="--batch_size"):
        from_dict(TrainConfig, {"data": {"batch_size": 0}})


@pytest.mark.parametrize(("config_type", "name", "value"), OUT_OF_RANGE)
def test_a_value_out_of_range_is_refused_with_the_flag(config_type: type[Any], name: str, value: object) -> None:
    with pytest.raises(UserError, match=f"--{name} must"):
        config_type(**{name: value})


@pytest.mark.parametrize(("config_type", "values"), AT_THE_LIMIT)
def test_a_value_at_its_limit_is_taken(config_type: type[Any], values: dict[str, Any]) -> None:
    config = config_type(**values)
    assert {name: getattr(config, name) for name in values} == values


def test_a_training_without_end_is_refused_with_the_flags_that_end_it() -> None:
    with pytest.raises(UserError, match="without end: give one of --epochs, --max_steps, --max_minutes"):
        OptimConfig(epochs=0)


def test_a_texture_has_no_strength_to_choose() -> None:
    with pytest.raises(UserError, match="--fixed_noise_factor is for photos: leave it out with --no_content"):
        GeneratorConfig(fixed_noise_factor=0.5, no_content=True)


def test_cuda_and_another_device_contradict_each_other() -> None:
    with pytest.raises(UserError, match="--cuda contradicts --device cpu"):
        DeviceConfig(cuda=True, device="cpu")


@pytest.mark.parametrize(
    ("config", "name"), [(DeviceConfig(), ""), (DeviceConfig("cuda:1"), "cuda:1"), (DeviceConfig(cuda=True), "cuda")]
)
def test_cuda_is_short_for_the_device_of_that_name(config: DeviceConfig, name: str) -> None:
    assert config.name == name


def test_every_command_has_a_file_of_its_options() -> None:
    files = {Path(inspect.getfile(config_type)).stem for config_type in [TrainConfig, *COMMANDS]}
    assert files == set(cli_commands.COMMANDS)


def test_every_config_is_exported() -> None:
    assert [config_type for config_type in ALL if config_type.__name__ not in texnet.config.__all__] == []


@pytest.mark.parametrize("config_type", [TrainConfig, *COMMANDS])
def test_the_defaults_are_valid(config_type: type[Any]) -> None:
    assert config_type() == config_type()


@pytest.mark.parametrize("config_type", ALL)
def test_every_option_says_what_it_is(config_type: type[Any]) -> None:
    assert [item.name for item in options_of(config_type) if not item.metadata.get("help")] == []


@pytest.mark.parametrize("config_type", ALL)
def test_every_default_is_of_its_options_type(config_type: type[Any]) -> None:
    hints = typing.get_type_hints(config_type)
    kinds = {name: typing.get_args(hint) if isinstance(hint, UnionType) else [hint] for name, hint in hints.items()}
    origins = {name: [typing.get_origin(kind) or kind for kind in each] for name, each in kinds.items()}
    assert [item.name for item in options_of(config_type) if type(item.default) not in origins[item.name]] == []


@pytest.mark.parametrize("config_type", ALL)
def test_every_default_is_among_the_choices(config_type: type[Any]) -> None:
    outside = []
    for item in options_of(config_type):
        values = item.default if isinstance(item.default, tuple) else (item.default,)
        choices = item.metadata["argparse"].get("choices", values)
        outside += [item.name for value in values if value not in choices and value is not None]
    assert outside == []


@pytest.mark.parametrize("config_type", ALL)
def test_an_option_whose_default_depends_on_others_says_so(config_type: type[Any]) -> None:
    silent = [
        item.name for item in options_of(config_type) if item.default is None and "default: " not in item.metadata["help"]
    ]
    assert silent == []


def test_a_required_option_that_is_empty_is_named_with_what_to_give() -> None:
    with pytest.raises(UserError, match=r"^--ckpt is missing: name a trained network, for example checkpoints/"):
        check_given(CalibrateConfig())


def test_a_continued_run_may_change_its_limits_and_where_it_runs_and_nothing_else() -> None:
    before = TrainConfig()
    optim, run = OptimConfig(epochs=9), RunConfig(device=DeviceConfig("cpu"), log_every=1)
    check_same_run(before, TrainConfig(optim=optim, run=run))
    with pytest.raises(UserError, match=r"^--width 8: this run began with 24; start a new run to change it$"):
        check_same_run(before, TrainConfig(generator=GeneratorConfig(width=8)))


def test_no_two_parts_of_a_training_share_an_options_name() -> None:
    names = [item.name for part in PARTS for item in dataclasses.fields(part)]
    assert len(names) == len(set(names))


def test_the_parts_are_all_there_are() -> None:
    assert list(typing.get_type_hints(TrainConfig).values()) == PARTS


@pytest.mark.parametrize("size", ["", "512", "0x10", "10x0", "axb", "10x10x10", "-1x5", "1000000x1", "1e3x5"])
def test_a_size_that_is_none_is_refused_with_an_example(size: str) -> None:
    with pytest.raises(UserError, match=f"^--size {size}: must be WIDTHxHEIGHT, .* such as 2048x1024$"):
        SynthesizeConfig(size=size)


def test_a_texture_needs_noise() -> None:
    with pytest.raises(UserError, match="--noise_channels must be 1 or more with --no_content"):
        GeneratorConfig(no_content=True, noise_channels=0)


def test_pairs_need_an_even_batch() -> None:
    with pytest.raises(UserError, match="--batch_size 3: must be even with --diversity_weight"):
        TrainConfig(data=DataConfig(batch_size=3), loss=LossConfig(diversity_weight=1.0))


def test_matched_colors_need_photos_and_no_compiled_loss() -> None:
    loss = LossConfig(match_colors=True)
    with pytest.raises(UserError, match="--match_colors: is for photos; leave it out with --no_content"):
        TrainConfig(loss=loss, generator=GeneratorConfig(no_content=True))
    with pytest.raises(UserError, match="--compile: not with --match_colors"):
        TrainConfig(loss=loss, run=RunConfig(compile=True))


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        DataConfig().batch_size = 2  # type: ignore[misc]


def test_help_needs_no_torch() -> None:
    script = "import sys; from texnet.cli import stylize, train; print({'torch', 'numpy', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("set()\n", "")
