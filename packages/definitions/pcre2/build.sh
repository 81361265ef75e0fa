#!/bin/sh
# Builds src/regex/pcre2-module.ts from Debian 12's source of PCRE2, the one its clamscan is built with:
#   sh packages/definitions/pcre2/build.sh FOLDER
# FOLDER is the unpacked source (apt-get source pcre2, version 10.42-1). Needs the packages clang-19 lld-19 wasi-libc
# libclang-rt-19-dev-wasm32. One line of PCRE2 is changed: the account of steps, see steps.h.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$1"/src/*.c "$1"/src/*.h "$work"
cp "$1"/src/pcre2_chartables.c.dist "$work/pcre2_chartables.c"
cp "$1"/src/pcre2.h.generic "$work/pcre2.h"
cp "$1"/src/config.h.generic "$work/config.h"
cp "$here"/shim.c "$here"/steps.h "$work"
cd "$work"
sed -i 's/^if (mb->match_call_count++ >= mb->match_limit) return/if (must_end()) return/' pcre2_match.c
grep -q '^if (must_end()) return PCRE2_ERROR_MATCHLIMIT;' pcre2_match.c
parts='auto_possess chartables compile config context error extuni find_bracket match match_data newline ord2utf
  pattern_info script_run string_utils study tables ucd valid_utf xclass'
sources=shim.c
for part in $parts; do sources="$sources pcre2_$part.c"; done
clang-19 --target=wasm32-wasi -mexec-model=reactor -O3 -DNDEBUG -DHAVE_CONFIG_H -DPCRE2_CODE_UNIT_WIDTH=8 \
  -DSUPPORT_UNICODE -DPCRE2_STATIC -DHAVE_MEMMOVE -DHAVE_STDINT_H -DHAVE_INTTYPES_H -DHAVE_STDLIB_H -DHAVE_STRING_H \
  -DHAVE_LIMITS_H -include steps.h -I. -Wl,--strip-all -o pcre2.wasm $sources
{
  echo '/** PCRE2 10.42 as a WebAssembly module: gzip, then Base64. Written by pcre2/build.sh; its licence is pcre2/LICENCE. */'
  printf 'export const pcre2Module =\n  '
  printf "'%s'\n" "$(gzip -9n < pcre2.wasm | base64 -w0)"
} > "$here/../src/regex/pcre2-module.ts"
