#!/bin/bash
# Makes the pictures of docs/looking.md again: bash tools/screenshots.sh, with Chromium on the path. It takes a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/docs/figures
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/noiseprobe" ./cmd/noiseprobe
cd "$work"
mkdir runs
train() { ./noiseprobe run -model '[64],[32]' -batch 100 -units 256 -draws 16 -resamples 512 -eval 500 "$@" >/dev/null 2>&1; }
for alpha in 1 1.5 3; do
	train -alpha $alpha -steps 600 -out runs/alpha$alpha
done
train -alpha 2 -steps 100000 -checkpoints log:9 -out runs/going &
pids+=($!)
./noiseprobe serve runs >address 2>/dev/null &
pids+=($!)
for _ in {1..300}; do
	[[ $(wc -l <runs/going/losses.csv 2>/dev/null || echo 0) -gt 4000 ]] && break
	sleep 1
done
address=$(cat address)

# shot NAME WIDTH HEIGHT ADDRESS [dark]
shot() {
	local scheme=1
	[[ ${5:-} == dark ]] && scheme=0
	chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --timeout=3000 --user-data-dir="$work/browser" \
		--blink-settings=preferredColorScheme=$scheme --window-size="$2,$3" --screenshot="$out/$1.png" "$4" >/dev/null 2>&1
}
shot serve 1000 760 "${address}run?run=0%2Fgoing"
shot overlay 1000 620 "${address}overlay?run=0%2Falpha1&run=0%2Falpha1.5&run=0%2Falpha3"
shot dark 1000 900 "file://$work/runs/alpha1.5/report.html" dark
shot narrow 400 900 "file://$work/runs/alpha1.5/report.html"
ls -l "$out"/*.png
