"""What is told of a video before it is painted, and single frames of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.video.helpers import pan, write_clip
from texnet.errors import UserError
from texnet.video.reading import VideoReader
from texnet.video.summary import VideoSummary, summarize_video

pytest.importorskip("av", reason="needs PyAV: pip install 'texnet[video]'")
MOST = 10**6  # pixels


def test_a_summary_has_size_length_and_sound(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pan(25, size=(48, 64)), sound=True)
    assert summarize_video(clip, MOST) == VideoSummary(64, 48, 25, 1.0, ("aac",))


def test_the_size_of_a_turned_phones_video_is_upright(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pan(2, size=(48, 64)), rotation=90)
    summary = summarize_video(clip, MOST)
    assert (summary.width, summary.height) == (48, 64)
    assert VideoReader(clip).frame_at(0.04).shape == (1, 3, 64, 48)


def test_a_video_that_is_cut_off_says_how_much_is_there(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", pan(40)).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    summary = summarize_video(tmp_path / "cut.mkv", MOST)
    assert 0 < summary.num_frames < 40
    assert summary.seconds == pytest.approx(0.04 * summary.num_frames, abs=0.1)


def test_a_frame_of_too_many_pixels_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pan(2, size=(48, 64)))
    monkeypatch.setattr("texnet.video.summary.VideoReader", None)
    with pytest.raises(UserError, match="64x48 pixels"):
        summarize_video(clip, 64 * 48 - 1)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_frame_is_found_by_its_time(tmp_path: Path, suffix: str) -> None:
    clip = write_clip(tmp_path / f"clip{suffix}", pan(30))
    frames = [frame.image for frame in VideoReader(clip)]
    for number in (0, 1, 17, 29):
        assert torch.equal(VideoReader(clip).frame_at(0.04 * number + 0.01), frames[number])
    assert torch.equal(VideoReader(clip).frame_at(99), frames[-1])


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile 'secret.mp4'\n",
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.mp4\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    ],
)
def test_a_playlist_under_the_name_of_a_video_opens_no_other_file(tmp_path: Path, playlist: str) -> None:
    write_clip(tmp_path / "secret.mp4", pan(2))
    (tmp_path / "clip.mp4").write_text(playlist)
    with pytest.raises(UserError, match="cannot be read as a video"):
        VideoReader(tmp_path / "clip.mp4")
