#!/bin/bash
# Executes the notebooks without a browser and checks what they show.
#
#   notebooks/execute.sh [-write] [RUN-DIR]
#
# RUN-DIR is a finished run with gradients for noise.ipynb; without one a small run is made for the purpose. The executed notebooks are thrown
# away, or with -write put in the place of those here. Needs Go, and jupyter nbconvert with jupyter-client; pytorch.ipynb needs torch and numpy in
# /usr/bin/python3, and is left out aloud where they are missing. Nothing outside of a temporary folder changes: the Go kernel is built from the
# versions in tools/go.mod and installed there.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
write=
if [[ ${1-} == -write ]]; then
	write=yes
	shift
fi
run=${1:+$(cd "$1" && pwd)}

fail() {
	echo "execute.sh: $*" >&2
	exit 1
}

# check NAME DRAWINGS fails unless every cell did its work. nbconvert stops at a cell that does not compile, but not at one whose program
# or shell command fails: that one has talked on standard error, or shows nothing.
check() {
	local executed=$work/executed/$1
	if grep -qE '"(output_type": "error|name": "stderr)"' "$executed"; then
		grep -A20 -E '"(output_type": "error|name": "stderr)"' "$executed" >&2
		fail "$1: a cell failed"
	fi
	local drawings
	drawings=$(grep -c '"image/svg+xml"' "$executed") || true
	[[ $drawings == "$2" ]] || fail "$1: shows $drawings drawings, want $2"
}

# execute NAME DRAWINGS executes a notebook, which shows so many drawings.
execute() {
	mkdir -p "$work/${1%.ipynb}"
	NOISEPROBE_RUN=$run NOISEPROBE_WORK=$work/${1%.ipynb} jupyter-nbconvert --to notebook --execute --ExecutePreprocessor.record_timing=False \
		--ExecutePreprocessor.timeout=300 --output-dir "$work/executed" --output "$1" "$here/$1" 2>"$work/execute.log" ||
		fail "$1: $(cat "$work/execute.log")"
	check "$@"
	if [[ -n $write ]]; then
		cp "$work/executed/$1" "$here/$1"
	fi
	echo "$1: executed"
}

command -v jupyter-nbconvert >/dev/null || fail "jupyter-nbconvert is not installed (Debian: jupyter-nbconvert jupyter-client)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export CGO_ENABLED=0 TMPDIR=$work JUPYTER_DATA_DIR=$work/jupyter PATH=$work/bin:$PATH
mkdir "$work/bin"
go build -C "$root/tools" -o "$work/bin/" github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports
go build -C "$root" -o "$work/bin/" ./cmd/noiseprobe
gonb --install --force_deps --raw_error 2>"$work/install.log" || fail "$(cat "$work/install.log")"

if [[ -z $run ]]; then
	run=$work/run
	noiseprobe run -model '[64]' -batch 20 -steps 200 -units 256 -draws 64 -out "$run" >"$work/summary.txt" 2>"$work/run.log" || fail "$(cat "$work/run.log")"
fi
execute noise.ipynb 3
execute ne-against-sgd.ipynb 4
if /usr/bin/python3 -c 'import torch, numpy' 2>/dev/null; then
	execute pytorch.ipynb 2
else
	echo "execute.sh: NOT EXECUTED: pytorch.ipynb: /usr/bin/python3 has no torch or numpy (Debian: python3-torch python3-numpy)" >&2
fi
