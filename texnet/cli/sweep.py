"""texnet sweep: one training at many settings, compared in a table and in pictures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.launch import STOPPED, stop_on_signals
from texnet.cli.options import Parser, add_options, from_options, split_axes, training_options
from texnet.config import DataConfig, GeneratorConfig, LossConfig, OptimConfig, RunConfig, SweepConfig
from texnet.errors import UserError

if TYPE_CHECKING:
    from texnet.sweep.settings import Sweep
    from texnet.sweep.table import RunResult

SWEPT = (DataConfig, GeneratorConfig, LossConfig, OptimConfig)
LIMITS = ("epochs", "max_steps", "max_minutes")
SHAPES = {"generator", "width", "num_blocks", "noise_channels"}


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train all settings, report the best."""
    run_command(lambda: sweep(_parser().parse_args(argv)))


def sweep(arguments: argparse.Namespace) -> int:
    """The command itself: 0 when all is trained, 130 when it was stopped with everything saved."""
    given = vars(arguments)
    config = from_options(SweepConfig, given)
    plan = _plan(config, given)
    print(_headline(plan, given), flush=True)
    tune_malloc()
    from texnet.devices import choose_device
    from texnet.sweep.criterion import EvaluatorCache
    from texnet.sweep.report import write_report, write_sheet
    from texnet.sweep.runs import Worker, run_grid
    from texnet.sweep.settings import claim_folder

    device = choose_device(plan.base.run.device.name)
    evaluators = EvaluatorCache(plan, device)
    evaluators.evaluator_for(plan.setting("", {}))  # finds mistakes before the folder is begun
    claim_folder(plan)
    with stop_on_signals() as stop:
        worker = Worker(device, evaluators, stop.is_set, _log)
        if plan.num_trials:
            from texnet.sweep.search import run_search

            done = run_search(plan, config.storage, worker, lambda: write_report(plan))
        else:
            done = run_grid(plan, worker, lambda: write_report(plan))
        results = write_report(plan)
        write_sheet(plan, device)
    _conclude(results, plan)
    if not done:
        print("stopped, all is saved; the same command continues")
    return 0 if done else STOPPED


def _plan(config: SweepConfig, given: dict[str, Any]) -> Sweep:
    from texnet.sweep.settings import Sweep, check_axes, check_installed, distinct, with_values

    check_installed(search=bool(config.num_trials))
    fixed, axes = split_axes(SWEPT, given)
    if "auto" in axes.get("features", ()):
        from texnet.losses import resolve_features

        found = resolve_features(LossConfig(vgg_weights=fixed.get("vgg_weights", "")), _log).features
        axes["features"] = tuple(found if name == "auto" else name for name in axes["features"])
    axes, alone = distinct(axes)
    fixed |= alone
    check_axes(axes, search=bool(config.num_trials))
    shapes = SHAPES & axes.keys()
    begin = {"init": "scratch"} if shapes and "init" not in given else {}  # few shapes have a pretrained generator
    base = training_options({**begin, **fixed, **{name: values[0] for name, values in axes.items()}})
    if begin:
        _log(f"all from scratch, as no pretrained generator has another {' or '.join(sorted(shapes))}")
    if not base.loss.texture:
        raise UserError("--texture is missing: name the style picture")
    folder = Path(config.sweep_dir or Path("sweeps", Path(base.loss.texture).stem))
    for name, values in axes.items():
        for value in values:
            with_values(base, {name: value})  # ValueError before anything is trained
    return Sweep(folder, base, axes, config.criterion, config.num_trials)


def _headline(plan: Sweep, given: dict[str, Any]) -> str:
    """What will be trained, in a line."""
    axes = ", ".join(plan.axes)
    what = (
        f"search of {plan.num_trials} trials over {axes}" if plan.num_trials else f"{len(plan.grid())} combinations of {axes}"
    )
    limits = {name: getattr(plan.base.optim, name) for name in LIMITS}
    words = [
        name.removeprefix("max_") + " as swept" if name in plan.axes else f"{value:g} {name.removeprefix('max_')}"
        for name, value in limits.items()
        if value
    ]
    stated = "" if any(name in given for name in LIMITS) else " (the default; --epochs, --max_steps or --max_minutes change it)"
    return f"{what}, each trained for {' or '.join(words)}{stated}, into {plan.folder}"


def _conclude(results: Sequence[RunResult], plan: Sweep) -> None:
    from texnet.sweep.criterion import explain_criterion
    from texnet.sweep.report import BEST
    from texnet.sweep.table import as_markdown, ranked, run_rows, whole_lines

    for result in results:
        if damage := whole_lines(result.setting)[1]:
            _log(damage)
    shown = {result.setting.folder for result in results}
    for path in plan.folder.glob("trial-*/config.json") if plan.num_trials else ():
        if path.parent not in shown:
            _log(f"{path}: damaged; the run is not shown")

    print(as_markdown(run_rows(results, plan)))
    print(f"criterion: {explain_criterion(plan)}")
    for best in ranked(results, plan.criterion)[:1]:
        print(f"best: {best.setting.name}, copied to {plan.folder / BEST}")
    print(f"table.md, table.csv, runs.csv, curves.png, sheet.png are in {plan.folder}")


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> Parser:
    parser = Parser(
        "sweep",
        "Train with many settings: every flag of the groups below the device takes several values.",
        example="--data_dir coco/ --texture mosaic.jpg --style_weight 5 10 20 --width 16 32",
    )
    add_options(parser, SweepConfig)
    add_options(parser, RunConfig, without=("checkpoint_dir", "run_name"))
    for config_type in SWEPT:
        add_options(parser, config_type, several=True, without=("no_content", "fixed_noise_factor"))
    return parser
