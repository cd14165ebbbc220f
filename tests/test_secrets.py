import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from blogai.errors import ConfigurationError
from blogai.secrets import secret


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    made = secret(tmp_path / "data", "page")
    assert len(made) == 43
    path = tmp_path / "data" / "page.secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert secret(tmp_path / "data", "page") == made
    assert secret(tmp_path / "data", "other") != made
    assert sorted(p.name for p in path.parent.iterdir()) == ["other.secret", "page.secret"]


def test_everybody_gets_the_same_secret_in_a_race(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: secret(tmp_path, "page"), range(64)))) == 1


def test_a_secret_that_was_opened_to_others_is_closed_again(tmp_path: Path) -> None:
    made = secret(tmp_path, "page")
    (tmp_path / "page.secret").chmod(0o644)
    assert secret(tmp_path, "page") == made
    assert stat.S_IMODE((tmp_path / "page.secret").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="BLOGAI_DATA_DIR"):
        secret(tmp_path / "file" / "data", "page")


def test_a_used_folder_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    tmp_path.chmod(0o755)
    secret(tmp_path, "page")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_folder_made_for_everybody_stays_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    secret(tmp_path, "page")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777
