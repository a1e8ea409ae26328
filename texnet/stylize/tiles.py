"""Paint a picture of any size in tiles, at constant memory: the same picture as at once, to the last bit on the CPU.

The picture is swept several times, see :mod:`texnet.generators.statistics_sweeps`: first every norm's statistics are measured
over all of it, then the output is computed. Each sweep takes around a tile just what its layers reach.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from texnet.devices import autocast
from texnet.errors import UserError
from texnet.generators.base import padded_side, reflected, squash
from texnet.generators.noise import noise_at
from texnet.generators.plane_operations import Normalize, Region
from texnet.generators.planes import Plane, compute, planes_behind, record
from texnet.generators.statistics_sweeps import LIMITS, Sweep, peak_bytes, plan_sweeps
from texnet.ops import block_sums, merge_sums
from texnet.stylize.canvas import Canvas, Grid, TensorCanvas, TileFiles, reduce_canvas
from texnet.stylize.stylizer import Stylizer

TILES = (1024, 512, 256)  # sides to choose from
TILE_MEMORY = 700 * 2**20  # bytes at most for a tile
GUIDE_PIXELS = 2**20  # of the reduced picture whose statistics are taken for the whole
DISK_SHARE = 0.6  # of what is free, for files that spare work
RESULT_BYTES = 12.0  # per pixel of the painting

OnWork = Callable[[float], object]


class TiledPainting:
    """A canvas as a stylizer paints it at one noise factor, itself a canvas once :meth:`paint` is done.

    Its files lie in ``folder``: what is there from an interrupted run is not computed again. ``statistics`` are "exact", those
    of the whole picture, or of a "guide", the picture reduced to a megapixel, which paints another picture in one sweep.
    """

    def __init__(
        self,
        stylizer: Stylizer,
        canvas: Canvas,
        noise_factor: float,
        seed: int,
        folder: Path,
        tile: int,
        statistics: str = "exact",
    ) -> None:
        self.stylizer = stylizer
        self.canvas = canvas
        self.size = canvas.size
        self.noise_factor = noise_factor
        self.seed = seed
        self.folder = folder
        self.statistics = statistics
        generator = stylizer.generator
        height, width = (padded_side(side, generator.stride) for side in self.size)
        self.grid = Grid((height, width), math.lcm(tile, stylizer.block))
        uncalibrated = stylizer.calibration.uncalibrated(noise_factor)
        self.factor = torch.full((1,), uncalibrated, device=stylizer.device)
        channels = 3 + generator.noise_channels
        with torch.no_grad(), autocast(stylizer.precision, stylizer.device):
            self.output = record(generator.body, channels, (height, width), generator.conditioning(self.factor))
        self.order = planes_behind(self.output)
        self.result = TileFiles(folder / "result", self.grid, 3)
        self.sweeps = self._plan()

    @property
    def work(self) -> float:
        """What is left to do, in multiplications: sums up to what ``on_work`` of :meth:`paint` gets."""
        left = 0.0
        for number, sweep in enumerate(self.sweeps):
            done = self._done(number)
            places = (place for row, column, place in self.grid if not done[row, column])
            left += sweep.work * sum(place.size[0] * place.size[1] for place in places)
        return left

    def read(self, region: Region) -> Tensor:
        """A region of the painting, (1, 3, h, w) in [0, 1], on the CPU."""
        return self.result.read(region)

    @torch.no_grad()
    def paint(self, on_work: OnWork = lambda work: None) -> None:
        """Paint what is not there yet; ``on_work`` gets the work of each tile. UserError where the disk is too small."""
        if self.statistics == "guide":
            self._measure_guide()
        for number, sweep in enumerate(self.sweeps):
            self._run(number, sweep, on_work)

    @torch.no_grad()
    def measure(self, on_work: OnWork = lambda work: None) -> list[tuple[Tensor, Tensor]]:
        """The statistics of all norms, variance and mean, (C,) each, in the order in which a picture passes them."""
        for number, sweep in enumerate(self.sweeps[:-1]):
            self._run(number, sweep, on_work)
        return [norm.statistics for norm in self._norms if norm.statistics is not None]

    @property
    def _norms(self) -> list[Normalize]:
        return [plane.operation for plane in self.order if isinstance(plane.operation, Normalize)]

    def _plan(self) -> list[Sweep]:
        """The sweeps with the least work that the disk has room for, or of the interrupted run; with a guide the last one."""
        if self.statistics == "guide":
            return plan_sweeps(self.output, 0)[-1:]
        chosen = self.folder / "limit"
        if chosen.exists():
            return plan_sweeps(self.output, float(chosen.read_text()))
        self.folder.mkdir(parents=True, exist_ok=True)
        pixels, free = self.size[0] * self.size[1], shutil.disk_usage(self.folder).free
        for limit in LIMITS:
            sweeps = plan_sweeps(self.output, limit)
            needed = pixels * (peak_bytes(sweeps, self.output) + RESULT_BYTES)
            if needed <= free * (DISK_SHARE if limit else 1):
                chosen.write_text(str(limit))
                return sweeps
        gigabytes = f"{needed / 2**30:.0f} GB of files while it is painted, {free / 2**30:.0f} are free in {self.folder}"
        raise UserError(f"{self.size[1]}x{self.size[0]} pixels need {gigabytes}; give another --output, or --max_size")

    def _measure_guide(self) -> None:
        ratio = max(1, math.ceil(math.sqrt(self.size[0] * self.size[1] / GUIDE_PIXELS)))
        guide = TensorCanvas(reduce_canvas(self.canvas, ratio, self.grid.tile))
        small = TiledPainting(self.stylizer, guide, self.noise_factor, self.seed, self.folder / "guide", self.grid.tile)
        for norm, statistics in zip(self._norms, small.measure(), strict=True):
            norm.statistics = statistics

    def _run(self, number: int, sweep: Sweep, on_work: OnWork) -> None:
        """Do the tiles of a sweep that are not done, then set the statistics that it measured, and delete what it read last."""
        done = self._done(number)
        sums = {norm: self._sums(norm) for norm in sweep.measured}
        for row, column, place in self.grid:
            if not done[row, column]:
                self._do_tile(sweep, row, column, place, sums)
                done[row, column] = 1
                on_work(sweep.work * place.size[0] * place.size[1])
            if column == self.grid.columns - 1 and row:
                for plane in sweep.dropped:
                    self._files(plane).drop_row(row - 1)
        for norm, table in sums.items():
            assert isinstance(norm.operation, Normalize)
            statistics = merge_sums(table, norm.shape[2] * norm.shape[3])
            norm.operation.statistics = statistics[0].to(self.stylizer.device), statistics[1].to(self.stylizer.device)
        for plane in sweep.dropped:
            self._files(plane).drop()

    def _do_tile(self, sweep: Sweep, row: int, column: int, place: Region, sums: dict[Plane, Tensor]) -> None:
        wanted = {plane: self._on(plane, place) for plane in [*sweep.wanted, *sweep.kept]}
        with autocast(self.stylizer.precision, self.stylizer.device):
            values = compute(wanted, self.order, sweep.read, self._read_plane)
        for norm, table in sums.items():
            (source,) = norm.sources
            block = self._block(norm)
            top, left = wanted[source].top // block, wanted[source].left // block
            part = block_sums(values[source], block).cpu()  # (R, S, 2, C)
            table[top : top + part.shape[0], left : left + part.shape[1]] = part
        for plane in sweep.kept:
            self._files(plane).write(row, column, values[plane])
        if not sweep.measured:
            self.result.write(row, column, self._finish(values[self.output], place))

    def _read_plane(self, plane: Plane, region: Region) -> Tensor:
        if plane.sources:
            return self._files(plane).read(region).to(self.stylizer.device)
        rows, columns, content = self._look(region)
        generator = self.stylizer.generator
        noise = noise_at(self.seed, generator.noise_channels, rows, columns, device=self.stylizer.device)
        return generator.body_input(noise, content, self.factor).contiguous(memory_format=torch.channels_last)

    def _look(self, region: Region) -> tuple[Tensor, Tensor, Tensor]:
        """Rows, columns and pixels, (1, 3, h, w), of the canvas continued to the sides of the grid."""
        rows = reflected(self.size[0], self.grid.size[0])[region.top : region.bottom]
        columns = reflected(self.size[1], self.grid.size[1])[region.left : region.right]
        around = Region(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)
        content = self.canvas.read(around).to(self.stylizer.device)
        if around.size != region.size or around.bottom == self.size[0] or around.right == self.size[1]:
            content = content[:, :, (rows - around.top).to(content.device)][..., (columns - around.left).to(content.device)]
        return rows, columns, content

    def _finish(self, x: Tensor, place: Region) -> Tensor:
        """A tile of the painting from what the body gives there; what lies beyond the picture does not matter."""
        output, generator, shows_photo = squash(x), self.stylizer.generator, bool(self.factor < 1)
        if not (shows_photo or generator.keeps_chroma):
            return output.clamp(0, 1)
        return generator.blend(output, self._look(place)[2], self.factor, blend=shows_photo)

    def _on(self, plane: Plane, place: Region) -> Region:
        """The region of a plane that a tile stands for."""
        ratio = self.grid.size[0] // plane.size[0]
        return Region(*(-(-side // ratio) for side in place))

    def _block(self, plane: Plane) -> int:
        return self.stylizer.block * plane.size[0] // self.grid.size[0]

    def _files(self, plane: Plane) -> TileFiles:
        grid = Grid(plane.size, self.grid.tile * plane.size[0] // self.grid.size[0])
        return TileFiles(self.folder / f"plane-{self.order.index(plane)}", grid, plane.shape[1])

    def _sums(self, norm: Plane) -> Tensor:
        """The sums over all blocks of a norm's input, (R, S, 2, C), in a file."""
        rows, columns = (-(-side // self._block(norm)) for side in norm.size)
        path = self.folder / f"sums-{self.order.index(norm)}"
        size = rows * columns * 2 * norm.shape[1]
        return torch.from_file(str(path), shared=True, size=size, dtype=torch.float64).view(rows, columns, 2, -1)

    def _done(self, number: int) -> Tensor:
        """Which tiles of a sweep are done, (rows, columns), in a file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path, size = self.folder / f"done-{number}", self.grid.rows * self.grid.columns
        return torch.from_file(str(path), shared=True, size=size, dtype=torch.uint8).view(self.grid.rows, self.grid.columns)
