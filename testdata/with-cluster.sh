#!/bin/sh
# Runs a command while a control plane of its own is up; the tests find it by VMDECK_TEST_CLUSTER and VMDECK_TEST_PROGRAM.
# usage: with-cluster.sh CLUSTER STATE COMMAND [ARGUMENT...]
set -eu
cluster=$1 state=$2
shift 2
trap 'exit 130' INT TERM
trap '"$cluster" down --dir "$state" --purge' EXIT
"$cluster" up --dir "$state" --port-base 0
VMDECK_TEST_CLUSTER=$(cd "$state" && pwd)
VMDECK_TEST_PROGRAM=$(cd "$(dirname "$cluster")" && pwd)/$(basename "$cluster")
export VMDECK_TEST_CLUSTER VMDECK_TEST_PROGRAM
"$@"
