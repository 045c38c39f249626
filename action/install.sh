#!/usr/bin/env bash
# Makes an environment of its own for iacscan and leaves its interpreter in the output `python`.
#
# The code that runs is that of the commit which the workflow names: it is not built and not fetched. What it needs comes from
# the package index as ready wheels, each held to the hash in requirements.txt. PYTHON is the interpreter to start from.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
place="$(mktemp -d "${RUNNER_TEMP:?}/iacscan-python-XXXXXX")"

"${PYTHON:?}" -I -m venv "$place"
python="$place/bin/python"
if [[ ! -x $python ]]; then
  python="$place/Scripts/python.exe" # on Windows
fi
"$python" -I -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: \
  --require-hashes --requirement "$here/requirements.txt"
"$python" -I "$here/add_source.py"

echo "python=$python" >>"${GITHUB_OUTPUT:?}"
