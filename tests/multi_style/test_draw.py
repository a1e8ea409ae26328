"""Which styles a step learns."""

from __future__ import annotations

from collections import Counter

import torch

from tests.helpers import moved_generator
from texnet.config import GeneratorConfig, LossConfig
from texnet.generators.style_delta import MultiStyleGenerator, StyleDelta
from texnet.losses import build_loss
from texnet.losses.styles_loss import StylesLoss, StyleTarget
from texnet.multi_style.draw import FIRST_VISITS, BalancedDraw


def build_draw(num_styles: int, batch_size: int = 4, seed: int = 0) -> BalancedDraw:
    generator = moved_generator(GeneratorConfig(width=4, num_blocks=1))
    model = MultiStyleGenerator(generator, [StyleDelta(generator, 0) for _ in range(num_styles)])
    loss = build_loss(LossConfig(features="compact"), kind=StylesLoss)
    assert isinstance(loss, StylesLoss)
    targets = [StyleTarget({}, {}, {"tv": float(style)}) for style in range(num_styles)]
    return BalancedDraw(model, loss, targets, batch_size=batch_size, seed=seed)


def learn(draw: BalancedDraw, losses: list[float], steps: int) -> Counter[int]:
    """Draw so many steps, with these losses at the end for the styles, all 1 at first; how often each was drawn."""
    drawn: Counter[int] = Counter()
    for step in range(steps):
        draw.choose(step)
        styles = sorted(set(draw.model.chosen))
        drawn.update(styles)
        draw.loss.last = [torch.tensor(losses[s] if draw.visits[s] >= FIRST_VISITS else 1.0) for s in styles]
        for style, loss in zip(styles, draw.loss.last, strict=True):
            draw._count(style, float(loss))
    return drawn


def test_a_batch_has_two_pictures_of_each_of_its_styles() -> None:
    draw = build_draw(5)
    draw.choose(7)
    chosen = list(draw.model.chosen)
    assert sorted(Counter(chosen).values()) == [2, 2]
    assert chosen == sorted(chosen)
    assert [target.term_norm["tv"] for target in draw.loss.targets] == chosen
    draw.choose(8)
    assert draw.model.chosen != chosen
    draw.choose(7)
    assert draw.model.chosen == chosen, "a function of the step"


def test_one_style_and_one_picture_are_enough() -> None:
    for num_styles, batch_size in ((1, 4), (3, 1)):
        draw = build_draw(num_styles, batch_size)
        draw.choose(0)
        assert len(draw.model.chosen) == batch_size


def test_a_style_that_lags_is_drawn_more_often() -> None:
    drawn = learn(build_draw(4), [0.3, 0.3, 0.3, 0.9], 1500)
    ratio = drawn[3] / (sum(drawn[style] for style in range(3)) / 3)
    assert 1.5 < ratio < 3.0


def test_no_style_is_drawn_more_than_twice_as_often_as_even() -> None:
    draw = build_draw(4)
    learn(draw, [1e-3, 1e-3, 1e-3, 1.0], 800)
    shares = draw.shares()
    assert max(shares) == 2.0
    assert min(shares) == 0.5


def test_draws_go_on_as_they_would_have() -> None:
    one, other = build_draw(3), build_draw(3)
    learn(one, [0.2, 0.5, 0.9], 60)
    other.load_state_dict(one.state_dict())
    for step in range(60, 70):
        one.choose(step)
        other.choose(step)
        assert one.model.chosen == other.model.chosen
