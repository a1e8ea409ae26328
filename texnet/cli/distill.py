"""texnet distill: teach the compact perceptual network that texnet ships what VGG-19 sees."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import DataConfig, DistillConfig
from texnet.errors import UserError

CHECKED = 16  # pictures on which the student is compared with VGG-19
WARMUP_STEPS = 100


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, teach, save."""
    run_command(lambda: distill(_parser().parse_args(argv)))


def distill(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config, data = from_options(DistillConfig, vars(arguments)), from_options(DataConfig, vars(arguments), DEFAULT_DATA)
    if not config.textures:
        raise UserError("--textures is missing: name style pictures or their folder")
    if config.init and not Path(config.init).is_file():
        raise FileNotFoundError(f"--init {config.init}: no such file")
    tune_malloc()
    import torch

    from texnet.checkpoint import Checkpoint
    from texnet.data import CropLoader, build_photos
    from texnet.devices import choose_device, choose_precision
    from texnet.files import expand_paths
    from texnet.pretraining.channel_selection import build_pair, initialize_student, save_student
    from texnet.pretraining.distill import Distillation
    from texnet.pretraining.distill_data import DistillationData
    from texnet.training.schedule import Schedule

    device = choose_device(config.device, cuda=config.cuda)
    paths = [path for path, _ in expand_paths(config.textures)]
    photos, _ = build_photos(data, seed=config.seed, device=device, on_unreadable=report_skipped)
    torch.manual_seed(config.seed)
    precision = choose_precision("auto", device)
    student, vgg = build_pair(config.taps, config.vgg_weights, device, precision)
    generators = [Checkpoint.load(path).generator() for path in config.ckpt]
    with CropLoader(photos, batch_size=data.batch_size, num_workers=data.num_workers, seed=config.seed) as loader:
        stream = DistillationData(loader, paths, generators, size=data.image_size, device=device, seed=config.seed)
        sample = torch.cat([stream.fresh(-number) for number in range(1, config.sample_batches + 1)])
        teacher = initialize_student(student, vgg, sample, config.init)
        schedule = Schedule(config.max_steps, 60 * config.max_minutes, config.learning_rate, WARMUP_STEPS, 0, False)

        def on_check(step: int, seconds: float, values: dict[str, float]) -> None:
            told = " ".join(f"{name} {value:.3f}" for name, value in values.items())
            print(f"step {step} {seconds / 60:.1f} min: {told}", flush=True)
            save_student(student, teacher, Path(config.output))

        Distillation(student, teacher, config.seed, precision).fit(stream, sample[:CHECKED], schedule, on_check)
    print(f"written: {config.output}")
    return 0


DEFAULT_DATA = DataConfig(image_size=96, batch_size=6)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet distill",
        description="Teach a small network what VGG-19 sees, so that training needs no download.",
        epilog="example: python scripts/distill.py --data_dir coco/ --textures styles/ --max_minutes 60 --output compact.pt",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, DistillConfig)
    add_options(parser, DataConfig, DEFAULT_DATA)
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
