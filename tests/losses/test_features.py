"""VGG features against torchvision's own VGG."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import Tensor, nn

from texnet.config import FEATURES_NAMES
from texnet.losses.features import CONVOLUTIONS, IMAGENET_MEAN, IMAGENET_STD, Features, layer_names

KINDS = {"conv": nn.Conv2d, "relu": nn.ReLU, "pool": nn.MaxPool2d}
BORDER = 4  # positions of relu3_1 that the picture's edge reaches
every_network = pytest.mark.parametrize("name", ["vgg16", "vgg19"])


def torchvision_features(name: str, depth: int | None = None) -> nn.Sequential:
    """The first modules of torchvision's network, initialized; of the whole network only names and shapes."""
    with torch.device("meta"):
        features: nn.Sequential = torchvision.models.get_model(name, weights=None).features[:depth]
    if depth is not None:
        features.to_empty(device="cpu")
        for parameter in features.parameters():
            nn.init.kaiming_normal_(parameter) if parameter.ndim > 1 else nn.init.normal_(parameter, std=0.1)
    return features


def state_of(features: nn.Sequential) -> dict[str, Tensor]:
    return {f"features.{key}": value for key, value in features.state_dict().items()}


def normalized(image: Tensor) -> Tensor:
    return torchvision.transforms.functional.normalize(image, IMAGENET_MEAN, IMAGENET_STD)


def random_features(*taps: str) -> Features:
    features = Features("vgg19", taps)
    for parameter in features.parameters():
        nn.init.kaiming_normal_(parameter) if parameter.ndim > 1 else nn.init.normal_(parameter, std=0.1)
    return features


def test_the_flag_offers_the_networks_that_there_are() -> None:
    assert set(FEATURES_NAMES) == set(CONVOLUTIONS)


@pytest.mark.parametrize(
    ("name", "position", "layer"),
    [
        ("vgg19", 0, "conv1_1"),
        ("vgg19", 4, "pool1"),
        ("vgg19", 22, "relu4_2"),
        ("vgg19", 36, "pool5"),
        ("vgg16", 11, "relu3_1"),
        ("vgg16", 22, "relu4_3"),
        ("vgg16", 30, "pool5"),
    ],
)
def test_a_layer_is_named_by_its_place_in_torchvisions_network(name: str, position: int, layer: str) -> None:
    assert list(layer_names(name))[position] == layer


@every_network
def test_each_name_stands_for_a_module_of_its_kind(name: str) -> None:
    kinds = [type(module) for module in torchvision_features(name)]
    assert [KINDS[layer[:4]] for layer in layer_names(name)] == kinds


@every_network
def test_the_weights_have_torchvisions_names_and_shapes(name: str) -> None:
    with torch.device("meta"):
        own = Features(name, ("pool5",)).state_dict()
    expected = state_of(torchvision_features(name))
    assert {key: value.shape for key, value in own.items()} == {key: value.shape for key, value in expected.items()}


@every_network
def test_inside_the_border_activations_are_torchvisions(name: str) -> None:
    depth = list(layer_names(name)).index("relu3_1") + 1
    reference, image = torchvision_features(name, depth), torch.rand(2, 3, 64, 56)
    features = Features(name, ("relu3_1",))
    features.load_vgg(state_of(reference), "torchvision")
    inside = (..., slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    found, expected = features(image)["relu3_1"], reference(normalized(image))
    torch.testing.assert_close(found[inside], expected[inside], rtol=1e-4, atol=1e-4)


def test_a_flat_picture_shows_no_frame_in_the_first_layer() -> None:
    seen = random_features("conv1_1")(torch.full((1, 3, 16, 16), 0.1))["conv1_1"]
    assert (seen.amax((2, 3)) - seen.amin((2, 3))).max() < 1e-5


def test_a_tapped_convolution_is_not_overwritten_by_its_relu() -> None:
    seen = random_features("conv1_1", "relu1_1")(torch.rand(1, 3, 16, 16))
    assert seen["conv1_1"].min() < 0
    assert torch.equal(seen["relu1_1"], seen["conv1_1"].relu())


def test_the_network_ends_at_the_deepest_tap() -> None:
    assert random_features("relu2_1", "relu1_1").names[-1] == "relu2_1"


def test_it_computes_only_as_deep_as_it_is_asked() -> None:
    features = random_features("relu1_1", "relu2_1")
    computed: list[str] = []
    for name, module in zip(features.names, features.features, strict=True):
        module.register_forward_hook(lambda *_, name=name: computed.append(name))
    assert set(features(torch.rand(1, 3, 16, 16), ["relu1_1"])) == {"relu1_1"}
    assert computed == ["conv1_1", "relu1_1"]


def test_all_taps_are_given_where_none_are_named() -> None:
    seen = random_features("conv1_2", "relu2_1")(torch.rand(2, 3, 16, 20))
    assert {name: tuple(value.shape) for name, value in seen.items()} == {
        "conv1_2": (2, 64, 16, 20),
        "relu2_1": (2, 128, 8, 10),
    }


@every_network
def test_sixteen_pixels_are_enough_for_the_deepest_activations(name: str) -> None:
    deepest = list(layer_names(name))[-2]
    with torch.device("meta"):
        seen = Features(name, (deepest,))(torch.empty(1, 3, 16, 16))
    assert seen[deepest].shape == (1, 512, 1, 1)


def test_a_layer_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        ValueError, match=r"^vgg16 has no layer 'relu3_4'; it has hues, palette, conv1_1, relu1_1, .*relu3_3, conv4_1"
    ):
        Features("vgg16", ("relu1_1", "relu3_4"))


