"""polars_job.py JOB ROWS OUT: one job by Polars."""
import polars as pl
from sql import CHUNK, args, src

job, n, out = args()
if job == "bronze":
    schema = {
        "order_id": pl.Int64, "customer_id": pl.Int64, "quantity": pl.Int32, "price": pl.Decimal(18, 2),
        "tax": pl.Decimal(18, 2), "discount": pl.Float64, "order_date": pl.Date, "created_at": pl.Datetime("us"),
        "status": pl.String, "country": pl.String, "email": pl.String, "comment": pl.String,
    }
    rows = pl.scan_csv(src("orders", n, "csv"), schema=schema, try_parse_dates=True)
    rows.sink_parquet(pl.PartitionBy(out, max_rows_per_file=CHUNK), compression="snappy", mkdir=True)
else:
    changes = pl.scan_parquet(src("changes", n, "parquet")).filter(pl.col("key").is_not_null())
    last = changes.group_by("key").agg(pl.all().sort_by("updated_at", "seq").last())
    last = last.filter(pl.col("op") != "D").select("key", "seq", "updated_at", "name", "city", "amount", "status")
    last.sink_parquet(f"{out}/out.parquet", compression="snappy", engine="streaming")
