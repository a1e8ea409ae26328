"""The files of Visdom's page, in the user's cache folder, so that the server works without a network.

Visdom's wheel lacks them, and its server downloads them at its first start or ends. Here they are downloaded once, by Visdom's
own function or by npm, which also works where only a package registry can be reached.
"""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from texnet.caches import cache_folder, exists, is_temporary, writable_folder
from texnet.errors import UserError
from texnet.files import write_atomically

DOWNLOAD_TIMEOUT = 60  # seconds for Visdom's function, and for npm
MATHJAX = {
    "2.7.5": (
        "MathJax.js", "config/Safe.js", "config/TeX-AMS-MML_HTMLorMML.js", "extensions/Safe.js", "jax/output/SVG/jax.js",
        "jax/output/SVG/config.js", "jax/output/SVG/fonts/TeX/fontdata.js",
        "jax/output/SVG/fonts/TeX/Size1/Regular/Main.js",
    ),
    "3.2.2": ("es5/tex-mml-svg.js",),
}  # fmt: skip


def visdom_assets(log: Callable[[str], None] = lambda text: None) -> Path:
    """The folder with Visdom's complete page, filled on first use. UserError where the files cannot be downloaded.

    ``log`` gets a line before a download.
    """
    visdom: Any = importlib.import_module("visdom")
    package = Path(visdom.__file__).parent / "static"
    static = cache_folder() / f"visdom-{visdom.__version__}" / "static"
    if missing_files(static):
        static = writable_folder(static.parent, "the files of Visdom's page", log) / "static"
        shutil.copytree(package, static, dirs_exist_ok=True)
    if missing_files(static):
        log(f"downloading the files of Visdom's page, once, into {static}")
    for download in (_download_by_visdom, _download_by_npm):
        if missing_files(static):
            download(static)
    missing = missing_files(static)
    if missing:
        raise UserError(
            f"Visdom's page lacks {len(missing)} files, such as {missing[0]}, and neither its own download nor npm could get "
            f"them; connect once, or {_remedy(static)}"
        )
    return static


def _remedy(static: Path) -> str:
    return "name a folder that has them in XDG_CACHE_HOME" if is_temporary(static) else f"copy them to {static}"


def missing_files(static: Path) -> list[str]:
    """Files that Visdom's page refers to and that do not exist."""
    if not exists(static / "index.html"):
        return ["index.html"]
    names = re.findall(r"""static_url\(["']([^"']+)["']\)""", _page(static))
    return [name for name in names if not name.startswith("..") and not (static / name).is_file()]


def _download_by_visdom(static: Path) -> None:
    """Call Visdom's own function in another process, as it has no timeouts and exits on errors."""
    command = "import sys; from visdom.server.build import download_scripts; download_scripts(install_dir=sys.argv[1])"
    _run([sys.executable, "-c", command, str(static.parent)], static.parent)


def _download_by_npm(static: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        return
    packages = _npm_files(static)
    with tempfile.TemporaryDirectory() as folder:
        archives = _run([npm, "pack", "--silent", *packages], Path(folder)).split()
        for archive, files in zip(archives, packages.values(), strict=False):
            with tarfile.open(Path(folder, archive)) as tar:
                for source, target in files.items():
                    member = tar.extractfile(f"package/{source}")
                    if member is not None:
                        write_atomically(static / target, member.read())


def _run(command: list[str], folder: Path) -> str:
    """What a command printed; an empty string where it fails or takes too long."""
    try:
        done = subprocess.run(command, cwd=folder, timeout=DOWNLOAD_TIMEOUT, capture_output=True, text=True, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _npm_files(static: Path) -> dict[str, dict[str, str]]:
    """Package -> {file in it: file of the page}; the versions are those of Visdom's own download."""
    grid, resizable, mathjax = ("0.16.3", "1.4.6", "2.7.5") if "2.7.5" in _page(static) else ("2.2.3", "3.1.3", "3.2.2")
    fonts = {
        f"dist/fonts/{name}": f"fonts/{name}"
        for name in (f"glyphicons-halflings-regular.{e}" for e in ("eot", "woff", "woff2", "ttf"))
    }
    return {
        "jquery@3.1.1": {"dist/jquery.min.js": "js/jquery.min.js"},
        "bootstrap@3.3.7": {
            "dist/js/bootstrap.min.js": "js/bootstrap.min.js",
            "dist/css/bootstrap.min.css": "css/bootstrap.min.css",
            **fonts,
        },
        "react@16.2.0": {"umd/react.production.min.js": "js/react-react.min.js"},
        "react-dom@16.2.0": {"umd/react-dom.production.min.js": "js/react-dom.min.js"},
        "react-modal@3.1.10": {"dist/react-modal.min.js": "js/react-modal.min.js"},
        "sjcl@1.0.7": {"sjcl.js": "js/sjcl.js"},
        "plotly.js-dist-min@2.11.1": {"plotly.min.js": "js/plotly-plotly.min.js"},
        "layout-bin-packer@1.4.0": {"dist/layout-bin-packer.js": "js/layout_bin_packer.js"},
        "d3@3": {"d3.min.js": "js/d3.v3.min.js"},
        "d3-selection-multi@1": {"build/d3-selection-multi.js": "js/d3-selection-multi.v1.js"},
        "save-svg-as-png@1.4.17": {"lib/saveSvgAsPng.js": "js/saveSvgAsPng.js"},
        f"react-resizable@{resizable}": {"css/styles.css": "css/react-resizable-styles.css"},
        f"react-grid-layout@{grid}": {"css/styles.css": "css/react-grid-layout-styles.css"},
        f"mathjax@{mathjax}": {name: f"js/mathjax/{mathjax}/{name}" for name in MATHJAX[mathjax]},
    }


def _page(static: Path) -> str:
    return (static / "index.html").read_text(encoding="utf-8")
