"""texnet distill: teach the compact perceptual network that texnet ships what VGG-19 sees."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.cli.runtime import keep_memory
from texnet.config import DataConfig, DistillConfig

if TYPE_CHECKING:
    import torch

    from texnet.losses.features import Features
    from texnet.training.distill import Projections, prepare
    from texnet.training.mixture import Mixture

CHECK_EVERY = 200  # steps between lines, and between files
WARMUP_STEPS = 100


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, teach, save."""
    run_command(lambda: distill(_parser().parse_args(argv)))


def distill(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config, data = from_options(DistillConfig, vars(arguments)), from_options(DataConfig, vars(arguments), DEFAULT_DATA)
    if not config.textures:
        raise ValueError("--textures is missing: name style pictures or their folder")
    keep_memory()
    import torch

    from texnet.checkpoint import load_checkpoint, restore_generator
    from texnet.data import CropLoader, build_photos
    from texnet.devices import choose_device, choose_precision
    from texnet.files import expand_paths
    from texnet.losses.features import Features
    from texnet.losses.weights import load_vgg_weights
    from texnet.training.distill import Projections
    from texnet.training.mixture import Mixture

    device = choose_device(config.device, cuda=config.cuda)
    paths = [path for path, _ in expand_paths(config.textures)]
    photos, _ = build_photos(data, seed=config.seed, device=device, on_unreadable=print)
    torch.manual_seed(config.seed)
    student = Features("compact", config.taps).to(device).to(memory_format=torch.channels_last)
    if config.init:
        student.load_vgg(torch.load(config.init, weights_only=True), config.init)
    teacher = Features("vgg19", config.taps)
    teacher.load_vgg(*load_vgg_weights("vgg19", config.vgg_weights))
    teacher = teacher.to(device, choose_precision("auto", device)).to(memory_format=torch.channels_last)
    generators = [restore_generator(load_checkpoint(path)) for path in config.ckpt]
    with CropLoader(photos, batch_size=data.batch_size, num_workers=data.num_workers, seed=config.seed) as loader:
        mixture = Mixture(loader, paths, generators, size=data.image_size, device=device, seed=config.seed)
        sample = torch.cat([mixture.fresh(-number) for number in range(1, config.projection_batches + 1)])
        projections = Projections(teacher, config.taps, sample)
        if not config.init:
            prepare(student, projections, sample[:16])
        _teach(student, projections, mixture, sample, config)
    print(f"written: {config.output}")
    return 0


def _teach(student: Features, projections: Projections, mixture: Mixture, sample: torch.Tensor, config: DistillConfig) -> None:
    import torch

    from texnet.devices import choose_precision
    from texnet.training.distill import Distillation, explained
    from texnet.training.schedule import Schedule

    distillation = Distillation(student, projections, config.seed)
    schedule = Schedule(config.max_steps, 60 * config.max_minutes, config.learning_rate, WARMUP_STEPS, 0, False)
    precision = choose_precision("auto", mixture.device)
    begin, step, progress = time.perf_counter(), 0, 0.0
    while progress < 1:
        rate = schedule.learning_rate_at(step, progress)
        with torch.autocast(mixture.device.type, precision, enabled=precision != torch.float32):
            parts = distillation.step(mixture.fresh(step), mixture.walker(step), rate)
        step += 1
        seconds = time.perf_counter() - begin
        progress = schedule.progress(step, seconds)
        if step % CHECK_EVERY == 0 or progress >= 1:
            with torch.no_grad():
                shares = explained(student(sample[:16]), projections(sample[:16], config.taps))
            told = " ".join(f"{name} {value:.3f}" for name, value in [*parts.items(), *shares])
            print(f"step {step} {seconds / 60:.1f} min: {told}", flush=True)
            _save(student, Path(config.output))


def _save(student: Features, path: Path) -> None:
    from io import BytesIO

    import torch

    from texnet.files import write_atomically

    buffer = BytesIO()
    torch.save({name: tensor.to(torch.float16).contiguous() for name, tensor in student.state_dict().items()}, buffer)
    write_atomically(path, buffer.getvalue())


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
