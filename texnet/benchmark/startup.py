"""From the command to the first stylized picture on disk, in fresh processes, in turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

import texnet
from texnet.benchmark.measure import alternate
from texnet.benchmark.setup import BASELINE, OURS, BenchmarkSetup, random_pictures
from texnet.benchmark.summary import Figure
from texnet.checkpoint import Checkpoint
from texnet.config import BenchmarkConfig
from texnet.devices import name_of
from texnet.fast_neural_style import TransformerNet
from texnet.generators import build_generator
from texnet.images import save_image
from texnet.reporting.tables import Table, format_number

PICTURE_SIZE = 256  # pixels
PROCESSES = {
    "ours": f"{OURS}: first picture",
    "baseline": f"{BASELINE}: first picture",
    "help": f"{OURS}: stylize --help",
    "torch": "import torch alone",
}

BASELINE_SCRIPT = """
import sys
import numpy, torch
from PIL import Image
from texnet.fast_neural_style import TransformerNet

weights, source, target, device = sys.argv[1:]
network = TransformerNet()
network.load_state_dict(torch.load(weights, weights_only=True))
network.to(device)
photo = torch.from_numpy(numpy.array(Image.open(source).convert("RGB"))).permute(2, 0, 1)[None].float()
with torch.no_grad():
    output = network(photo.to(device))[0].clamp(0, 255).cpu()
Image.fromarray(output.permute(1, 2, 0).byte().numpy()).save(target)
"""


@dataclass(frozen=True)
class StartUp:
    """Seconds of whole processes, every round: stylizing a picture of 256 pixels, printing help, importing torch."""

    rounds: dict[str, tuple[float, ...]]

    @property
    def seconds(self) -> dict[str, float]:
        """Medians over the rounds."""
        return {name: statistics.median(taken) for name, taken in self.rounds.items()}

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.seconds["baseline"] / self.seconds["ours"]

    def table(self) -> Table:
        """The commands below each other."""
        rows = [[PROCESSES[name], format_number(taken)] for name, taken in self.seconds.items()]
        title = f"Start-up: fresh processes that end with a picture of {PICTURE_SIZE} pixels on disk"
        return Table(("process", "seconds"), [*rows, ["ratio", format_number(self.ratio)]], title)

    def figures(self) -> Sequence[Figure]:
        """Seconds until the first picture."""
        return [Figure("s to the first picture", *(format_number(self.seconds[name]) for name in ("ours", "baseline")))]


def measure_startup(setup: BenchmarkSetup, config: BenchmarkConfig) -> StartUp:
    """Time whole processes in turns."""
    with tempfile.TemporaryDirectory() as folder:
        return StartUp(alternate(_commands(setup, Path(folder)), config.rounds))


def _commands(setup: BenchmarkSetup, folder: Path) -> dict[str, Callable[[], None]]:
    checkpoint, weights, photo = folder / "style.pt", folder / "baseline.pth", folder / "photo.png"
    generator = build_generator(setup.training.generator)
    Checkpoint(setup.training.generator, generator.state_dict(), ("random",)).save(checkpoint)
    torch.save(TransformerNet().state_dict(), weights)
    save_image(random_pictures(1, PICTURE_SIZE, PICTURE_SIZE), photo)
    device, ours, baseline = str(setup.device), folder / "ours.png", folder / "baseline.png"
    stylize = ["-m", "texnet", "stylize"]
    flags = ["--device", device, "--precision", name_of(setup.precision)]
    stylize_photo: list[str | Path] = [*stylize, "--ckpt", checkpoint, photo, "--output", ours, "--overwrite", *flags]
    return {
        "ours": partial(run_python, stylize_photo, makes=ours),
        "baseline": partial(run_python, ["-c", BASELINE_SCRIPT, weights, photo, baseline, device], makes=baseline),
        "help": partial(run_python, [*stylize, "--help"]),
        "torch": partial(run_python, ["-c", "import torch"]),
    }


def run_python(
    arguments: Sequence[str | Path], makes: Path | None = None, environment: Mapping[str, str] | None = None
) -> None:
    """Run a fresh Python, which finds this texnet, to its end; RuntimeError where it failed or made no such file.

    ``environment`` has variables that it gets beside those of this process.
    """
    if makes:
        makes.unlink(missing_ok=True)
    paths = [str(Path(texnet.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run([sys.executable, *map(str, arguments)], env=variables, capture_output=True, text=True, check=False)
    if done.returncode or (makes and not makes.is_file()):
        raise RuntimeError(f"{' '.join(map(str, arguments))} ended with code {done.returncode}: {done.stderr}")
