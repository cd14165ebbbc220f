"""Web pages for samples, without a way into the networks that this machine can reach and the caller cannot."""

import asyncio
import ipaddress
import socket
import zlib
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from blogai.brand.reading import MOST_BYTES
from blogai.errors import InvalidInput

TIMEOUT = 15.0
"""Seconds for a page with all its redirects."""
MOST_REDIRECTS = 4
KINDS = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
AGENT = "blogai (brand voice samples)"

_SPECIAL = [ipaddress.ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")]
"""For protocols, relays and documentation, which not every version of Python knows."""
_UNICAST, _NAT64 = ipaddress.ip_network("2000::/3"), ipaddress.ip_network("64:ff9b::/96")

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Fetched:
    """A page: where it was in the end, what it is, and its text."""

    url: str
    kind: str
    text: str


async def fetch(url: str, *, timeout: float = TIMEOUT, most_bytes: int = MOST_BYTES) -> Fetched:
    """Gets a public web page.

    Every address is looked at after the name is resolved, again at each redirect, and the connection is made to the
    very address that was looked at, so that a name cannot point elsewhere a moment later.

    Args:
        url: http or https.
        timeout: seconds for everything together.
        most_bytes: of the unpacked page.

    Raises:
        InvalidInput: not a public page, too large, too slow, no text, or not there.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _follow(url, most_bytes)
    except TimeoutError as exc:
        raise _refused(f"{url} did not answer within {timeout:g} seconds.", "Try again, or paste the text.") from exc
    except (httpx.HTTPError, httpx.InvalidURL, OSError, zlib.error, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
        raise _refused(f"{url} cannot be fetched: {reason}.", "Check the address, or paste the text.") from exc


async def _follow(url: str, most_bytes: int) -> Fetched:
    # trust_env: a proxy of the environment would resolve the name once more, unseen
    async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=None) as client:  # noqa: S113 (above)
        for _ in range(MOST_REDIRECTS + 1):
            page = await _get(client, url, most_bytes)
            if isinstance(page, Fetched):
                return page
            url = page
    raise _refused(f"{url} redirects more than {MOST_REDIRECTS} times.", "Give the final address.")


async def _get(client: httpx.AsyncClient, url: str, most_bytes: int) -> Fetched | str:
    """The page, or the address that it redirects to."""
    target, headers, extensions = await _pinned(url)
    async with client.stream("GET", target, headers=headers, extensions=extensions) as response:
        if response.status_code in _REDIRECTS and (place := response.headers.get("location")):
            return str(urljoin(url, place))
        if response.status_code != 200:
            raise _refused(f"{url} answers {response.status_code}.", "Check the address, or paste the text.")
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind not in KINDS:
            raise _refused(f"{url} is {kind or 'of unknown kind'}, no page.", "Give the address of an article.")
        body = await _body(response, url, most_bytes)
        try:
            text = body.decode(response.charset_encoding or "utf-8")
        except (UnicodeDecodeError, LookupError) as exc:
            raise _refused(f"{url} is not in the encoding that it names.", "Paste the text instead.") from exc
        return Fetched(url, kind, text)


async def _body(response: httpx.Response, url: str, most_bytes: int) -> bytes:
    """The unpacked body. It is unpacked here, piece by piece: a few packed bytes can stand for gigabytes."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip"):
        raise _refused(f"{url} is packed as {packing}.", "Paste the text instead.")
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if packing != "identity" else None
    body = bytearray()
    async for piece in response.aiter_raw():
        body += unpacker.decompress(piece, most_bytes + 1 - len(body)) if unpacker else piece
        if len(body) > most_bytes:
            raise _refused(f"{url} is larger than {most_bytes:,} bytes.", "Paste the text instead.")
    if unpacker is not None and not unpacker.eof:
        raise _refused(f"{url} breaks off.", "Try again, or paste the text.")
    return bytes(body)


async def _pinned(url: str) -> tuple[httpx.URL, dict[str, str], dict[str, str]]:
    """The URL with its host replaced by a public address of it, and what still tells the server its name."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as exc:
        raise _refused(f"{url} is no usable address.", "Give the address of an article.") from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refused(f"{url} is no web address.", "Begin it with https:// or http://.")
    if parts.username or parts.password:
        raise _refused("The address holds a user name or password.", "Leave them out.")
    address = await public_address(parts.hostname, port)
    original = httpx.URL(url)
    headers = {
        "host": original.netloc.decode("ascii"),
        "user-agent": AGENT,
        "accept": ", ".join(KINDS),
        "accept-encoding": "gzip",
    }
    return original.copy_with(host=address), headers, {"sni_hostname": original.raw_host.decode("ascii")}


async def public_address(host: str, port: int) -> str:
    """An address of a host.

    Raises:
        InvalidInput: one of its addresses is not on the public internet.
        OSError: the name is not known.
    """
    loop = asyncio.get_running_loop()
    found = [str(entry[4][0]) for entry in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not is_public(address):
            found_at = "" if host == address else f"{address}, which is "
            raise _refused(f"{host} is {found_at}not on the public internet.", "Paste the text, or upload a file.")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet; of one that wraps another, both have to."""
    place = ipaddress.ip_address(address.split("%")[0])
    if isinstance(place, ipaddress.IPv6Address):
        inner = [place.ipv4_mapped, place.sixtofour, *(place.teredo or ())]
        if place in _NAT64:
            inner.append(ipaddress.IPv4Address(place.packed[-4:]))
        wrapped = [one for one in inner if one is not None]
        if wrapped:
            return all(is_public(str(one)) for one in wrapped)
        if place not in _UNICAST:  # all that is routed between networks
            return False
    if any(place in network for network in _SPECIAL):
        return False
    return place.is_global and not (place.is_multicast or place.is_reserved or place.is_unspecified)


def _refused(message: str, remedy: str) -> InvalidInput:
    return InvalidInput(message, field="url", remedy=remedy)
