#!/bin/bash
# Makes the pictures of docs/looking.md again: bash tools/screenshots.sh, with Chromium on the path. It takes some minutes.
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
./noiseprobe sweep -model '[16],[8]' -data embedded -alpha 1,1.5,2 -batch 25,50,100,200 -seeds 3 -steps 200 -units 64 -draws 16 -resamples 512 -eval 500 -out sweep >/dev/null 2>&1
./noiseprobe compare sweep -html compare.html >/dev/null 2>&1
train -alpha 2 -steps 100000 -checkpoints log:9 -out runs/going &
pids+=($!)
./noiseprobe serve runs >address 2>/dev/null &
pids+=($!)
for _ in {1..300}; do
	[[ $(cat runs/going/losses.csv 2>/dev/null | wc -l) -gt 4000 ]] && break
	sleep 1
done
address=$(cat address)

# shot NAME WIDTH HEIGHT ADDRESS [dark]: a file in a frame, since a page of its own is taken from its top, whatever part the address names
shot() {
	local scheme=1 address=$4
	[[ ${5:-} == dark ]] && scheme=0
	[[ $4 == file:* ]] && address=file://$work/frame.html
	echo "<!DOCTYPE html><body style='margin: 0'><iframe src='$4' style='width: $2px; height: $3px; border: 0'></iframe>" >frame.html
	chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --timeout=3000 --user-data-dir="$work/browser" \
		--blink-settings=preferredColorScheme=$scheme --window-size="$2,$3" --screenshot="$out/$1.png" "$address" >/dev/null 2>&1
}
shot serve 1000 760 "${address}run?run=0%2Fgoing"
shot overlay 1000 620 "${address}overlay?run=0%2Falpha1&run=0%2Falpha1.5&run=0%2Falpha3"
shot list 1000 480 "$address"
shot run 1000 1000 "file://$work/runs/alpha1.5/report.html"
shot compare 1000 1150 "file://$work/compare.html#answer1"
shot dark 1000 1000 "file://$work/runs/alpha1.5/report.html#shape" dark
shot narrow 400 1000 "file://$work/runs/alpha1.5/report.html#training"
ls -l "$out"/*.png
