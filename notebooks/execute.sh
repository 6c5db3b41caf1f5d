#!/bin/bash
# Executes noise.ipynb without a browser and checks what it shows.
#
#   notebooks/execute.sh [-write] [RUN-DIR]
#
# RUN-DIR is a finished run with gradients; without one a small run is made for the purpose. The executed notebook is thrown
# away, or with -write put in the place of noise.ipynb. Needs Go, and jupyter nbconvert with jupyter-client. Nothing outside
# of a temporary folder changes: the Go kernel is built from the versions in tools/go.mod and installed there.
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

# check fails unless every cell did its work. nbconvert stops at a cell that does not compile, but not at one whose program
# or shell command fails: that one has talked on standard error, or shows nothing.
check() {
	if grep -qE '"(output_type": "error|name": "stderr)"' "$1"; then
		grep -A20 -E '"(output_type": "error|name": "stderr)"' "$1" >&2
		fail "noise.ipynb: a cell failed"
	fi
	local drawings
	drawings=$(grep -c '"image/svg+xml"' "$1") || true
	[[ $drawings == 3 ]] || fail "noise.ipynb: shows $drawings drawings, want 3"
}

command -v jupyter-nbconvert >/dev/null || fail "jupyter-nbconvert is not installed (Debian: jupyter-nbconvert jupyter-client)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export CGO_ENABLED=0 TMPDIR=$work JUPYTER_DATA_DIR=$work/jupyter PATH=$work/bin:$PATH
mkdir "$work/bin"
go build -C "$root/tools" -o "$work/bin/" github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports
gonb --install --force_deps --raw_error 2>"$work/install.log" || fail "$(cat "$work/install.log")"

if [[ -z $run ]]; then
	run=$work/run
	(cd "$root" && go run ./cmd/noiseprobe run -model '[64]' -batch 20 -steps 200 -units 256 -draws 64 -out "$run" >"$work/summary.txt")
fi
NOISEPROBE_RUN=$run jupyter-nbconvert --to notebook --execute --ExecutePreprocessor.record_timing=False \
	--ExecutePreprocessor.timeout=300 --output-dir "$work" --output executed.ipynb "$here/noise.ipynb" 2>"$work/execute.log" ||
	fail "noise.ipynb: $(cat "$work/execute.log")"
check "$work/executed.ipynb"
if [[ -n $write ]]; then
	cp "$work/executed.ipynb" "$here/noise.ipynb"
fi
