"""The noise factor over time."""

from __future__ import annotations

import pytest

from texnet.config import GeneratorConfig
from texnet.config.stylize import factor
from texnet.errors import UserError
from texnet.generators import build_generator
from texnet.stylize import Stylizer
from texnet.video.schedule import FactorSchedule


def schedule(words: str) -> FactorSchedule:
    return FactorSchedule([factor(word) for word in words.split()])


def test_lines_lead_from_key_to_key() -> None:
    found = schedule("1:0 3:1 4:0.5")
    assert [found.at(seconds) for seconds in (0, 1, 2, 3, 3.5, 9)] == [0, 0, 0.5, 1, 0.75, 0.5]
    assert not found.is_constant


@pytest.mark.parametrize("words", ["0.7", "3:0.7", "0:0.7 3:0.7"])
def test_one_factor_holds_throughout(words: str) -> None:
    assert [schedule(words).at(seconds) for seconds in (0, 3, 100)] == [0.7] * 3
    assert schedule(words).is_constant


@pytest.mark.parametrize(
    ("words", "complaint"), [("0 1", "a video has one"), ("0:0 1", "a video has one"), ("1:0 1:1", "two factors")]
)
def test_factors_that_leave_open_when_they_hold_are_refused(words: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        schedule(words)


def test_a_network_of_one_strength_takes_no_other_on_the_way() -> None:
    config = GeneratorConfig(width=4, num_blocks=1, fixed_noise_factor=1.0)
    network = Stylizer(build_generator(config), style="mosaic", max_noise_factor=1.0, fixed_noise_factor=1.0)
    schedule("0:1 3:1").check([network])
    with pytest.raises(UserError, match="paints at 1 alone"):
        schedule("0:0 3:1").check([network])
