#!/bin/bash
# Archives of a release, each with a static program, its manual page, completions, README, changelog and licence, and their checksums:
# tools/release.sh DIRECTORY [OS/ARCH...]. The same commit gives the same bytes.
set -euo pipefail
out=$(realpath -m -- "${1:?a directory}")
shift
cd "$(dirname "$0")/.."
targets=("$@")
[[ $# -gt 0 ]] || targets=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build OS ARCH FILE
build() { GOOS=$1 GOARCH=$2 CGO_ENABLED=0 go build -tags static -trimpath -buildvcs=false -ldflags=-w -o "$3" ./cmd/noiseprobe; }

# section TITLE: what stands on standard input, as it is.
section() {
	printf '.SH %s\n.nf\n' "$1"
	sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\&&/"
	printf '.fi\n'
}

# manual: the help texts as a manual page.
manual() {
	local command
	printf '.TH NOISEPROBE 1 "" "noiseprobe %s" "User Commands"\n.SH NAME\nnoiseprobe \\- measures the noise of SGD\n' "$version"
	"$program" help | section DESCRIPTION
	for command in $("$program" help | sed -n '/^Commands:/,/^Example:/s/^    \([a-z-]*\) .*/\1/p'); do
		"$program" help "$command" | section "NOISEPROBE ${command^^}"
	done
}

program=$work/program
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$program"
version=$("$program" version | cut -d ' ' -f 2)
folder=noiseprobe-$version
mkdir -p "$out" "$work/$folder/completions"
cp README.md CHANGELOG.md LICENSE "$work/$folder"
manual >"$work/$folder/noiseprobe.1"
"$program" completion bash >"$work/$folder/completions/noiseprobe.bash"
"$program" completion zsh >"$work/$folder/completions/_noiseprobe"
"$program" completion fish >"$work/$folder/completions/noiseprobe.fish"
archives=()
for target in "${targets[@]}"; do
	suffix=
	[[ $target != windows/* ]] || suffix=.exe
	build "${target%/*}" "${target#*/}" "$work/$folder/noiseprobe$suffix"
	archives+=("$folder-${target/\//-}.tar.gz")
	tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$folder" | gzip -n >"$out/${archives[-1]}"
	rm "$work/$folder/noiseprobe$suffix"
done
cd "$out"
sha256sum "${archives[@]}" >SHA256SUMS
ls -l "${archives[@]}" SHA256SUMS
