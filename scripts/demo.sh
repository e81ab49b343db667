#!/bin/bash
# demo.sh PROGRAM: makes the workspace demo/ from configs/, runs three days, opens the app on a terminal.
set -euo pipefail
cd "$(dirname "$0")/.."
medallion=$1

# Configs and data are laid over what is there: what a person added or ran before stays.
mkdir -p demo
cp -R configs/nycflights13.yaml configs/data demo/
echo "== demo: Bronze and Silver of three days of real flights, in demo/"
"$medallion" run demo --date 2013-01-01..2013-01-03
if [ -t 0 ] && [ -t 1 ]; then
    exec "$medallion" app demo
fi
cat <<END

Next: $medallion app demo          the terminal app (opens by itself when this runs in a terminal)
      $medallion rows demo --source flights --date 2013-01-01
      $medallion web demo          the same in a browser
END
