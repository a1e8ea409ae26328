"""From file to file: times, sound, rotation and colors are kept, what is done is kept, what is wrong is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.video.helpers import HEIGHT, WIDTH, frames_of, packets, pan, scene, times_of, write_clip
from texnet.config import StylizeConfig
from texnet.config.stylize import TimedFactor
from texnet.errors import UserError
from texnet.images import load_image, save_image
from texnet.stylize import Stylizer
from texnet.video import parts as parts_module
from texnet.video.convert import Outcome, job_of, open_reader, stylize_video
from texnet.video.folders import FrameFiles
from texnet.video.parts import Parts
from texnet.video.reading import VideoReader

pytest.importorskip("av", reason="needs PyAV: pip install 'texnet[video]'")

Run = Callable[..., Outcome]


@pytest.fixture
def run(stylizer: Stylizer, ckpt: Path, tmp_path: Path) -> Run:
    """Stylizes a video into out.mp4, or another output, of the test's folder."""

    def stylize(
        source: Path, output: str = "out.mp4", *, stop_after: int = 10**9, fps: float = 0.0, **flags: object
    ) -> Outcome:
        config = dataclasses.replace(StylizeConfig(ckpt=(str(ckpt),), fps=fps), **flags)
        reader = open_reader(source, fps)
        job, target = job_of(reader, config), tmp_path / output
        writes = (
            FrameFiles(str(target), job, overwrite=config.overwrite)
            if "%" in output
            else Parts(target, job, overwrite=config.overwrite, log=print)
        )
        done: list[int] = []
        return stylize_video([stylizer], reader, writes, config, on_frame=done.append, stop=lambda: len(done) >= stop_after)

    return stylize


def test_times_sound_and_size_are_those_of_the_source(run: Run, tmp_path: Path) -> None:
    times = [0, 40, 95, 110, 400, 440, 480, 530]
    source = write_clip(tmp_path / "clip.mp4", pan(8), times=times, sound=True)
    outcome = run(source)
    assert (outcome.num_frames, outcome.is_complete) == (8, True)
    assert times_of(tmp_path / "out.mp4") == times_of(source) == [time / 1000 for time in times]
    assert packets(tmp_path / "out.mp4") == packets(source)
    assert (frames_of(tmp_path / "out.mp4")[0].height, frames_of(tmp_path / "out.mp4")[0].width) == (HEIGHT, WIDTH)
    assert not (tmp_path / "out.mp4.parts").exists()


def test_at_noise_factor_zero_colors_stay(run: Run, tmp_path: Path) -> None:
    for number, tags in enumerate([(5, 1, 6, 6), (1, 1, 1, 1), (1, 2, 1, 1)]):
        source = write_clip(tmp_path / f"clip{number}.mp4", pan(3), tags=tags)
        run(source, f"out{number}.mp4", noise_factor=(0.0,), crf=1)
        before, after = VideoReader(source), VideoReader(tmp_path / f"out{number}.mp4")
        assert after.facts.colors == before.facts.colors
        for a, b in zip(before, after, strict=True):
            assert float((a.image - b.image).abs().mean()) < 2 / 255
            assert abs(float((a.image - b.image).mean())) < 0.7 / 255  # default conversions lose more than 1


def test_a_video_of_a_turned_phone_is_upright(run: Run, tmp_path: Path) -> None:
    frames = pan(3)
    source = write_clip(tmp_path / "clip.mp4", frames, rotation=90)
    run(source, noise_factor=(0.0,), crf=1)
    shown = VideoReader(tmp_path / "out.mp4")
    assert shown.facts.size == (WIDTH, HEIGHT)
    first = next(iter(shown)).image
    assert float((first - torch.rot90(frames[0], 1, (2, 3))).abs().mean()) < 5 / 255
    assert frames_of(tmp_path / "out.mp4")[0].rotation == 0


def test_an_interrupted_video_is_playable_and_goes_on_to_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts_module, "FRAMES_PER_PART", 3)
    source = write_clip(tmp_path / "clip.mp4", pan(11), sound=True)
    stopped = run(source, stop_after=5)
    assert (stopped.num_frames, stopped.is_complete) == (5, False)
    assert times_of(tmp_path / "out.mp4") == times_of(source)[:5]
    sound = packets(tmp_path / "out.mp4")
    assert sound == packets(source)[: len(sound)]
    assert sound[-1][0] < 0.2
    assert run(source).num_frames == 11
    assert times_of(tmp_path / "out.mp4") == times_of(source)
    assert packets(tmp_path / "out.mp4") == packets(source)


