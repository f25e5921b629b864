#!/bin/bash
# Third-party clients on the wire: IPF, node-soap and zeep, each as its registry gives it, drive a
# running hub over mutual TLS. Prints the matrix and compares it with the one in README.md.
#
#   run.sh [--data DIR] [--write]
#
#   --data DIR   the folder of a hub that runs already with --conformance; without it one is
#                started, from $WATLING or a debug build
#   --write      puts the matrix into README.md instead of comparing it
#
# A client whose language or registry is not there is skipped with a loud line; status 1 says that
# something failed or that the matrix differs.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=$root/target/interop
clients=(IPF node-soap zeep)
rows=("ITI-41 at the repository" "ITI-42 at the registry" "ITI-18 at the registry"
    "ITI-18 at the gateway" "ITI-43 at the repository" "ITI-43 at the gateway")
data="" write="" hub=""
while [ $# -gt 0 ]; do
    case $1 in
    --data) data=$(cd "$2" && pwd) && shift ;;
    --write) write=yes ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
    shift
done

work=$(mktemp -d)
trap 'if [ -n "$hub" ]; then kill "$hub" 2>/dev/null || true; wait "$hub" 2>/dev/null || true; fi
    rm -rf "$work"' EXIT
failures=0 ran=()
# A proxy may stand before a registry, never before the hub.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost

loud() { printf '\n!!!! %s !!!!\n' "$*"; }
failed() { loud "$@" && failures=$((failures + 1)); }

# Whether the command's version has at least the major (and minor) number asked for.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]; }

# What a client needs here that is not there; empty when all is.
lacks() {
    case $1 in
    IPF)
        command -v mvn >/dev/null || { echo "Maven is not installed" && return; }
        command -v javac >/dev/null || { echo "a JDK is not installed" && return; }
        at_least 17 "$(javac -version 2>&1 | sed -n 's/^javac //p')" || echo "Java is older than 17"
        ;;
    node-soap)
        command -v npm >/dev/null || { echo "Node and npm are not installed" && return; }
        at_least v20.19 "$(node --version)" || echo "Node is older than 20.19"
        ;;
    zeep)
        python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
            echo "Python 3.10 or newer with venv is not installed"
        ;;
    esac
}

registry() {
    case $1 in
    IPF) echo https://repo1.maven.org/maven2/org/openehealth/ipf/ipf-dependencies/maven-metadata.xml ;;
    node-soap) echo https://registry.npmjs.org/soap ;;
    zeep) echo https://pypi.org/simple/zeep/ ;;
    esac
}

# The pinned artefacts of a client, from its registry into its own folder.
fetch() {
    case $1 in
    IPF)
        mvn -B -q -f "$here/ipf/pom.xml" dependency:copy-dependencies \
            -DoutputDirectory="$cache/IPF/lib"
        ;;
    node-soap)
        cp "$here"/node-soap/package*.json "$cache/node-soap/" && npm ci \
            --prefix "$cache/node-soap" --no-audit --no-fund --ignore-scripts --fetch-retries 1
        ;;
    zeep)
        python3 -m venv "$cache/zeep" && "$cache/zeep/bin/pip" install -q --retries 1 \
            --disable-pip-version-check --require-hashes -r "$here/zeep/requirements.txt"
        ;;
    esac
}

pins() { cat "$here"/ipf/pom.xml "$here"/node-soap/package-lock.json "$here"/zeep/requirements.txt; }

# Fetches what is not fetched yet. 0: it is there; 1: its registry is out of reach; 2: it failed.
installed() {
    local stamp
    stamp=$(pins | sha256sum)
    [ "$(cat "$cache/$1/pins" 2>/dev/null)" = "$stamp" ] && return 0
    rm -rf "${cache:?}/$1" && mkdir -p "$cache/$1"
    if fetch "$1" >"$work/fetch" 2>&1; then
        echo "$stamp" >"$cache/$1/pins"
        return 0
    fi
    cat "$work/fetch"
    curl -sSf --max-time 20 -o /dev/null "$(registry "$1")" && return 2
    return 1
}

