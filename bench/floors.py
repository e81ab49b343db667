"""floors.py ROWS DATA: CPU seconds of one thread of DuckDB for each step from CSV to Parquet, and of hashing.

Prints `step seconds` a line: tokenise (count the rows), parse (typed values in memory, tokenising included),
encode (those values as snappy Parquet), hash (SHA-256 of that file).
"""
import hashlib
import os
import sys
import tempfile
import time

import duckdb
from jobs.sql import COLUMNS

rows, data = sys.argv[1:3]
connection = duckdb.connect(config={"threads": 1})
source = f"read_csv('{data}/orders_{rows}.csv', header=true, columns={COLUMNS}, delim=',', quote='\"', escape='\"', new_line='\\n')"


def step(name, work):
    start = time.process_time()
    work()
    print(name, f"{time.process_time() - start:.3f}", flush=True)


with tempfile.TemporaryDirectory() as folder:
    out = os.path.join(folder, "out.parquet")
    step("tokenise", lambda: connection.execute(f"SELECT count(*) FROM {source}").fetchall())
    step("parse", lambda: connection.execute(f"CREATE TABLE t AS FROM {source}"))
    step("encode", lambda: connection.execute(f"COPY t TO '{out}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 100000)"))

    def digest():
        with open(out, "rb") as file:
            hashlib.file_digest(file, "sha256")

    step("hash", digest)
