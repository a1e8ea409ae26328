"""Train in one call, as ``texnet train`` does: ``texnet.train(config)``."""

from __future__ import annotations

from pathlib import Path

from texnet.config import TrainConfig
from texnet.devices import choose_device
from texnet.training.fit import fit_watched
from texnet.training.run_dir import STYLE_FILE, new_folder


def train(config: TrainConfig, run_dir: str | Path | None = None) -> Path:
    """Train as the config says and return the file style.pt, for :meth:`texnet.Stylizer.load`.

    The run's folder is ``run_dir``, or a new one in ``config.run.checkpoint_dir``. Progress goes to the terminal, the folder
    and, with ``config.run.viz``, to Visdom. UserError or OSError say what is wrong with the config or its files.
    """
    if run_dir is None:
        run_dir = new_folder(Path(config.run.checkpoint_dir), config.run.run_name, config.loss.texture)
    folder = Path(run_dir)
    fit_watched(config, folder, device=choose_device(config.run.device.name), stop_requested=lambda: False)
    return folder / STYLE_FILE