run() {
    case $1 in
    IPF)
        javac --release 17 -d "$cache/IPF/classes" -cp "$cache/IPF/lib/*" "$here"/ipf/interop/*.java &&
            timeout 300 java -cp "$here/ipf:$cache/IPF/classes:$cache/IPF/lib/*" interop.Main \
                "$data" "$here/submission.json"
        ;;
    node-soap)
        # A module finds its packages beside itself.
        cp "$here/node-soap/client.js" "$cache/node-soap/" &&
            timeout 300 node "$cache/node-soap/client.js" "$data" "$here/submission.json"
        ;;
    zeep)
        timeout 300 "$cache/zeep/bin/python" "$here/zeep/client.py" "$data" "$here/submission.json"
        ;;
    esac
}

start_hub() {
    if [ -z "${WATLING:-}" ]; then
        (cd "$root" && cargo build --locked -q -p hub --bin watling)
        WATLING=$root/target/debug/watling
    fi
    data=$work/data
    "$WATLING" serve --data "$data" --conformance --registry-listen 127.0.0.1:0 \
        --repository-listen 127.0.0.1:0 --gateway-listen 127.0.0.1:0 >"$work/hub" 2>&1 &
    hub=$!
    for _ in $(seq 300); do
        grep -q '^ready' "$work/hub" && return
        kill -0 "$hub" 2>/dev/null || break
        sleep 0.2
    done
    cat "$work/hub" >&2
    echo "the hub did not start" >&2
    return 1
}

# A client's lines of the matrix, from what it printed.
table() {
    local client=$1 version row transport cells
    version=$(sed -n 's/^version|//p' "$work/$client")
    for row in "${rows[@]}"; do
        cells=""
        for transport in MTOM inline; do
            cells+=" $(awk -F'|' -v row="$row" -v transport="$transport" \
                '$1 == row && $2 == transport { found = $3 } END { print found ? found : "fail" }' \
                "$work/$client") |"
        done
        printf '| %s %s | %s |%s\n' "$client" "$version" "$row" "$cells"
    done
}

for client in "${clients[@]}"; do
    lacking=$(lacks "$client")
    if [ -n "$lacking" ]; then
        loud "SKIPPED: $client: $lacking"
        continue
    fi
    outcome=0
    installed "$client" || outcome=$?
    case $outcome in
    0) ran+=("$client") ;;
    1) loud "SKIPPED: $client: its registry cannot be reached" ;;
    *) failed "FAILED: $client could not be installed from a registry that answers" ;;
    esac
done
if [ ${#ran[@]} -eq 0 ]; then
    loud "NO THIRD-PARTY CLIENT RAN"
    exit $((failures > 0))
fi

[ -n "$data" ] || start_hub
printf '| Client | Transaction | MTOM | inline |\n|---|---|---|---|\n' >"$work/matrix"
for client in "${ran[@]}"; do
    run "$client" >"$work/$client" || failed "FAILED: $client stopped early"
    table "$client" >>"$work/matrix"
done
printf '\n' && cat "$work/matrix"

if grep -q '| fail |' "$work/matrix"; then
    failed "FAILED: a client and the hub do not understand each other"
fi
kept=$here/README.md
if [ -n "$write" ]; then
    sed -i -e "/^| Client | Transaction /,/^\$/{/^\$/!d}" "$kept"
    sed -i -e "/^<!-- the matrix/r $work/matrix" "$kept"
else
    for client in "${ran[@]}"; do
        diff <(grep "^| $client " "$kept") <(grep "^| $client " "$work/matrix") ||
            failed "FAILED: the matrix of $client is not the one in tests/interop/README.md (--write)"
    done
fi
exit $((failures > 0))
