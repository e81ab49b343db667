#!/bin/bash
# step.sh NAME COMMAND...: says what starts, runs it, says how long it took. Ends as the command ended.
name=$1
shift
bold= off=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' off=$'\e[0m'; fi
echo "${bold}== $name${off}"
start=$(date +%s.%N)
"$@"
code=$?
seconds=$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')
if [ $code -eq 0 ]; then
    echo "   $name: $seconds s"
else
    echo "${bold}== $name FAILED${off} (exit code $code) after $seconds s" >&2
fi
exit $code
