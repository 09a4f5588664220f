#!/bin/sh
# Estimates pi by throwing darts, in rounds, so that there is something to watch. Needs nothing but a POSIX shell and awk.
# Usage: estimate-pi.sh ROUNDS OUTPUT
set -eu
rounds=$1
output=$2

echo "started on $(hostname) with $(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1 || true)"
# One line a start: whoever reads the outputs can tell that the command ran once.
echo "start" >>starts.log

inside=0
thrown=0
round=1
while [ "$round" -le "$rounds" ]; do
  hits=$(awk -v seed="$round" 'BEGIN { srand(seed); for (i = 0; i < 20000; i++) { x = rand(); y = rand(); if (x * x + y * y < 1) n++ } print n }')
  inside=$((inside + hits))
  thrown=$((thrown + 20000))
  awk -v r="$round" -v of="$rounds" -v i="$inside" -v t="$thrown" 'BEGIN { printf "round %d of %d: pi is about %.5f\n", r, of, 4 * i / t }'
  round=$((round + 1))
  sleep 0.5
done

awk -v i="$inside" -v t="$thrown" -v s="$(wc -l <starts.log)" 'BEGIN { printf "{\"pi\": %.6f, \"darts\": %d, \"starts\": %d}\n", 4 * i / t, t, s }' >"$output"
echo "wrote $output"
