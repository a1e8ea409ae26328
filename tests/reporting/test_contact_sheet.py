"""Contact sheets: every picture is found again where it belongs."""

from __future__ import annotations

import torch

from texnet.images import to_bytes
from texnet.reporting.contact_sheet import CAPTION_SIZE, GAP, contact_sheet


def test_pictures_lie_in_rows_and_columns_as_they_are() -> None:
    a, b, c = torch.rand(1, 3, 10, 20), torch.rand(1, 3, 12, 16), torch.rand(1, 3, 8, 24)
    sheet = contact_sheet([[a, b], [c]])
    assert sheet.shape == (1, 3, 12 + GAP + 8, 24 + GAP + 16)
    assert torch.equal(to_bytes(sheet[..., :10, :20]), to_bytes(a))
    assert torch.equal(to_bytes(sheet[..., :12, 24 + GAP :]), to_bytes(b))
    assert torch.equal(to_bytes(sheet[..., 12 + GAP :, :24]), to_bytes(c))
    assert sheet[..., 10:12, :20].min() == 1


def test_captions_stand_over_the_columns() -> None:
    image = torch.zeros(1, 3, 30, 80)
    plain, captioned = contact_sheet([[image, image]]), contact_sheet([[image, image]], ["photo", "step 100"])
    top = 2 * CAPTION_SIZE
    assert captioned.shape[2] == plain.shape[2] + top
    assert torch.equal(captioned[..., top:, :], plain)
    for left in (0, 80 + GAP):
        assert captioned[..., :top, left : left + 80].min() < 0.5


def test_captions_of_several_lines_take_more_room_and_highlighted_ones_are_red() -> None:
    image = torch.zeros(1, 3, 30, 80)
    one, two = (contact_sheet([[image, image]], [caption, "b"], highlighted=[1]) for caption in ("a", "a\na"))
    assert two.shape[2] > one.shape[2]
    top = one.shape[2] - 30
    left, right = one[0, :, :top, :80], one[0, :, :top, 80 + GAP :]
    assert torch.equal(left[0], left[1])  # gray
    assert (right[0] - right[1]).max() > 0.3
