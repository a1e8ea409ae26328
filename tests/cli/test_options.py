"""Dataclasses <-> flags: every field is a flag, and flags that are not given change nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from texnet.cli.options import Parser, add_options, from_options, split_axes, training_options
from texnet.config import (
    STATISTIC_NAMES,
    DataConfig,
    DeviceConfig,
    DistillConfig,
    EvaluateConfig,
    GeneratorConfig,
    LossConfig,
    OptimConfig,
    OptimizeConfig,
    RunConfig,
    StylizeConfig,
    SynthesizeConfig,
    TexturesConfig,
    TrainConfig,
    to_flags,
)

PARTS = [DataConfig, GeneratorConfig, LossConfig, OptimConfig, RunConfig]
WIDE = 200


def parser_for(config_type: type[Any]) -> Parser:
    parser = Parser("command", "A command.")
    add_options(parser, config_type)
    return parser


def train_config(*flags: str, base: TrainConfig | None = None) -> TrainConfig:
    return from_options(TrainConfig, vars(parser_for(TrainConfig).parse_args(flags)), base)


def stylize_config(*flags: str) -> StylizeConfig:
    return from_options(StylizeConfig, vars(parser_for(StylizeConfig).parse_args(flags)))


def help_text(config_type: type[Any], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(WIDE))
    return parser_for(config_type).format_help()


def test_no_flags_give_the_defaults() -> None:
    assert train_config() == TrainConfig()


def test_a_config_as_flags_is_read_as_the_same_config() -> None:
    config = TrainConfig(
        data=DataConfig(data_dir="a folder", categories=("person", "dog"), num_val=0),
        loss=LossConfig(texture="mosaic.jpg", style_layers=("relu1_1=2", "relu2_1"), style_weight=0.0),
        optim=OptimConfig(epochs=0, max_minutes=0.5, progressive_crops=False),
        run=RunConfig(device=DeviceConfig("cuda:0"), compile=True, preview_every=0),
    )
    assert train_config(*to_flags(config)) == config
    assert to_flags(TrainConfig()) == []


def test_flags_that_are_not_given_leave_no_trace() -> None:
    assert vars(parser_for(TrainConfig).parse_args([])) == {}


@pytest.mark.parametrize("part", PARTS)
def test_every_field_is_a_flag_of_its_name(part: type[Any]) -> None:
    known = {flag for action in parser_for(TrainConfig)._actions for flag in action.option_strings}
    assert [item.name for item in dataclasses.fields(part) if f"--{item.name}" not in known] == []


def test_flags_reach_the_parts_they_belong_to() -> None:
    config = train_config("--data_dir", "photos", "--width", "8", "--texture", "a.jpg", "--seed", "3", "--run_name", "blue")
    assert config == TrainConfig(
        data=DataConfig(data_dir="photos"),
        generator=GeneratorConfig(width=8),
        loss=LossConfig(texture="a.jpg"),
        optim=OptimConfig(seed=3),
        run=RunConfig(run_name="blue"),
    )


def test_numbers_are_read_as_their_options_type() -> None:
    config = train_config("--batch_size", "3", "--learning_rate", "1e-4", "--max_minutes", "7")
    values = (config.data.batch_size, config.optim.learning_rate, config.optim.max_minutes)
    assert (values, [type(value) for value in values]) == ((3, 1e-4, 7.0), [int, float, float])


def test_several_values_become_a_tuple() -> None:
    assert train_config("--categories", "person", "dog").data.categories == ("person", "dog")


def test_several_numbers_become_a_tuple_of_numbers() -> None:
    assert stylize_config("--noise_factor", "0", ".5", "2").noise_factor == (0.0, 0.5, 2.0)


def test_a_switch_is_off_until_given() -> None:
    assert (train_config().run.viz, train_config("--viz").run.viz) == (False, True)


def test_a_switch_that_is_on_can_be_turned_off() -> None:
    assert train_config("--no-progressive_crops").optim.progressive_crops is False


def test_a_switch_that_a_run_began_with_can_be_turned_off() -> None:
    begun = TrainConfig(run=RunConfig(device=DeviceConfig(cuda=True), viz=True))
    assert train_config("--no-cuda", "--device", "cpu", base=begun).run == RunConfig(device=DeviceConfig("cpu"), viz=True)


def test_flags_that_are_not_given_keep_what_a_run_began_with() -> None:
    begun = TrainConfig(data=DataConfig(batch_size=7, categories=("dog",)), optim=OptimConfig(progressive_crops=False))
    assert train_config("--epochs", "5", base=begun) == dataclasses.replace(
        begun, optim=OptimConfig(epochs=5, progressive_crops=False)
    )


def test_flags_of_the_command_itself_are_ignored() -> None:
    assert from_options(StylizeConfig, {"pictures": ["a.jpg"], "seed": 4}) == StylizeConfig(seed=4)


def test_a_value_out_of_range_is_refused_with_the_flag() -> None:
    with pytest.raises(ValueError, match="--batch_size must be at least 1"):
        train_config("--batch_size", "0")


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--batch_size", "many"], "argument --batch_size: invalid int value: 'many'"),
        (["--statistic", "mean"], "argument --statistic: invalid choice: 'mean'"),
        (["--statistic", ""], "argument --statistic: invalid choice: ''"),
        (["--categories"], "argument --categories: expected at least one argument"),
        (["--color", "red"], "unrecognized arguments: --color red"),
    ],
    ids=["no number", "no such choice", "an empty choice", "no value", "unknown flag"],
)
def test_what_cannot_be_parsed_is_refused_by_name(flags: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser_for(TrainConfig).parse_args(flags)
    assert complaint in capsys.readouterr().err


def test_negative_numbers_are_values_not_flags() -> None:
    with pytest.raises(ValueError, match="--noise_factor must"):
        stylize_config("--noise_factor", "-1")


@pytest.mark.parametrize("part", PARTS)
def test_the_parts_of_the_help_have_titles(part: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"\n{part.__doc__.rstrip('.')}:\n" in help_text(TrainConfig, monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        "photos per step (per process under torchrun) (default: 4)",
        "use only this many photos, chosen by the seed; 0 = all (default: 0)\n",
        "several values make a strip (default: 1.0)",
        "default: the best one present\n",
        "short for --device cuda\n",
        "which are four times as fast (default: on)\n",
    ],
    ids=["a number", "zero", "a tuple", "words", "off", "on"],
)
def test_the_help_shows_a_default(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert text in help_text(TrainConfig, monkeypatch) + help_text(StylizeConfig, monkeypatch)


def test_the_help_shows_the_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"--statistic {{{','.join(STATISTIC_NAMES)}}}" in help_text(TrainConfig, monkeypatch)


NUMBERS = [
    (config_type, item.name)
    for config_type in (*PARTS, StylizeConfig, OptimizeConfig, EvaluateConfig, DistillConfig, TexturesConfig)
    for item in dataclasses.fields(config_type)
    if type(item.default) in (int, float)
]


@pytest.mark.parametrize(("config_type", "name"), NUMBERS)
def test_the_help_shows_the_default_of_every_number_zero_included(
    config_type: type[Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text,) = (part for part in help_text(config_type, monkeypatch).split("\n  --") if part.startswith(f"{name} "))
    default = getattr(config_type(), name)
    assert f"(default: {default})" in " ".join(text.split())


def test_a_weight_of_zero_is_zero_and_none_is_the_default() -> None:
    zero = train_config("--style_weight", "0", "--content_weight", "0").loss
    assert (zero.style_weight, zero.content_weight) == (0.0, 0.0)
    assert train_config().loss.style_weight is None


def test_the_usage_shows_what_must_be_given_and_nothing_else() -> None:
    parser = parser_for(SynthesizeConfig)
    parser.add_argument("pictures", nargs="*", metavar="PICTURE")
    assert parser.format_usage() == "usage: texnet command [PICTURE ...] --ckpt FILE|NAME [options]\n"


def test_what_must_be_given_is_not_missed_by_the_parser_itself() -> None:
    assert vars(parser_for(StylizeConfig).parse_args([])) == {}


def test_a_percent_sign_in_a_help_is_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclasses.dataclass(frozen=True)
    class Share:
        """Shares."""

        share: int = dataclasses.field(default=5, metadata={"help": "100% of it", "argparse": {}})

    assert "100% of it (default: 5)" in help_text(Share, monkeypatch)


def sweep_options(*flags: str) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
    parser = Parser("command", "A command.")
    for part in PARTS[:-1]:
        add_options(parser, part, several=True)
    add_options(parser, RunConfig, without=("run_name",))
    return split_axes(PARTS[:-1], vars(parser.parse_args(flags)))


def test_a_flag_with_one_value_is_as_in_training() -> None:
    fixed, axes = sweep_options("--width", "8", "--texture", "a.jpg", "--no-progressive_crops", "--verbose")
    assert (fixed, axes) == ({"width": 8, "texture": "a.jpg", "progressive_crops": False, "verbose": True}, {})


def test_flags_with_several_values_are_axes_in_the_order_given() -> None:
    fixed, axes = sweep_options("--width", "8", "4", "--seed", "1", "--style_weight", "1", ".1", "--preset", "gatys", "johnson")
    assert fixed == {"seed": 1}
    assert list(axes.items()) == [("width", (8, 4)), ("style_weight", (1.0, 0.1)), ("preset", ("gatys", "johnson"))]


def test_a_switch_in_both_forms_is_an_axis() -> None:
    assert sweep_options("--no-progressive_crops", "--progressive_crops")[1] == {"progressive_crops": (False, True)}


def test_a_flag_that_is_a_list_itself_is_no_axis() -> None:
    assert sweep_options("--categories", "dog", "cat") == ({"categories": ["dog", "cat"]}, {})


def test_a_flag_may_be_left_out() -> None:
    with pytest.raises(SystemExit):
        sweep_options("--run_name", "a")


@pytest.mark.parametrize(
    ("given", "epochs"), [({}, 2), ({"max_steps": 5}, 0), ({"max_minutes": 1.0}, 0), ({"max_steps": 5, "epochs": 3}, 3)]
)
def test_a_given_number_of_steps_or_minutes_replaces_the_default_epochs(given: dict[str, Any], epochs: int) -> None:
    assert training_options(given).optim.epochs == epochs


@pytest.mark.parametrize(
    ("given", "generator", "learning_rate"),
    [
        ({}, "residual", 4e-3),
        ({"no_content": True}, "pyramid", 1e-2),
        ({"generator": "pyramid"}, "pyramid", 1e-2),
        ({"no_content": True, "generator": "light"}, "light", 4e-3),
        ({"no_content": True, "learning_rate": 0.1}, "pyramid", 0.1),
    ],
)
def test_a_texture_is_learned_by_a_pyramid_and_a_pyramid_learns_fast(
    given: dict[str, Any], generator: str, learning_rate: float
) -> None:
    config = training_options(given)
    assert (config.generator.generator, config.learning_rate) == (generator, learning_rate)


def test_a_continued_run_keeps_its_generator_and_its_rate() -> None:
    begun = TrainConfig(generator=GeneratorConfig(generator="pyramid", no_content=True), optim=OptimConfig(learning_rate=0.03))
    assert training_options({"no_content": True}, begun) == begun
