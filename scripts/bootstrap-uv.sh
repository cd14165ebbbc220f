#!/bin/sh
# Puts uv into an environment: bootstrap-uv.sh PYTHON VENV
set -eu
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Blog AI needs Python 3.11 or later; $python is older. Try: make PYTHON=python3.12 ..." >&2
    exit 2
}
if "$python" -m venv "$venv" >/dev/null 2>&1; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
elif "$python" -m pip --version >/dev/null 2>&1; then
    # Debian parts venv from python3; pip alone can still place uv's program.
    "$python" -m pip install --quiet --disable-pip-version-check --target "$venv/bootstrap" uv
    "$venv/bootstrap/bin/uv" venv --quiet --allow-existing --python "$python" "$venv"
    ln -sf ../bootstrap/bin/uv "$venv/bin/uv"
else
    echo "Python has neither venv nor pip. On Debian: apt-get install python3-venv" >&2
    exit 2
fi
