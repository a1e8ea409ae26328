"""The address of a Visdom server, in the many forms in which users write it."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from texnet.config.fields import require

LONGEST_ENV = 100  # characters
DEFAULT_PORTS = {"http": 8097, "https": 443}  # Visdom's own; behind https is a proxy


@dataclass(frozen=True)
class Address:
    """``scheme://host:port`` and a path, which is empty or begins with a slash; IPv6 hosts are in brackets."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def origin(self) -> str:
        """Without port and path."""
        return f"{self.scheme}://{self.host}"

    def __str__(self) -> str:
        return f"{self.origin}:{self.port}{self.path}"


def parse_address(server: str, port: int | None) -> Address:
    """``--viz_server`` and ``--viz_port`` as one address: the former may have a scheme, a port, and a path or a page's address.

    UserError where that is no address, or the two ports contradict each other.
    """
    words = server.strip()
    before, separator, after = words.partition("://")
    scheme, rest = (before.lower(), after) if separator else ("http", words)
    place, _, path = rest.partition("/")
    host, own = _split_port(place)
    wrong = f"--viz_server {server}: no address of a server; give a host, such as localhost or http://localhost:8097"
    require(scheme in DEFAULT_PORTS and _is_host(host) and not re.search(r"[\s?#@\\]", words), wrong)
    require(not own or (own.isascii() and own.isdecimal() and 0 < int(own[:6]) < 2**16), wrong)
    number = int(own) if own else None
    require(
        number is None or port is None or number == port,
        f"--viz_server {server}: its port is {own}, and --viz_port is {port}; give one of them",
    )
    path = f"/{path}".partition("/env/")[0].rstrip("/")
    return Address(scheme, host, number or port or DEFAULT_PORTS[scheme], path)


def env_name(text: str) -> str:
    """The name of a Visdom environment out of any text: slash, plus and others have a meaning in the page's address."""
    name = re.sub(r"[^\w.-]", "_", unicodedata.normalize("NFC", text))[:LONGEST_ENV]
    return name if name.strip(".") else "_" * max(1, len(name))


def page_of_env(address: Address, env: str) -> str:
    """The address of an environment's page."""
    return f"{address}/env/{quote(env)}"


def _split_port(place: str) -> tuple[str, str]:
    """``host:port`` -> host and port, the latter perhaps empty; an IPv6 address gets the brackets that it lacks."""
    if _is_ipv6(place):
        return f"[{place}]", ""
    bracketed = re.fullmatch(r"(\[[^]]*\])(?::(.*))?", place)
    if bracketed:
        return bracketed[1], bracketed[2] or ""
    host, _, port = place.partition(":")
    return host, port


def _is_host(host: str) -> bool:
    return _is_ipv6(host[1:-1]) if host.startswith("[") else bool(re.fullmatch(r"[\w.-]+", host))


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
