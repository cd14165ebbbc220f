#!/bin/sh
# Makes the environment equal to requirements.lock: install.sh PYTHON VENV
set -eu
python=$1 venv=$2
[ -x "$venv/bin/python" ] || uv venv --quiet --allow-existing --python "$python" "$venv"
export VIRTUAL_ENV="$venv"
# Copies, not links into a cache: the embedded server's account must be able to read its programs.
export UV_LINK_MODE="${UV_LINK_MODE:-copy}"
uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
uv pip install --quiet --no-deps --no-build-isolation --editable .
# The first start is as quick as the later ones, also where Python is told to write no bytecode.
"$venv/bin/python" -m compileall -q src
