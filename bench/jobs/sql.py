"""Shared definitions: the same questions asked of every peer."""
import os
import shutil
import sys

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(BENCH, "out")
DATA = os.path.join(OUT, "data")
CHUNK = 100_000


def src(name, n, ext):
    return f"{DATA}/{name}_{n}.{ext}"


COLUMNS = {
    "order_id": "BIGINT", "customer_id": "BIGINT", "quantity": "INTEGER", "price": "DECIMAL(18,2)",
    "tax": "DECIMAL(18,2)", "discount": "DOUBLE", "order_date": "DATE", "created_at": "TIMESTAMP",
    "status": "VARCHAR", "country": "VARCHAR", "email": "VARCHAR", "comment": "VARCHAR",
}


def form():
    """The format of the orders, the fourth argument: csv, jsonl or parquet."""
    return sys.argv[4] if len(sys.argv) > 4 else "csv"


def args():
    """JOB ROWS OUT: the output folder is made anew."""
    job, n, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    return job, n, out


SCD1 = """SELECT key, seq, updated_at, name, city, amount, status FROM (
  SELECT *, row_number() OVER (PARTITION BY key ORDER BY updated_at DESC, seq DESC) AS rn
  FROM {changes} WHERE key IS NOT NULL) t WHERE rn = 1 AND op <> 'D'"""

ATTRIBUTES = ["name", "city", "amount", "status"]

# Of rows with one time the last, then those that change something, then their bounds.
SCD2 = f"""WITH last AS (SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY key, updated_at ORDER BY seq DESC) AS rn
    FROM {{changes}} WHERE key IS NOT NULL) WHERE rn = 1),
  pairs AS (SELECT key, updated_at, op, {", ".join(ATTRIBUTES)}, lag(op) OVER same AS before_op,
      {", ".join(f"lag({name}) OVER same AS before_{name}" for name in ATTRIBUTES)}
    FROM last WINDOW same AS (PARTITION BY key ORDER BY updated_at)),
  changed AS (SELECT * FROM pairs WHERE before_op IS NULL OR (op = 'D') <> (before_op = 'D')
    OR (op <> 'D' AND ({" OR ".join(f"{name} <> before_{name}" for name in ATTRIBUTES)}))),
  bounds AS (SELECT *, lead(updated_at) OVER (PARTITION BY key ORDER BY updated_at) AS next FROM changed)
SELECT key, {", ".join(ATTRIBUTES)}, updated_at AS effective_from, next AS effective_to,
  (next IS NULL)::BIGINT AS is_current FROM bounds WHERE op <> 'D'"""