def test_frames_after_an_interruption_are_those_without_one(run: Run, tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", pan(4, seed=1) + pan(4, (2, 1), seed=5))
    for stop_after in (3, 5):
        run(source, "painted/%d.png", stop_after=stop_after)
    run(source, "painted/%d.png")
    run(source, "whole/%d.png")
    for number in range(1, 9):
        assert (tmp_path / "painted" / f"{number}.png").read_bytes() == (tmp_path / "whole" / f"{number}.png").read_bytes()


def test_what_another_command_began_is_not_lost_by_mistake(run: Run, tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", pan(6))
    run(source, stop_after=3)
    with pytest.raises(UserError, match=r"out\.mp4\.parts: the beginning of a video by another command; give --overwrite"):
        run(source, seed=1)
    assert run(source, seed=1, overwrite=True).is_complete
    with pytest.raises(FileExistsError, match=r"out\.mp4 exists already: give --overwrite"):
        run(source)


def test_an_error_keeps_the_frames_before_it(run: Run, tmp_path: Path, stylizer: Stylizer) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate([*pan(4), scene(96)]):
        save_image(frame, folder / f"{number}.png")
    with pytest.raises(UserError, match=r"4\.png: another size than the frames before, 96x96 and 64x48"):
        run(folder, fps=25)
    assert [path.name for path in (tmp_path / "out.mp4.parts").glob("*.mp4")] == ["00000000-00000004.mp4"]


def test_a_video_that_is_cut_off_gives_what_it_has(run: Run, tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "clip.mkv", pan(30)).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    outcome = run(cut)
    assert 5 < outcome.num_frames < 30
    assert len(times_of(tmp_path / "out.mp4")) == outcome.num_frames


def test_a_gap_is_kept_and_told(run: Run, tmp_path: Path) -> None:
    times = [0, 40, 80, 4080, 4120]
    outcome = run(write_clip(tmp_path / "clip.mp4", pan(5), times=times))
    assert times_of(tmp_path / "out.mp4") == [time / 1000 for time in times]
    assert [problem for problem in outcome.problems if problem.startswith("no frames from 0.")]


def test_one_frame_is_a_video(run: Run, tmp_path: Path) -> None:
    assert run(write_clip(tmp_path / "clip.mp4", pan(1))).num_frames == 1
    assert len(times_of(tmp_path / "out.mp4")) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "an empty file"), (b"no video" * 99, "cannot be read as a video"), (None, "no such video")],
    ids=["empty", "text", "missing"],
)
def test_what_is_no_video_is_named(content: bytes | None, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((UserError, OSError), match=rf"clip\.mp4: {complaint}"):
        VideoReader(path)


def test_hdr_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"HDR \(PQ\), which networks for photos do not know"):
        VideoReader(write_clip(tmp_path / "clip.mp4", pan(2), tags=(9, 1, 9, 16)))


def test_odd_sides_and_other_containers_are_written(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(pan(3, size=(49, 63))):
        save_image(frame, folder / f"{number:03}.png")
    for output in ("out.mkv", "out.webm", "out.mov"):
        assert run(folder, output, fps=12.5).is_complete
        assert VideoReader(tmp_path / output).facts.size == (49, 63)
        assert times_of(tmp_path / output) == [0.0, 0.08, 0.16]


def test_a_colon_in_a_name_is_no_protocol(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_clip(tmp_path / "clip.mp4", pan(2)).rename(tmp_path / "12:30.mp4")
    monkeypatch.chdir(tmp_path)
    assert run(Path("12:30.mp4"), "13:30.mp4").is_complete


def test_an_encoder_that_refuses_is_named(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    save_image(pan(1, size=(49, 63))[0], folder / "1.png")
    with pytest.raises(UserError, match="av1 cannot be written"):
        run(folder, "out.mp4", fps=25, codec="av1")
    assert not (tmp_path / "out.mp4").exists()


def test_no_file_of_the_users_is_taken_for_the_jobs(run: Run, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text("mine")
    assert run(write_clip(tmp_path / "clip.mp4", pan(2)), "%d.png").is_complete
    assert (tmp_path / "job.json").read_text() == "mine"
    assert not list(tmp_path.glob(".*"))


def test_frames_of_a_folder_become_frames_of_another(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(pan(5)):
        save_image(frame, folder / f"shot {8 + number}.png")
    (folder / "shot 10.png").write_bytes(b"broken")
    assert run(folder, "painted/%04d.png", fps=25, stop_after=2).num_frames == 2
    outcome = run(folder, "painted/%04d.png", fps=25)
    assert (outcome.num_frames, outcome.is_complete) == (4, True)
    assert [problem for problem in outcome.problems if "shot 10.png" in problem]
    assert sorted(path.name for path in (tmp_path / "painted").iterdir()) == [f"000{k}.png" for k in range(1, 5)]
    with pytest.raises(FileExistsError, match=r"0001\.png exists already"):
        run(folder, "painted/%04d.png", fps=25)


def test_the_noise_factor_changes_over_time(run: Run, tmp_path: Path, stylizer: Stylizer) -> None:
    frames = [scene(64)] * 6
    source = write_clip(tmp_path / "clip.mp4", frames)
    run(source, "out/%d.png", noise_factor=(TimedFactor(0.0, 0.0), TimedFactor(0.2, 1.0)))
    shown = [load_image(tmp_path / "out" / f"{number}.png") for number in range(1, 7)]
    first = next(iter(VideoReader(source))).image
    assert torch.equal(shown[0], first)
    assert float((shown[5] - stylizer(first)).abs().mean()) < 2 / 255
    assert float((shown[1] - first).abs().mean()) > 0
    assert float((shown[3] - shown[5]).abs().mean()) > 2 / 255


def test_a_large_video_is_reduced_to_even_sides(run: Run, tmp_path: Path) -> None:
    run(write_clip(tmp_path / "clip.mp4", pan(2, size=(90, 160))), max_size=50)
    assert VideoReader(tmp_path / "out.mp4").facts.size == (28, 50)
