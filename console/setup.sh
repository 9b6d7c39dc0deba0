#!/bin/sh
# Make .venv beside the README with everything that the desk and its tests need; safe to run again.
#
# As root on a Debian-like system it also installs the system libraries that Qt and Python's venv need; anybody else is
# told the one command for it and goes on, since every command but the window works without them.
# PYTHON=/path/to/python3.12 sh console/setup.sh takes another Python; it must be 3.11 or newer.
set -eu
cd "$(dirname "$0")/.."

libraries="libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libfreetype6
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1
libxkbcommon-x11-0 libx11-xcb1 libcups2"

if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    wanted="$libraries"
    [ -n "${PYTHON:-}" ] || command -v python3 >/dev/null || wanted="$wanted python3"
    [ -n "${PYTHON:-}" ] || python3 -c 'import ensurepip' 2>/dev/null || wanted="$wanted python3-venv"
    missing=""
    for package in $wanted; do
        # On newer systems some names end in t64, where the plain one is provided.
        dpkg-query -W -f '${Status} ${Provides}\n' "$package" "${package}t64" 2>/dev/null | grep -q '^install ok' ||
            missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        if [ "$(id -u)" = 0 ]; then
            echo "Installing system packages:$missing" >&2
            apt-get update -qq
            # shellcheck disable=SC2086  # one word a package
            DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
        else
            echo "The window needs system packages that are not here: sudo apt-get install$missing" >&2
        fi
    fi
fi

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Python 3.11 or newer is needed, and $python is not. Say where one is: PYTHON=/path/to/python sh $0" >&2
    exit 2
}
[ -x .venv/bin/python ] || "$python" -m venv .venv
# The lock first, so that what was tested is what is installed; hashes are checked.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
# Compiled once here, also where the environment forbids Python to do so at each start: a second of every start.
.venv/bin/python -m compileall -q console provisioning ui tests
