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


def args():
    """JOB ROWS OUT: the output folder is made anew."""
    job, n, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    return job, n, out


SCD1 = """SELECT key, seq, updated_at, name, city, amount, status FROM (
  SELECT *, row_number() OVER (PARTITION BY key ORDER BY updated_at DESC, seq DESC) AS rn
  FROM {changes} WHERE key IS NOT NULL) t WHERE rn = 1 AND op <> 'D'"""
