#!/bin/sh
# Starts the demo's control plane, opens vmdeck on it and stops it again unless KEEP is set.
# usage: demo.sh CLUSTER VMDECK STATE
set -eu
cluster=$1 vmdeck=$2 state=$3
trap 'exit 130' INT TERM
if [ -z "${KEEP:-}" ]; then
	trap '"$cluster" down --dir "$state"' EXIT
fi
"$cluster" up --dir "$state" --seed demo
status=0
"$vmdeck" --kubeconfig "$state/kubeconfig" --context "${CONTEXT:-power-user}" || status=$?
if [ -n "${KEEP:-}" ]; then
	echo "The control plane keeps running: $vmdeck --kubeconfig $state/kubeconfig; $cluster down --dir $state ends it."
fi
exit $status
