"""The training loop: it learns, it stops when it must, and a continued run is an uninterrupted one."""

from __future__ import annotations

import copy
import math
from pathlib import Path

import pytest
import torch

from tests.helpers import assert_same, with_options
from tests.training.helpers import Diary, build, fit, stop_after
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.errors import NonFiniteError, UserError
from texnet.generators.noise import draw_noise
from texnet.noise_factor import strength_weights
from texnet.training import Callback, Trainer, Training


def learn(training: Training, steps: int, factor: float = 1.0) -> list[dict[str, float]]:
    """The terms of steps on one and the same batch at a noise factor."""
    photos, rate = training.data.preview_photos, training.config.learning_rate
    factors, noise = torch.full((len(photos),), factor), draw_noise(0, photos.shape)
    terms = [training.trainer.step(photos, factors, noise, learning_rate=rate) for _ in range(steps)]
    return [{name: term.item() for name, term in step.items()} for step in terms]


def weights_of(training: Training) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in training.trainer.generator.state_dict().items()}


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> list[str]:
    return [key for key in before if not torch.equal(before[key], after[key])]


@pytest.mark.slow
def test_it_learns_the_style_from_a_single_batch(tiny_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(tiny_config, "loss", content_weight=0.0, tv_weight=0.0)
    config = with_options(config, "optim", learning_rate=0.01, epochs=0, max_steps=1000)
    terms = learn(build(config), 60)
    style = [sum(value for name, value in step.items() if name.startswith("style/")) for step in terms]
    assert style[-1] < 0.2 * style[0]


def test_it_learns_the_photo_from_a_single_batch(tiny_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(tiny_config, "loss", style_weight=1e-6, tv_weight=0.0)
    config = with_options(config, "optim", learning_rate=0.01, epochs=0, max_steps=1000)
    terms = learn(build(config), 60)
    assert terms[-1]["content/relu2_1"] < 0.5 * terms[0]["content/relu2_1"]


def test_every_weight_is_trained(tiny_config: TrainConfig, tmp_path: Path) -> None:
    training = build(tiny_config)
    before = weights_of(training)
    learn(training, 3, factor=0.7)
    assert set(before) - set(changed(before, weights_of(training))) == set()


def test_what_the_photo_takes_of_each_pictures_gradient_is_made_up_for(tiny_config: TrainConfig, tmp_path: Path) -> None:
    trainer = build(with_options(tiny_config, "optim", clip_norm=1e9)).trainer
    photos, factors, times = torch.rand(3, 3, 32, 32), torch.tensor([0.1, 0.5, 1.5]), [8, 2, 1]
    noise = draw_noise(0, photos.shape)
    expected, weights = [], list(trainer.generator.body.parameters())
    for number in range(len(photos)):
        counted = torch.arange(len(photos)).eq(number)[:, None, None, None]  # the gradient of one picture of the batch
        output = trainer.generator(noise, photos, factors)
        terms = trainer.loss(torch.where(counted, output, output.detach()), photos, *strength_weights(factors))
        expected.append(torch.autograd.grad(torch.stack(list(terms.values())).sum(), weights))
    reported = trainer.step(photos, factors, noise, learning_rate=0.0)
    assert reported == terms
    for given, *alone in zip(weights, *expected, strict=True):
        assert given.grad is not None
        wanted = sum(n * gradient for n, gradient in zip(times, alone, strict=True))
        torch.testing.assert_close(given.grad, wanted, rtol=1e-3, atol=1e-5 * float(given.grad.abs().max()))


def test_it_reports_every_term_and_their_sums(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    fit(tiny_config, tmp_path, monitor=diary)
    values = diary.records[0].values
    parts = [values[name] for name in ("content/relu2_1", "style/relu1_1", "style/relu2_1", "luminance", "tv")]
    assert values["loss"] == pytest.approx(sum(parts))
    assert values["style"] == pytest.approx(sum(parts[1:3]))


def test_the_diversity_term_compares_paintings_of_one_photo_at_one_factor(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary, config = Diary(), with_options(tiny_config, "loss", diversity_weight=1.0)
    photos, factors, noise, *_ = build(config).trainer.inputs(0, torch.rand(2, 3, 32, 32))
    assert torch.equal(photos[0], photos[1]) and factors[0] == factors[1] and not torch.equal(noise[0], noise[1])
    assert fit(config, tmp_path, monitor=diary).done
    assert all("diversity" in record.values for record in diary.records)


def test_it_trains_as_many_steps_as_the_epochs_have(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    assert fit(tiny_config, tmp_path, monitor=diary).done
    assert diary.records[-1].epoch == 2
    assert [record.step for record in diary.records] == list(range(1, 9))


def test_it_ends_after_the_stated_number_of_steps(tiny_config: TrainConfig, tmp_path: Path) -> None:
    result = fit(with_options(tiny_config, "optim", max_steps=3), tmp_path)
    assert result.done
    assert result.steps == 3


def test_it_ends_after_the_stated_time(tiny_config: TrainConfig, tmp_path: Path) -> None:
    result = fit(with_options(tiny_config, "optim", epochs=0, max_minutes=1e-9), tmp_path)
    assert result.done
    assert result.steps == 1


def test_it_logs_the_first_step_and_then_every_so_many(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    fit(with_options(tiny_config, "run", log_every=3), tmp_path, monitor=diary)
    assert [record.step for record in diary.records] == [1, 3, 6]


def test_a_request_to_stop_ends_it_after_the_step_with_everything_saved(tiny_config: TrainConfig, tmp_path: Path) -> None:
    assert not fit(tiny_config, tmp_path, stop_requested=stop_after(3)).done
    assert Checkpoint.load(tmp_path / "latest.pt").training.steps == 3


def test_what_was_stopped_is_not_given_out_as_done(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(tiny_config, tmp_path, stop_requested=stop_after(3))
    assert not (tmp_path / "style.pt").exists()


@pytest.mark.parametrize(("scale", "value"), [("tv", math.nan), ("content/relu2_1", math.nan), ("style/relu1_1/mean", 1e-45)])
def test_it_stops_on_a_term_that_is_not_finite_and_names_it_with_the_step(
    tiny_config: TrainConfig, tmp_path: Path, scale: str, value: float
) -> None:
    training = build(with_options(tiny_config, "loss", statistic="covariance"))
    learn(training, 2)
    training.trainer.loss.term_norm[scale] = value
    term = "/".join(scale.split("/")[:2])
    with pytest.raises(FloatingPointError, match=f"^step 3: {term} = (nan|inf) is not finite"):
        learn(training, 1)


def test_a_step_that_is_not_finite_leaves_the_weights_alone(tiny_config: TrainConfig, tmp_path: Path) -> None:
    training = build(tiny_config)
    learn(training, 2)
    before = weights_of(training)
    training.trainer.loss.term_norm["tv"] = math.nan
    with pytest.raises(FloatingPointError):
        learn(training, 1)
    assert changed(before, weights_of(training)) == []


@pytest.mark.parametrize("scale", ["tv", "style/relu1_1/mean"])
def test_where_a_device_is_checked_every_few_steps_nothing_is_learned_after_the_step_that_broke(
    tiny_config: TrainConfig, scale: str
) -> None:
    training = build(with_options(tiny_config, "loss", statistic="covariance"))
    step = training.trainer.step
    step.check_every = 4
    learn(training, 2)
    before = copy.deepcopy(step.state_dict())
    norms = dict(training.trainer.loss.term_norm)
    training.trainer.loss.term_norm[scale] = math.nan
    learn(training, 1)
    training.trainer.loss.set_term_norm(norms)  # the next step is finite again, and yet changes nothing
    assert (step.count, step.state_dict()["step"]) == (3, 2)
    with pytest.raises(NonFiniteError, match=rf"^step 3: {scale.removesuffix('/mean')} = nan is not finite"):
        learn(training, 1)
    assert_same(step.state_dict(), before)
    learn(training, 1)
    assert step.count == 3


def test_checked_every_few_steps_it_learns_what_it_does_checked_at_each(tiny_config: TrainConfig) -> None:
    states = []
    for check_every in (1, 3):
        training = build(tiny_config)
        training.trainer.step.check_every = check_every
        learn(training, 5, factor=0.7)
        states.append(training.trainer.step.state_dict())
    assert_same(*states)


def test_it_stops_on_an_infinite_term_whose_gradient_is_finite(tiny_config: TrainConfig, tmp_path: Path) -> None:
    training = build(tiny_config)
    training.trainer.loss.set_term_norm({**training.trainer.loss.term_norm, "tv": 1.0})
    training.trainer.loss.tv_weight = 3e38
    checkerboard = (torch.arange(32)[:, None] + torch.arange(32)).remainder(2).float().expand(32, 3, 32, 32)
    barely = torch.full((32,), 1e-15)  # so little is painted that the gradient stays small
    with pytest.raises(FloatingPointError, match=r"^step 1: tv = inf"):
        training.trainer.step(checkerboard, barely, torch.zeros(32, 3, 32, 32), learning_rate=0.01)
    gradients = [weights.grad for weights in training.trainer.generator.parameters()]
    assert all(gradient is not None and bool(gradient.isfinite().all()) for gradient in gradients)


def test_a_gradient_that_is_not_finite_is_named_where_every_term_is(tiny_config: TrainConfig, tmp_path: Path) -> None:
    training = build(tiny_config)
    training.trainer.generator.body.head.conv.weight.register_hook(lambda gradient: gradient * math.inf)
    with pytest.raises(FloatingPointError, match=r"^step 1: the gradient is not finite"):
        learn(training, 1)


def test_where_memory_is_too_small_all_is_saved_and_the_remedy_named(tiny_config: TrainConfig, tmp_path: Path) -> None:
    class FillMemory(Callback):
        def after_step(self, trainer: Trainer) -> None:
            if trainer.step_count == 2:
                raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(UserError, match=r"^out of memory at step 2, all is saved; .*--cache_fraction 0, .*--batch_size"):
        fit(tiny_config, tmp_path, callbacks=[FillMemory()])
    assert Checkpoint.load(tmp_path / "latest.pt").training.steps == 2


@pytest.fixture(scope="module")
def growing_config(shared_config: TrainConfig) -> TrainConfig:
    """Four steps an epoch; the crops grow and the learning rate changes."""
    config = with_options(shared_config, "data", image_size=48)
    return with_options(config, "optim", progressive_crops=True, warmup_steps=3)


MID_EPOCH_OR_NOT = [1, *(pytest.param(step, marks=pytest.mark.slow) for step in (3, 4, 6))]


@pytest.fixture(scope="module")
def uninterrupted(growing_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> tuple[Diary, Path]:
    """What a run reports that nothing stops, and its folder."""
    diary, folder = Diary(), tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("texnet.training.folder_saver.EPOCH_SECONDS", 0)
        fit(growing_config, folder, monitor=diary)
    return diary, folder


@pytest.mark.parametrize("stop_at", MID_EPOCH_OR_NOT)
def test_a_continued_run_has_the_losses_and_the_weights_of_an_uninterrupted_one(
    growing_config: TrainConfig, uninterrupted: tuple[Diary, Path], tmp_path: Path, stop_at: int
) -> None:
    diary = Diary()
    fit(growing_config, tmp_path, monitor=diary, stop_requested=stop_after(stop_at))
    fit(growing_config, tmp_path, monitor=diary, resume_from=tmp_path / "latest.pt")  # all of it built anew
    assert diary.losses == uninterrupted[0].losses
    expected, content = (Checkpoint.load(folder / "latest.pt").resume for folder in (uninterrupted[1], tmp_path))
    assert expected and content
    assert changed(expected.trainer["generator"], content.trainer["generator"]) == []
    assert changed(expected.trainer["ema"], content.trainer["ema"]) == []


def test_a_run_continued_from_an_epochs_checkpoint_repeats_what_followed(
    growing_config: TrainConfig, uninterrupted: tuple[Diary, Path], tmp_path: Path
) -> None:
    diary = Diary()
    fit(growing_config, tmp_path, monitor=diary, resume_from=uninterrupted[1] / "epoch-001.pt")
    assert diary.losses == {step: loss for step, loss in uninterrupted[0].losses.items() if step > 4}


def test_the_time_of_the_first_part_counts_for_the_whole(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(tiny_config, tmp_path, stop_requested=stop_after(2))
    before = 60 * Checkpoint.load(tmp_path / "latest.pt").training.minutes
    diary = Diary()
    fit(tiny_config, tmp_path, monitor=diary, resume_from=tmp_path / "latest.pt")
    assert diary.records[0].seconds > before > 0


def test_another_seed_gives_another_run(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diaries = [Diary(), Diary()]
    for seed, diary in enumerate(diaries):
        fit(with_options(tiny_config, "optim", seed=seed, max_steps=2), tmp_path / str(seed), monitor=diary)
    assert diaries[0].losses != diaries[1].losses


def test_the_same_seed_gives_the_same_run(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diaries = [Diary(), Diary()]
    for number, diary in enumerate(diaries):
        torch.rand(number)
        fit(with_options(tiny_config, "optim", max_steps=2), tmp_path / str(number), monitor=diary)
    assert diaries[0].losses == diaries[1].losses
