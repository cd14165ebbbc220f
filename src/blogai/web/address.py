"""Which addresses are this machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from blogai.errors import ConfigurationError


def host_of(value: str) -> str:
    """The host part of a Host header, without port and brackets, in lower case; "" when it is malformed."""
    try:
        return (urlsplit(f"//{value}").hostname or "").lower()
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """True for localhost, its subdomains, 127.0.0.0/8 and ::1."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback(host: str) -> None:
    """Refuses to listen where others could reach a server that has no sign-in.

    Raises:
        ConfigurationError: the address is not loopback.
    """
    if not is_loopback(host.strip("[]").lower()):
        raise ConfigurationError(
            f"BLOGAI_HOST {host} is not a loopback address, and this version has no sign-in:"
            " whoever reaches the port would own everything.",
            field="BLOGAI_HOST",
            remedy="Use 127.0.0.1 and reach it through an SSH tunnel (ssh -L 8000:127.0.0.1:8000 server).",
        )
