"""lines.py ROWS DATA: the orders of `gen.py` as JSON lines beside the other files, by DuckDB."""
import sys

import duckdb

rows, data = sys.argv[1:3]
duckdb.connect().execute(
    f"COPY (FROM read_parquet('{data}/orders_{rows}.parquet')) TO '{data}/orders_{rows}.jsonl' (FORMAT json)"
)
