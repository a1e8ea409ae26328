"""Addresses of Visdom servers as users write them."""

from __future__ import annotations

import pytest

from texnet.config import RunConfig
from texnet.config.address import parse_address
from texnet.errors import UserError


@pytest.mark.parametrize(
    ("server", "port", "address"),
    [
        ("localhost", None, "http://localhost:8097"),
        ("localhost", 8100, "http://localhost:8100"),
        ("localhost/", None, "http://localhost:8097"),
        (" localhost:8100 ", None, "http://localhost:8100"),
        ("localhost:8100", 8100, "http://localhost:8100"),
        ("http://localhost/", 8100, "http://localhost:8100"),
        ("HTTP://my_host.local:80", None, "http://my_host.local:80"),
        ("https://host/visdom/", None, "https://host:443/visdom"),
        ("host:8100/a/b", None, "http://host:8100/a/b"),
        ("http://localhost:8097/env/main", None, "http://localhost:8097"),
        ("http://localhost:8097/a/env/main", None, "http://localhost:8097/a"),
        ("::1", None, "http://[::1]:8097"),
        ("[::1]", 8100, "http://[::1]:8100"),
        ("http://[::1]:8100/", None, "http://[::1]:8100"),
        ("host:", None, "http://host:8097"),
    ],
)
def test_an_address_may_be_written_in_many_ways(server: str, port: int | None, address: str) -> None:
    assert str(parse_address(server, port)) == address
    RunConfig(viz_server=server, viz_port=port)


@pytest.mark.parametrize(
    "server",
    [
        "",
        "  ",
        "/",
        "http://",
        ":8097",
        "ftp://host",
        "host:abc",
        "host:0",
        "host:65536",
        "host:²",
        "[::1",
        "[x]",
        "a b",
        "u@h",
    ],
)
def test_what_is_no_address_is_a_mistake_that_names_the_flag(server: str) -> None:
    with pytest.raises(UserError, match=r"--viz_server .*: no address"):
        RunConfig(viz_server=server)


@pytest.mark.parametrize("server", ["localhost:8100", "http://localhost:8100/", "[::1]:8100"])
def test_ports_that_contradict_each_other_are_a_mistake_that_names_both(server: str) -> None:
    with pytest.raises(UserError, match=r"--viz_server .*8100.*--viz_port is 8097"):
        RunConfig(viz_server=server, viz_port=8097)
