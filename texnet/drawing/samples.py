"""Pictures to try texnet on without a download: drawn scenes, and scikit-image's public-domain photos."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from texnet.drawing.scene import draw_scene
from texnet.errors import UserError
from texnet.files import write_atomically

NUM_SCENES = 60
PHOTO_NAMES = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left")
SCENE_SIZE = 512  # of a single scene, pixels


def save_sample_photos(folder: Path, num_scenes: int = NUM_SCENES, *, log: Callable[[str], object] = lambda line: None) -> Path:
    """Write drawn scenes, and scikit-image's photos where it is installed, into a folder; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(num_scenes):
        path = folder / f"scene-{number:03d}.png"
        if not path.exists():
            draw_scene(seed=number).save(path)
    photos = [path for name in PHOTO_NAMES for path in _shipped_photos(name)]
    if not photos:
        log("scikit-image is not installed: drawn scenes only")
    for found in photos:
        write_atomically(folder / found.name, found.read_bytes())
    return folder


def sample_photo(name: str) -> Path:
    """The file of one of scikit-image's photos. UserError where that is not installed, with the remedy."""
    found = next(iter(_shipped_photos(name)), None)
    if found is None:
        raise UserError(f"the photo {name} comes with scikit-image: pip install 'texnet[demo]', or scikit-image")
    return found


def _shipped_photos(name: str) -> list[Path]:
    """The files of that name among scikit-image's pictures; none where it is not installed."""
    try:
        import skimage.data
    except ImportError:
        return []
    return list(Path(skimage.data.__file__).parent.glob(f"{name}.*"))


def save_sample_scene(folder: Path, seed: int = 0, *, overwrite: bool = False) -> Path:
    """Write one drawn scene, scene.png, into a folder; the file. FileExistsError where there is another picture."""
    path, buffer = folder / "scene.png", BytesIO()
    draw_scene(SCENE_SIZE, seed).save(buffer, "PNG")
    drawn = buffer.getvalue()
    if path.exists() and path.read_bytes() != drawn and not overwrite:
        raise FileExistsError(f"{path} exists already and is not the sample scene: name a picture, or give --overwrite")
    write_atomically(path, drawn)
    return path
