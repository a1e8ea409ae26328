"""texnet stylize and texnet live with videos: mistakes, targets, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.cli.helpers import STYLIZING, exit_code, fill
from tests.video.helpers import pan, times_of, write_clip
from texnet.cli.live import main as live
from texnet.cli.stylize import main
from texnet.images import load_image, save_image
from texnet.video.reading import VideoReader

pytest.importorskip("av", reason="needs PyAV: pip install 'texnet[video]'")

MISTAKES = {
    "a video that is not there": ("{tmp}/no.mp4", "{tmp}/no.mp4: no such video"),
    "a pattern that fits nothing": ("{tmp}/*.mkv", "{tmp}/*.mkv: no such video"),
    "pictures and videos": ("{photo} {tmp}/a.mp4", "pictures and videos: give them to a command each"),
    "a pattern of videos and a picture": ("{tmp}/?.mp4 {photo}", "pictures and videos: give them to a command each"),
    "times for a picture": ("{photo} --noise_factor 0:0 1:1", "--noise_factor: seconds:factor is for videos"),
    "a strip of videos": (
        "{tmp}/a.mp4 --noise_factor 0 1",
        "--noise_factor 0 1: a video has one, or several with their seconds",
    ),
    "a second without end": (
        "{tmp}/a.mp4 --noise_factor inf:0 1:1",
        "--noise_factor: seconds must be numbers, none negative",
    ),
    "no number": ("{tmp}/a.mp4 --noise_factor a:b", "argument --noise_factor: 'a' is not a number"),
    "a refined video": ("{tmp}/a.mp4 --refine 1", "--refine is for pictures"),
    "a panorama": ("{tmp}/a.mp4 --projection equirectangular", "--projection equirectangular is for pictures"),
    "strokes of another size": ("{tmp}/a.mp4 --stroke_size 2", "--stroke_size is for pictures"),
    "objects": ("{tmp}/a.mp4 --mask_from_coco {tmp}/x.json", "--mask_from_coco is for pictures"),
    "a rate for a picture": ("{photo} --fps 25", "--fps is for folders of frames"),
    "a suffix that is not written": ("{tmp}/a.mp4 --output {tmp}/x.avi", "cannot write a video as .avi; use .mp4"),
    "a codec that does not fit": (
        "{tmp}/a.mp4 --output {tmp}/x.webm --codec h264",
        "--codec h264: WebM holds vp9 and av1 alone",
    ),
    "a quality that is none": ("{tmp}/a.mp4 --crf 99", "--crf must be between 0 and 63"),
    "a strength beyond the network": ("{tmp}/a.mp4 --noise_factor 0:0 1:9", "--noise_factor 9: this network goes from 0 to 2"),
    "one file for two": ("{tmp}/a.mp4 {tmp}/b.mp4 --output {tmp}/x.mp4", "one file for 2 videos; name a folder"),
    "a pattern without a number": ("{tmp}/a.mp4 --output {tmp}/%d/%d.png", "give the number's place once"),
    "a mask of another shape": ("{tmp}/a.mp4 --mask {tmp}/wide.png", "pixels do not fit a picture of 64x48"),
    "an empty folder of frames": ("{empty} --fps 25", "{empty}: no pictures in it, so no frames of a film"),
}


@pytest.fixture
def videos(places: dict[str, str]) -> dict[str, str]:
    """Two videos more among the places, and a mask that does not fit them."""
    for name in ("a", "b"):
        write_clip(Path(places["tmp"], f"{name}.mp4"), pan(3))
    save_image(pan(1, size=(16, 64))[0], Path(places["tmp"], "wide.png"))
    return places


@pytest.mark.parametrize(("flags", "complaint"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_that_names_it(
    flags: str, complaint: str, videos: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(main, fill(f"{STYLIZING} {flags}", videos))
    printed = [line for line in capsys.readouterr().err.splitlines() if line.startswith("texnet: ")]
    assert (code, len(printed)) == (2, 1)
    assert complaint.format(**videos) in printed[0]


def test_several_videos_go_into_a_folder_and_a_broken_one_is_skipped(
    videos: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(videos["tmp"], "c.mp4").write_bytes(b"broken")
    assert exit_code(main, fill(f"{STYLIZING} {{tmp}}/?.mp4 --keep_colors 1", videos)) == 1
    assert "c.mp4: cannot be read as a video" in capsys.readouterr().err
    assert len(list(Path(videos["tmp"], "out").glob("*_stripes.mp4"))) == 2


def test_videos_that_are_done_are_skipped(videos: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, fill(f"{STYLIZING} {{tmp}}/a.mp4", videos)) == 0
    assert exit_code(main, fill(f"{STYLIZING} {{tmp}}/a.mp4 {{tmp}}/b.mp4", videos)) == 1
    assert "a_stripes.mp4 exists already" in capsys.readouterr().err
    assert Path(videos["tmp"], "out", "b_stripes.mp4").is_file()


def test_a_video_of_a_bracketed_name_is_itself(videos: dict[str, str]) -> None:
    write_clip(Path(videos["tmp"], "clip[1].mp4"), pan(2))
    write_clip(Path(videos["tmp"], "clip1.mp4"), pan(2))
    assert exit_code(main, fill(f"{STYLIZING} {{tmp}}/clip[1].mp4", videos)) == 0
    assert [path.name for path in Path(videos["tmp"], "out").iterdir()] == ["clip[1]_stripes.mp4"]


def test_where_a_mask_is_black_the_video_stays(videos: dict[str, str]) -> None:
    mask = torch.zeros(1, 3, 48, 64)
    mask[..., 32:] = 1
    save_image(mask, Path(videos["tmp"], "mask.png"))
    flags = "--ckpt {ckpt} {tmp}/a.mp4 --device cpu --mask {tmp}/mask.png --output {tmp}/rows/%03d.png"
    assert exit_code(main, fill(flags, videos)) == 0
    for number, frame in enumerate(VideoReader(Path(videos["tmp"], "a.mp4")), start=1):
        painted = load_image(Path(videos["tmp"], "rows", f"{number:03}.png"))
        assert torch.equal(painted[..., :32], frame.image[..., :32])
        assert not torch.equal(painted[..., 32:], frame.image[..., 32:])


def test_a_video_keeps_its_name_beside_the_styles(videos: dict[str, str]) -> None:
    assert exit_code(main, fill(f"{STYLIZING} {{tmp}}/a.mp4 {{tmp}}/b.mp4 --noise_factor 0:0 0.1:1", videos)) == 0
    folder = Path(videos["tmp"], "out")
    assert sorted(path.name for path in folder.iterdir()) == ["a_stripes.mp4", "b_stripes.mp4"]
    assert times_of(folder / "a_stripes.mp4") == [0.0, 0.04, 0.08]


def test_a_video_is_a_row_of_numbered_pictures(videos: dict[str, str]) -> None:
    assert exit_code(main, fill("--ckpt {ckpt} {tmp}/a.mp4 --device cpu --output {tmp}/rows/%03d.png", videos)) == 0
    assert sorted(path.name for path in Path(videos["tmp"], "rows").iterdir()) == ["001.png", "002.png", "003.png"]


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ("--camera {tmp}/a.mp4", "--ckpt is missing: name a trained network"),
        ("--ckpt {ckpt} --camera {tmp}/no.mp4", "{tmp}/no.mp4: no such video"),
        ("--ckpt {ckpt} --camera {tmp}/a.mp4 --noise_factor 9", "--noise_factor 9: this network goes from 0 to 2"),
        ("--ckpt {ckpt} --camera {tmp}/a.mp4 --output {photo}", "--output {photo}: a file; name a folder"),
        ("--ckpt {ckpt} --camera 97", "--camera 97: cannot be opened"),
    ],
)
def test_what_is_wrong_with_a_live_session_is_one_line(
    flags: str, complaint: str, videos: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(live, fill(f"--device cpu {flags}", videos)) == 2
    assert complaint.format(**videos) in capsys.readouterr().err
