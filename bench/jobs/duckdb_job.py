"""duckdb_job.py JOB ROWS OUT [FORMAT]: one job by DuckDB."""
import duckdb
from sql import CHUNK, COLUMNS, SCD1, SCD2, args, form, src

job, n, out = args()
connection = duckdb.connect()
if job == "bronze":
    path = src("orders", n, form())
    source = {
        "csv": f"""read_csv('{path}', header=true, columns={COLUMNS},
              delim=',', quote='"', escape='"', new_line='\\n')""",
        "jsonl": f"read_json('{path}', format='newline_delimited', columns={COLUMNS})",
        "parquet": f"read_parquet('{path}')",
    }[form()]
    connection.execute(
        f"""COPY (SELECT * FROM {source})
            TO '{out}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {CHUNK}, ROW_GROUPS_PER_FILE 1)"""
    )
else:
    query = {"scd_type_1": SCD1, "scd_type_2": SCD2}[job].format(changes=f"read_parquet('{src('changes', n, 'parquet')}')")
    connection.execute(f"COPY ({query}) TO '{out}/out.parquet' (FORMAT parquet, COMPRESSION snappy)")
