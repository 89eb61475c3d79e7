#!/bin/sh
# Make our namespace and search attributes where they are missing; safe to repeat. Reads TEMPORAL_ADDRESS.
set -eu
namespace=dondoc
retention=90d
attributes="Plan=Keyword Unit=Keyword State=Keyword DueAt=Datetime OpenCount=Int"

patiently() { # a fresh namespace is known to every part of the server only after some seconds
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    if "$@"; then return 0; fi
    sleep 5
  done
  return 1
}

patiently temporal operator cluster health
temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$namespace" --retention "$retention"
patiently temporal operator search-attribute list --namespace "$namespace" >/dev/null
known=$(temporal operator search-attribute list --namespace "$namespace")
for pair in $attributes; do
  name=${pair%%=*}
  if ! printf '%s\n' "$known" | grep -qw "$name"; then
    patiently temporal operator search-attribute create --namespace "$namespace" --name "$name" --type "${pair#*=}"
  fi
done
