# What the bash tools share; sourced, never run.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "${0##*/}: $*"
  exit 1
}

# A wrong command line is exit 2, everywhere.
usage_error() {
  say "${0##*/}: $* (see ${0##*/} --help)"
  exit 2
}

# The comment at the top of a tool is its manual.
print_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"; }

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root or sudo to run: $*"
  fi
}

# Fetched tools live here, outside the checkout, so that a clean checkout finds them again.
cache_dir() { echo "${USHER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/usher}"; }

tools_path() { echo "$(cache_dir)/bin"; }
