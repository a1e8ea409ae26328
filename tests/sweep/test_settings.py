"""Axes, combinations, names of folders, and what a folder may be continued with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.sweep.helpers import WEIGHTS, MakeSweep
from texnet.config import DeviceConfig, LossConfig, TrainConfig
from texnet.sweep.settings import Sweep, check_axes, claim_folder, is_logarithmic, is_range, run_name, show, with_values


def points(sweep: Sweep) -> list[tuple[object, ...]]:
    return [tuple(setting.values.values()) for setting in sweep.grid()]


def test_the_grid_is_the_product_in_the_order_given() -> None:
    sweep = Sweep(Path("sweep"), TrainConfig(), {"style_weight": (1.0, 0.1, 0.01), "width": (32, 16)})
    assert points(sweep) == [(1.0, 32), (1.0, 16), (0.1, 32), (0.1, 16), (0.01, 32), (0.01, 16)]


def test_each_combination_is_the_training_of_its_values_in_a_folder_that_says_them() -> None:
    sweep = Sweep(Path("sweeps/a"), TrainConfig(), {"style_weight": (1.0, 0.1), "width": (16,), "batch_size": (2,)})
    last = sweep.grid()[-1]
    found = (last.config.loss.style_weight, last.config.generator.width, last.config.data.batch_size)
    assert found == (0.1, 16, 2)
    assert last.folder == Path("sweeps/a/style_weight=0.1,width=16,batch_size=2")


@pytest.mark.parametrize("order", [("residual", "pyramid"), ("pyramid", "residual")])
def test_each_generator_learns_at_its_own_rate_in_any_order(order: tuple[str, ...]) -> None:
    sweep = Sweep(Path("sweep"), with_values(TrainConfig(), {"generator": order[0]}), {"generator": order})
    rates = {setting.config.generator.generator: setting.config.learning_rate for setting in sweep.grid()}
    assert rates == {"residual": 0.004, "pyramid": 0.01}


def test_values_out_of_range_are_refused_by_their_flag() -> None:
    with pytest.raises(ValueError, match="--width must be at least 2"):
        with_values(TrainConfig(), {"width": 1})


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"style_weight": 1.0}, "style_weight=1"),
        ({"style_weight": 0.1}, "style_weight=0.1"),
        ({"style_weight": -0.0}, "style_weight=0"),
        ({"learning_rate": 1e-5}, "learning_rate=1e-05"),
        ({"progressive_crops": False, "width": 8}, "progressive_crops=False,width=8"),
        ({"texture": "art/my mosaic.jpg"}, "texture=my_mosaic.jpg"),
    ],
)
def test_a_folder_is_named_after_its_values(values: dict[str, bool | int | float | str], name: str) -> None:
    assert run_name(values) == name


def test_the_name_of_a_folder_is_never_too_long_and_still_its_own() -> None:
    values = {f"option_{number}": 0.123456789 + number for number in range(20)}
    names = {run_name(values), run_name({**values, "option_19": 1.0})}
    assert len(names) == 2
    assert {len(name) for name in names} == {200}


def test_two_files_of_one_name_are_refused() -> None:
    sweep = Sweep(Path("sweep"), TrainConfig(), {"texture": ("a/art.jpg", "b/art.jpg")})
    with pytest.raises(ValueError, match=r"^two combinations would share the folder texture=art\.jpg: rename"):
        sweep.grid()


def test_a_value_that_is_given_twice_is_named() -> None:
    with pytest.raises(ValueError, match=r"^--width 16 is given twice$"):
        check_axes({"width": (16, 8, 16)}, search=False)


@pytest.mark.parametrize(("search", "example"), [(False, "--style_weight 1 0.1 0.01"), (True, "--style_weight 1 30")])
def test_nothing_to_sweep_is_a_mistake_with_an_example(search: bool, example: str) -> None:
    with pytest.raises(ValueError, match=f"^nothing to sweep: .*{example}$"):
        check_axes({}, search=search)


@pytest.mark.parametrize(
    ("values", "expected"),
    [((1, 2), True), ((1.0, 0.1), True), ((1, 2, 3), False), (("a", "b"), False), ((True, False), False)],
)
def test_two_numbers_are_a_range_and_everything_else_choices(values: tuple[int | str, ...], expected: bool) -> None:
    assert is_range(values) == expected


@pytest.mark.parametrize(
    ("values", "expected"), [((1.0, 10.0), True), ((10, 1), True), ((1.0, 9.9), False), ((0.0, 10.0), False)]
)
def test_a_range_of_tenfold_or_more_is_logarithmic(values: tuple[float, float], expected: bool) -> None:
    assert is_logarithmic(values) == expected


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (0.1234, "0.12"), (16, "16"), (True, "True"), ("a/b.jpg", "b.jpg")])
def test_values_are_shown_in_a_few_characters(value: float | str, text: str) -> None:
    assert show(value, 2) == text


def test_the_criterion_has_the_defaults_of_what_is_swept_and_what_is_given_once() -> None:
    base = TrainConfig(loss=LossConfig(texture="a.jpg", style_weight=1.0, tv_weight=0.5))
    sweep = Sweep(Path("sweep"), base, {"style_weight": (1.0, 2.0)})
    expected = LossConfig(texture="a.jpg", tv_weight=0.5)
    assert {sweep.criterion_loss(setting) for setting in sweep.grid()} == {expected}


def test_models_of_several_textures_are_compared_by_their_own() -> None:
    sweep = Sweep(Path("sweep"), TrainConfig(loss=LossConfig(texture="a.jpg")), {"texture": ("a.jpg", "b.jpg")})
    assert [sweep.criterion_loss(setting).texture for setting in sweep.grid()] == ["a.jpg", "b.jpg"]


def test_a_sweep_may_be_continued_as_it_is_and_with_more_values(make_sweep: MakeSweep) -> None:
    claim_folder(make_sweep(WEIGHTS))
    claim_folder(make_sweep(WEIGHTS))
    claim_folder(make_sweep({"style_weight": (30.0, 1.0, 5.0)}))


def test_a_sweep_may_be_continued_on_another_machine(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(WEIGHTS)
    claim_folder(sweep)
    moved = replace(sweep.base.data, data_dir="elsewhere", num_workers=3)
    claim_folder(replace(sweep, base=replace(sweep.base, data=moved, run=replace(sweep.base.run, device=DeviceConfig("cuda")))))


def test_a_folder_of_a_sweep_with_other_settings_is_refused_in_one_line(make_sweep: MakeSweep) -> None:
    claim_folder(make_sweep(WEIGHTS))
    other = make_sweep(WEIGHTS, epochs=3)
    with pytest.raises(ValueError, match=r"^--epochs 3: a sweep was begun with 1 in .*sweep; choose another --sweep_dir$"):
        claim_folder(other)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"axes": {"width": (4, 8)}}, r"another sweep was begun \(axes: style_weight\)"),
        ({"search": 3}, r"another sweep was begun \(mode: grid\)"),
    ],
)
def test_a_folder_of_another_kind_of_sweep_is_refused(change: dict[str, object], complaint: str, make_sweep: MakeSweep) -> None:
    claim_folder(make_sweep(WEIGHTS))
    with pytest.raises(ValueError, match=complaint):
        claim_folder(make_sweep(**{"axes": WEIGHTS, **change}))


@pytest.mark.parametrize("change", [{"axes": {"style_weight": (1.0, 31.0)}}, {"criterion": "style"}])
def test_a_search_keeps_its_space_and_its_aim(change: dict[str, object], make_sweep: MakeSweep) -> None:
    claim_folder(make_sweep(WEIGHTS, search=3))
    claim_folder(make_sweep(WEIGHTS, search=5))
    with pytest.raises(ValueError, match=r"another sweep was begun"):
        claim_folder(make_sweep(**{"axes": WEIGHTS, "search": 3, **change}))
