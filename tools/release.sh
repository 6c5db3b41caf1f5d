#!/bin/bash
# Archives of a release, each with a static program, its manual page, completions, README, changelog and licences, and their checksums:
# tools/release.sh DIRECTORY [OS/ARCH...]. The same commit and Go give the same bytes, whatever else is set.
set -euo pipefail
usage() {
	echo "usage: tools/release.sh DIRECTORY [OS/ARCH...]" >&2
	exit 2
}
[[ $# -gt 0 ]] || usage
for target in "${@:2}"; do [[ $target == ?*/?* ]] || usage; done
out=$(realpath -m -- "$1")
shift
cd "$(dirname "$0")/.."
[[ -z $(git status --porcelain 2>&1) ]] || echo "tools/release.sh: not the files of a commit: git status is not empty" >&2
targets=("$@")
[[ $# -gt 0 ]] || targets=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64)
unset GOAMD64 GOARM64 GOEXPERIMENT GOFLAGS
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

# licences: those of Go and of every module that is linked in.
licences() {
	printf 'The Go standard library\n\n'
	cat "$(go env GOROOT)/LICENSE"
	go list -deps -tags static -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/noiseprobe | sort -u |
		while read -r module version dir; do
			printf '\n\n%s %s\n\n' "$module" "$version"
			find "$dir" -maxdepth 1 '(' -name 'LICEN[CS]E*' -o -name 'NOTICE*' ')' -print0 | sort -z | xargs -0 cat
		done
}

program=$work/program
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$program"
version=$("$program" version | cut -d ' ' -f 2)
folder=noiseprobe-$version
mkdir -p "$out" "$work/$folder/completions"
cp README.md CHANGELOG.md LICENSE "$work/$folder"
manual >"$work/$folder/noiseprobe.1"
licences >"$work/$folder/LICENSES-OF-MODULES"
"$program" completion bash >"$work/$folder/completions/noiseprobe.bash"
"$program" completion zsh >"$work/$folder/completions/_noiseprobe"
"$program" completion fish >"$work/$folder/completions/noiseprobe.fish"
archives=()
for target in "${targets[@]}"; do
	suffix=
	[[ $target != windows/* ]] || suffix=.exe
	build "${target%/*}" "${target#*/}" "$work/$folder/noiseprobe$suffix"
	archives+=("$folder-${target/\//-}.tar.gz")
	tar --sort=name --mtime=@0 --mode=u=rwX,go=rX --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$folder" | gzip -n >"$out/${archives[-1]}"
	rm "$work/$folder/noiseprobe$suffix"
done
cd "$out"
sha256sum "${archives[@]}" >SHA256SUMS
ls -l "${archives[@]}" SHA256SUMS
