"""duckdb_job.py JOB ROWS OUT: one job by DuckDB."""
import duckdb
from sql import CHUNK, SCD1, args, src

job, n, out = args()
connection = duckdb.connect()
if job == "bronze":
    columns = {
        "order_id": "BIGINT", "customer_id": "BIGINT", "quantity": "INTEGER", "price": "DECIMAL(18,2)",
        "tax": "DECIMAL(18,2)", "discount": "DOUBLE", "order_date": "DATE", "created_at": "TIMESTAMP",
        "status": "VARCHAR", "country": "VARCHAR", "email": "VARCHAR", "comment": "VARCHAR",
    }
    connection.execute(
        f"""COPY (SELECT * FROM read_csv('{src("orders", n, "csv")}', header=true, columns={columns},
              delim=',', quote='"', escape='"', new_line='\\n'))
            TO '{out}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {CHUNK}, ROW_GROUPS_PER_FILE 1)"""
    )
else:
    query = SCD1.format(changes=f"read_parquet('{src('changes', n, 'parquet')}')")
    connection.execute(f"COPY ({query}) TO '{out}/out.parquet' (FORMAT parquet, COMPRESSION snappy)")
