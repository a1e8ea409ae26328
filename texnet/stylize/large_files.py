"""Stylize picture files that are too large for the memory: read, painted and written in tiles."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor

import texnet
from texnet.config import StylizeConfig
from texnet.devices import free_memory
from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.generators.plane_operations import Region
from texnet.images import size_at, to_bytes
from texnet.picture_files import Report, say_nothing
from texnet.picture_parts import PictureParts, open_parts, size_of
from texnet.png import save_strips
from texnet.stylize.canvas import Canvas, Grid
from texnet.stylize.colors import ColorKeeper
from texnet.stylize.mask_sources import Masks
from texnet.stylize.masks import factors_and_shares, levels_between, stylize_with_masks, used_levels
from texnet.stylize.stroke_size import stroke_canvases
from texnet.stylize.stylizer import StylizeFn, Stylizer
from texnet.stylize.tiles import TILE_MEMORY, TILES, TiledPainting
from texnet.tiff import save_tiff

READING = 32  # bytes per pixel of a picture that is read whole
STRIP = 256  # rows that are written at a time
FORMATS = (".png", ".tif", ".tiff")

OnWork = Callable[[float], object]


class LargePictures:
    """How networks paint pictures in tiles, each where its mask is; what a config asks for besides is done tile by tile, too.

    ``progress`` is called with the work that a picture takes, in any unit, and gives what gets every part that is done.
    """

    def __init__(
        self,
        networks: Sequence[Stylizer],
        config: StylizeConfig,
        progress: Callable[[float], OnWork] = lambda total: lambda work: None,
        log: Report = say_nothing,
    ) -> None:
        self.networks = networks
        self.config = config
        self.progress = progress
        self.log = log

    def takes(self, source: Path) -> bool:
        """Whether a picture is to be painted in tiles: with ``--tile`` if it is larger than one, else if memory is short."""
        config = self.config
        if config.refine or config.projection != "flat":
            return False
        height, width = size_of(source)
        if config.max_size and max(height, width) > config.max_size:
            height, width = size_at((height, width), config.max_size)
        if config.tile:
            return max(height, width) > config.tile
        needed = max(READING, *(network.bytes_per_pixel for network in self.networks))
        return height * width * needed > free_memory(self.networks[0].device)

    def stylize(self, source: Path, target: Path, masks: Masks | None = None) -> None:
        """Stylize one file. What an interrupted run left in a folder beside the result is used, if it was the same command.

        UserError where the format cannot be written in tiles, or the disk is too small.
        """
        if target.suffix.lower() not in FORMATS:
            raise UserError(f"{target}: too large to be written in one piece; use {' or '.join(FORMATS[:2])}")
        picture = open_parts(source, self.config.max_size)
        folder = target.with_name(f".{target.name}.tiles")
        self._prepare(folder, source)
        where = None if masks is None else masks(source, picture.size)  # (networks, H, W)
        job = _Job(self, picture, folder, where)
        total = sum(painting.work for painting in job.paintings)
        on_work = self.progress(total)
        for painting in job.paintings:
            painting.paint(on_work)
        size = picture.size[0], picture.size[1] * len(self.config.noise_factor)
        if target.suffix.lower() == ".png":
            save_strips(job.strips(), target, size, has_alpha=picture.has_alpha, exif=picture.exif)
        else:
            pyramid = self.config.tiff_pyramid
            save_tiff(job.strips(), target, size, folder, has_alpha=picture.has_alpha, pyramid=pyramid)
        shutil.rmtree(folder)

    @property
    def tile(self) -> int:
        """The side of a tile: the config's, else the largest of TILES for which there is memory enough."""
        if self.config.tile:
            return self.config.tile
        reach = max(network.generator.receptive_radius for network in self.networks)
        each = max(network.bytes_per_pixel for network in self.networks)
        limit = min(TILE_MEMORY, free_memory(self.networks[0].device) // 2)
        return next((tile for tile in TILES if (tile + 2 * reach) ** 2 * each <= limit), TILES[-1])

    def _prepare(self, folder: Path, source: Path) -> None:
        """Make the folder for what is not finished, empty unless an interrupted run of the same command left it."""
        status = source.stat()
        options = {key: value for key, value in asdict(self.config).items() if key not in ("output", "overwrite", "tile")}
        weights = sha256()
        for network in self.networks:
            for name, tensor in sorted(network.generator.state_dict().items()):
                weights.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
        file = [str(source.resolve()), status.st_size, status.st_mtime_ns]
        versions = [texnet.__version__, torch.__version__, torch.get_num_threads()]
        identity = json.dumps([file, options, self.tile, weights.hexdigest(), versions], sort_keys=True)
        record = folder / "command.json"
        if record.exists() and record.read_text() == identity:
            self.log(f"{source}: goes on from where it was interrupted")
            return
        shutil.rmtree(folder, ignore_errors=True)
        write_atomically(record, identity.encode())


class _Job:
    """One picture: what is to be painted, and how a region of the result is put together."""

    def __init__(self, large: LargePictures, picture: PictureParts, folder: Path, masks: Tensor | None) -> None:
        self.config = large.config
        self.picture = picture
        self.masks = masks
        self.grid = Grid(picture.size, large.tile)
        self.levels = [self._levels(factor) for factor in self.config.noise_factor] if masks is not None else []
        self.canvases: dict[tuple[int, float], Canvas] = {}
        self.paintings: list[TiledPainting] = []
        for place in sorted(self._wanted()):
            number, factor = place
            inner = folder / f"{number}-{factor:.6g}"
            canvases = stroke_canvases(
                large.networks[number],
                picture,
                factor,
                self.config.seed,
                self.config.stroke_size,
                inner,
                tile=large.tile,
                statistics=self.config.statistics,
            )
            self.canvases[place] = canvases[-1]
            self.paintings += [canvas for canvas in canvases if isinstance(canvas, TiledPainting)]

    def strips(self) -> Iterator[Tensor]:
        """The result from top to bottom, uint8 (3, h, W), or (4, h, W) with alpha."""
        height, width = self.picture.size
        for top in range(0, height, STRIP):
            regions = [
                Region(top, min(height, top + STRIP), left, min(width, left + self.grid.tile))
                for left in range(0, width, self.grid.tile)
            ]
            parts = [self._compose(number, region) for number in range(len(self.config.noise_factor)) for region in regions]
            yield torch.cat(parts, dim=2)

    def _compose(self, number: int, region: Region) -> Tensor:
        factor, seed = self.config.noise_factor[number], self.config.seed
        image = self.picture.read(region)
        stylizers = [self._stylizer(network, region) for network in range(1 if self.masks is None else len(self.masks))]
        if self.masks is None:
            output = stylizers[0](image, factor, seed)
        else:
            masks = region.cut_from(self.masks, Region(0, 0, 0, 0))
            output = stylize_with_masks(stylizers, image, masks, factor, seed, self.levels[number])
        pixels = to_bytes(output[0])
        return torch.cat([pixels, self.picture.alpha(region)[None]]) if self.picture.has_alpha else pixels

    def _stylizer(self, network: int, region: Region) -> StylizeFn:
        """What gives a region as it was painted, with the stages that change pixels alone."""

        def look_up(image: Tensor, noise_factor: float, seed: int) -> Tensor:
            return image if noise_factor == 0 else self.canvases[network, noise_factor].read(region)

        return ColorKeeper(look_up, self.config.keep_colors) if self.config.keep_colors else look_up

    def _wanted(self) -> set[tuple[int, float]]:
        """Which networks paint at which noise factors."""
        if self.masks is None:
            return {(0, factor) for factor in self.config.noise_factor if factor}
        wanted: set[tuple[int, float]] = set()
        for factor, levels in zip(self.config.noise_factor, self.levels, strict=True):
            for _, _, region in self.grid:
                factors, shares = factors_and_shares(region.cut_from(self.masks, Region(0, 0, 0, 0)), factor)
                for network, share in enumerate(shares):
                    wanted |= {(network, levels[k].item()) for k in used_levels(factors, share, levels) if levels[k]}
        return wanted

    def _levels(self, noise_factor: float) -> Tensor:
        assert self.masks is not None
        lows, highs = [], []
        for _, _, region in self.grid:
            factors, _ = factors_and_shares(region.cut_from(self.masks, Region(0, 0, 0, 0)), noise_factor)
            lows.append(float(factors.min()))
            highs.append(float(factors.max()))
        return levels_between(min(lows), max(highs))
