#!/usr/bin/env bash
# Makes what is released: an archive of the program with its completions, manual pages and licences, and beside
# it a checksum, a bill of materials and a statement of what it was built from.
#
#   scripts/release.sh [FOLDER]         left out, target/archives
#
# WSCTL_BINARY names a program that is built already. The same commit and compiler give the same archive.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-target/archives}
binary=${WSCTL_BINARY:-}
if [[ -z $binary ]]; then
    cargo build --locked --profile dist --bin wsctl
    binary=target/dist/wsctl
fi

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
target=$(rustc -vV | sed -n 's/^host: //p')
name=wsctl-$version-$target
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

install -D -m 755 "$binary" "$stage/$name/wsctl"
install -m 644 README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$stage/$name/"
"$binary" man --out "$stage/$name/man"
mkdir "$stage/$name/completions"
for shell in bash zsh fish elvish powershell; do
    "$binary" completions "$shell" > "$stage/$name/completions/wsctl.$shell"
done

mkdir -p "$out"
time=$(git log -1 --format=%ct)
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" -cf - "$name" | gzip -9n > "$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
cargo metadata --locked --format-version 1 --filter-platform "$target" \
    | python3 scripts/materials.py bill > "$out/$name.cdx.json"
python3 scripts/materials.py statement "$out/$name.tar.gz" "$target" "$(rustc --version)" "$(git rev-parse HEAD)" \
    > "$out/$name.provenance.json"
printf '%s\n' "$out/$name".*
