# Sourced by ./start and ./check: installs what is missing, and nothing twice.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# apt_packages PACKAGE...: Debian packages that are not there yet, in one apt-get run.
apt_packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "Please install as root first: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "Installing from Debian: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# unpacked_package PACKAGE FOLDER: its files under FOLDER/PACKAGE, for tests alone; nothing is installed and nothing is
# started. Where there is no such package its tests are skipped, and say so.
unpacked_package() {
  local package=$1 folder=$2
  [ -d "$folder/$package" ] && return 0
  mkdir -p "$folder"
  (cd "$folder" && apt-get download -qq "$package" 2>/dev/null && dpkg-deb -x "$package"_*.deb "$package") ||
    say "No $package from Debian: its tests are skipped"
  rm -f "$folder/$package"_*.deb
}

# node_packages FOLDER: exactly what its lock names, for tests alone. Fails where npm is absent or gets nothing.
node_packages() {
  local folder=$1 stamp
  stamp=$(sha256sum "$folder/package-lock.json" | cut -d' ' -f1)
  [ "$(cat "$folder/node_modules/.lock" 2>/dev/null)" = "$stamp" ] && return 0
  command -v npm >/dev/null || return 1
  say "Installing Node packages for $folder"
  npm ci --prefix "$folder" --silent --ignore-scripts || return 1
  printf '%s\n' "$stamp" >"$folder/node_modules/.lock"
}

# find_python: prints a Python of at least 3.11 that can make virtual environments.
find_python() {
  for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# python_packages FOLDER LOCK: a virtual environment that holds exactly what the hashed lock names.
# uv installs in seconds; where uv itself cannot be had, pip reads the same lock.
python_packages() {
  local folder=$1 lock=$2 stamp
  stamp=$(cat "$lock" pyproject.toml | sha256sum | cut -d' ' -f1)
  [ "$(cat "$folder/.lock" 2>/dev/null)" = "$stamp" ] && return 0
  local python
  python=$(find_python) || { apt_packages python3 python3-venv; python=$(find_python) || die "Python 3.11 or newer is needed."; }
  [ -x "$folder/bin/python" ] || { say "Making $folder"; "$python" -m venv "$folder"; }
  say "Installing Python packages from $lock"
  if "$folder/bin/pip" install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt 2>/dev/null; then
    "$folder/bin/uv" pip install -q --python "$folder/bin/python" --require-hashes -r "$lock"
  else
    say "uv is not to be had: pip does it, in about a minute"
    "$folder/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$lock"
  fi
  printf '%s\n' "$stamp" >"$folder/.lock"
}

# this_project FOLDER: puts the project itself and its client package, as they lie here, on the environment's path.
this_project() {
  local folder=$1
  local packages
  packages=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$PWD" "$PWD/clients/sdk/src" "$PWD/clients" >"$packages/teken.pth"
  printf '#!/bin/sh\nexec "%s/bin/python" -m api "$@"\n' "$PWD/$folder" >"$folder/bin/teken"
  chmod +x "$folder/bin/teken"
}