def test_the_picture_gets_a_gradient_and_the_weights_get_none() -> None:
    features, image = random_features("relu1_1"), torch.rand(1, 3, 16, 16, requires_grad=True)
    features(image)["relu1_1"].sum().backward()
    assert image.grad is not None
    assert [name for name, parameter in features.named_parameters() if parameter.requires_grad] == []


def test_a_file_without_a_layer_is_refused_with_its_name_and_the_layers() -> None:
    state = random_features("relu1_1").state_dict()
    with pytest.raises(ValueError, match=r"^some\.pth: no weights for conv1_2 of vgg19 \(features\.2\.weight\)"):
        Features("vgg19", ("relu1_2",)).load_vgg(state, "some.pth")


def test_a_file_with_a_layer_of_another_shape_is_refused() -> None:
    state = {**random_features("relu1_1").state_dict(), "features.0.weight": torch.zeros(64, 1, 3, 3)}
    with pytest.raises(ValueError, match=r"^some\.pth: no weights for conv1_1"):
        Features("vgg19", ("relu1_1",)).load_vgg(state, "some.pth")


@pytest.mark.parametrize(("own", "other"), [("vgg16", "vgg19"), ("vgg19", "vgg16")])
def test_the_other_vggs_weights_are_refused_though_the_shallow_layers_have_the_same_shapes(own: str, other: str) -> None:
    state = state_of(torchvision_features(other))
    with pytest.raises(ValueError, match=rf"^some\.pth: weights of another network than {own}"):
        Features(own, ("relu1_1",)).load_vgg(state, "some.pth")


def test_what_a_file_holds_beyond_the_deepest_tap_is_left_out() -> None:
    state = {**random_features("relu1_2").state_dict(), "classifier.0.weight": torch.zeros(1)}
    shallow = Features("vgg19", ("relu1_1",))
    shallow.load_vgg(state, "some.pth")
    assert torch.equal(shallow.state_dict()["features.0.weight"], state["features.0.weight"])


def test_weights_of_half_the_size_are_taken_as_float32() -> None:
    features = random_features("relu1_1")
    features.load_vgg({key: value.half() for key, value in features.state_dict().items()}, "some.pth")
    assert features(torch.rand(1, 3, 16, 16))["relu1_1"].dtype == torch.float32


def see_hues(*color: float, height: int = 24, width: int = 16) -> Tensor:
    """What the tap ``hues`` gives for a picture of one color."""
    image = torch.tensor(color)[None, :, None, None].expand(1, 3, height, width)
    return Features("vgg19", ("hues",))(image)["hues"]


def test_hues_are_a_map_of_patches_that_needs_no_weights() -> None:
    assert see_hues(0.2, 0.5, 0.9, height=27, width=16).shape == (1, 8, 3, 2)


def test_gray_has_no_hue() -> None:
    assert see_hues(0.4, 0.4, 0.4).abs().max() < 1e-6


def test_a_hue_does_not_depend_on_lightness_and_grows_with_saturation() -> None:
    torch.testing.assert_close(see_hues(0.5, 0.3, 0.1), see_hues(0.8, 0.6, 0.4), rtol=0, atol=1e-6)
    torch.testing.assert_close(see_hues(0.6, 0.4, 0.2) * 2, see_hues(0.8, 0.4, 0.0), rtol=0, atol=1e-6)


def test_opposite_colors_have_opposite_hues() -> None:
    orange, blue = see_hues(0.8, 0.5, 0.2), see_hues(0.2, 0.5, 0.8)
    torch.testing.assert_close(orange.roll(4, dims=1), blue, rtol=0, atol=1e-6)
    assert bool((orange * blue).abs().max() < 1e-6)


def test_the_palette_is_a_map_of_patches_along_directions_of_rgb_that_needs_no_weights() -> None:
    white = Features("vgg19", ("palette",))(torch.ones(1, 3, 18, 16))["palette"]
    assert white.shape == (1, 16, 4, 4)
    red, green, blue = (
        Features("vgg19", ("palette",))(torch.eye(3)[channel].view(1, 3, 1, 1).expand(1, 3, 16, 16))["palette"][0, :, 0, 0]
        for channel in range(3)
    )
    torch.testing.assert_close(red + green + blue, white[0, :, 0, 0])
    directions = torch.stack([red, green, blue], 1)  # (16, 3), of length 1 each
    torch.testing.assert_close(directions.norm(dim=1), torch.ones(16))
    assert torch.linalg.matrix_rank(directions) == 3


def test_hues_come_beside_the_layers_of_the_network() -> None:
    seen = random_features("hues", "relu1_2")(torch.rand(1, 3, 32, 32))
    assert {tap: tuple(x.shape) for tap, x in seen.items()} == {"hues": (1, 8, 4, 4), "relu1_2": (1, 64, 32, 32)}
