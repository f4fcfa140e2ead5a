#!/usr/bin/env bash
# Everything `make test` promises, in order of cheapness. Every stage runs; the last line says how it went.
# With words, only the stages whose names hold one of them: tests/run_all.sh floors types
cd "$(dirname "$0")/.." || exit 1
PY=.venv/bin/python
export PYTHONDONTWRITEBYTECODE=1
failed=() only=("$@")
begun=$SECONDS
JOBS=${SURCEASE_TEST_JOBS:-2}
NORMAL="not long and not fault and not browser"

stage() {  # stage NAME COMMAND…
  local name=$1 start=$SECONDS word chosen=
  shift
  for word in "${only[@]}"; do [[ $name == *"$word"* ]] && chosen=1; done
  [ ${#only[@]} -gt 0 ] && [ -z "$chosen" ] && return
  echo "== $name"
  if "$@"; then echo "   $name: fine, $((SECONDS - start)) s"; else failed+=("$name"); echo "   $name: FAILED, $((SECONDS - start)) s"; fi
}

quiet() {  # the command's own words only when it fails
  local words
  words=$("$@" 2>&1) || { echo "$words"; return 1; }
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

stage "style" .venv/bin/ruff check .
stage "format" .venv/bin/ruff format --check -q .
stage "floors" quiet .venv/bin/lint-imports --no-cache
stage "types" .venv/bin/mypy
stage "migrations" quiet .venv/bin/surcease manage --home "$scratch/home" makemigrations --check --dry-run
stage "pure floors without Django" $PY tests/pure_environment.py -n "$JOBS" -m "$NORMAL" --doctest-modules \
  tests/unit tests/cases tests/property tests/reference \
  src/surcease/units.py src/surcease/pkpd src/surcease/knowledge src/surcease/care src/surcease/fhir src/surcease/hl7 src/surcease/charts
stage "web on SQLite" $PY -m pytest -n "$JOBS" --dist loadgroup -m "$NORMAL" --doctest-modules \
  tests/integration tests/architecture src/surcease/web src/surcease/cli
stage "web on PostgreSQL" $PY tests/with_postgresql.py $PY -m pytest -n "$JOBS" --dist loadgroup -m "$NORMAL" tests/integration
stage "browser" $PY -m pytest -m "browser and not long and not fault" tests/browser

echo
minutes=$(((SECONDS - begun) / 60)) seconds=$(((SECONDS - begun) % 60))
if [ ${#failed[@]} -eq 0 ]; then
  what="All tests pass"
  [ ${#only[@]} -gt 0 ] && what="The chosen stages pass"
  echo "$what (${minutes} min ${seconds} s)."
else
  echo "Not everything passes: $(IFS=,; echo "${failed[*]}" | sed 's/,/, /g') (${minutes} min ${seconds} s)."
  exit 1
fi
