"""onnxruntime-web, which a page brings along: from a folder that the user names, the user's caches, or npm."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from texnet.caches import cache_folder
from texnet.errors import UserError
from texnet.files import is_folder, write_atomically

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"  # the version that the page was tried with
# files of its folder dist, by the names that they get on the page: not every server knows the suffix mjs
WASM_FILES = {
    "ort.wasm.min.mjs": "ort.wasm.js",
    "ort-wasm-simd-threaded.mjs": "ort-wasm.js",
    "ort-wasm-simd-threaded.wasm": "ort-wasm.wasm",
}
WEBGPU_FILES = {
    "ort.webgpu.min.mjs": "ort.webgpu.js",
    "ort-wasm-simd-threaded.asyncify.mjs": "ort-webgpu.js",
    "ort-wasm-simd-threaded.asyncify.wasm": "ort-webgpu.wasm",
}
NPM_SECONDS = 600


def find_runtime(folder: str, *, webgpu: bool) -> tuple[str, dict[str, Path]]:
    """The version of onnxruntime-web, and its files by their names on the page.

    ``folder`` is that of the npm package; without one it is taken from the user's caches, where npm puts it if it is not
    there. UserError where none can be had.
    """
    package = Path(folder) if folder else cached_runtime()
    if not folder and not is_folder(package / "dist"):
        _fetch(package)
    wanted = WASM_FILES | (WEBGPU_FILES if webgpu else {})
    files = {target: package / "dist" / name for name, target in wanted.items()}
    missing = next((path for path in files.values() if not path.is_file()), None)
    if missing is not None:
        raise UserError(f"--runtime {package}: not the npm package {PACKAGE}, of version {VERSION} or near: no {missing.name}")
    return _version(package), files


def cached_runtime() -> Path:
    """The folder of the package in the user's caches, which may not exist yet."""
    return cache_folder() / f"{PACKAGE}-{VERSION}"


def _fetch(target: Path) -> None:
    """Let npm download the package, and keep what a page needs of it in ``target``."""
    npm = shutil.which("npm")
    if npm is None:
        raise UserError(
            f"--format web needs {PACKAGE}: name a folder of its npm package, --runtime node_modules/{PACKAGE}, "
            "or install npm, which then downloads it once"
        )
    with tempfile.TemporaryDirectory() as temporary:
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", temporary]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=NPM_SECONDS, cwd=temporary)
            reason = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        except subprocess.TimeoutExpired:
            reason = f"no answer within {NPM_SECONDS} seconds"
        archive = next(Path(temporary).glob("*.tgz"), None)
        if archive is None:
            raise UserError(f"npm could not download {PACKAGE} {VERSION}, {reason}: name its folder with --runtime")
        _unpack(archive.read_bytes(), target)


def _unpack(archive: bytes, target: Path) -> None:
    """Write the files that a page needs out of npm's archive, ``package.json`` first: its folder dist comes last, whole."""
    names = [*WASM_FILES, *WEBGPU_FILES]
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        contents = {name: _read(package, f"package/dist/{name}") for name in names}
        write_atomically(target / "package.json", _read(package, "package/package.json"))
    with tempfile.TemporaryDirectory(dir=target) as temporary:
        for name, content in contents.items():
            write_atomically(Path(temporary) / "dist" / name, content)
        (Path(temporary) / "dist").rename(target / "dist")


def _read(package: tarfile.TarFile, name: str) -> bytes:
    try:
        member = package.extractfile(name)
    except KeyError:
        member = None
    if member is None:
        raise UserError(f"npm's {PACKAGE} {VERSION} has no {Path(name).name}: name another folder of it with --runtime")
    return member.read()


def _version(package: Path) -> str:
    try:
        return str(json.loads((package / "package.json").read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"--runtime {package}: not an npm package: no package.json that names a version") from error
