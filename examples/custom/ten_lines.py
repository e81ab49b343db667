"""A source in ten lines: write one JSON object a line, and all other words to standard error."""

import json
import sys

day = sys.argv[1]
for number in range(1, 101):
    print(json.dumps({"id": number, "day": day, "price": number * 0.5}))
print("100 records", file=sys.stderr)
