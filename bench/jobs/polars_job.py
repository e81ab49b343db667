"""polars_job.py JOB ROWS OUT [FORMAT]: one job by Polars."""
import polars as pl
from sql import ATTRIBUTES, CHUNK, args, form, src

job, n, out = args()
if job == "bronze":
    schema = {
        "order_id": pl.Int64, "customer_id": pl.Int64, "quantity": pl.Int32, "price": pl.Decimal(18, 2),
        "tax": pl.Decimal(18, 2), "discount": pl.Float64, "order_date": pl.Date, "created_at": pl.Datetime("us"),
        "status": pl.String, "country": pl.String, "email": pl.String, "comment": pl.String,
    }
    path = src("orders", n, form())
    if form() == "csv":
        rows = pl.scan_csv(path, schema=schema, try_parse_dates=True)
    elif form() == "jsonl":
        # Its JSON reader makes no times; numbers it reads as floats first.
        loose = {pl.Date: pl.String, pl.Datetime("us"): pl.String, pl.Decimal(18, 2): pl.Float64}
        rows = pl.scan_ndjson(path, schema={name: loose.get(kind, kind) for name, kind in schema.items()})
        rows = rows.with_columns(
            pl.col("order_date").str.to_date("%Y-%m-%d"),
            pl.col("created_at").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us"),
            pl.col("price", "tax").cast(pl.Decimal(18, 2)),
        )
    else:
        rows = pl.scan_parquet(path)
    rows.sink_parquet(pl.PartitionBy(out, max_rows_per_file=CHUNK), compression="snappy", mkdir=True)
elif job == "scd_type_2":
    changes = pl.scan_parquet(src("changes", n, "parquet")).filter(pl.col("key").is_not_null())
    key, time, deletes = pl.col("key"), pl.col("updated_at"), pl.col("op") == "D"
    rows = changes.sort("key", "updated_at", "seq")
    rows = rows.filter(~((key == key.shift(-1)) & (time == time.shift(-1))).fill_null(False))
    differs = pl.any_horizontal([pl.col(name) != pl.col(name).shift(1) for name in ATTRIBUTES])
    is_first = (key != key.shift(1)).fill_null(True)
    rows = rows.filter(is_first | (deletes != deletes.shift(1)) | (~deletes & differs))
    rows = rows.with_columns(effective_from=time, effective_to=pl.when(key == key.shift(-1)).then(time.shift(-1)))
    rows = rows.with_columns(is_current=pl.col("effective_to").is_null().cast(pl.Int64)).filter(~deletes)
    rows = rows.select("key", *ATTRIBUTES, "effective_from", "effective_to", "is_current")
    rows.sink_parquet(f"{out}/out.parquet", compression="snappy", engine="streaming")
else:
    changes = pl.scan_parquet(src("changes", n, "parquet")).filter(pl.col("key").is_not_null())
    last = changes.group_by("key").agg(pl.all().sort_by("updated_at", "seq").last())
    last = last.filter(pl.col("op") != "D").select("key", "seq", "updated_at", "name", "city", "amount", "status")
    last.sink_parquet(f"{out}/out.parquet", compression="snappy", engine="streaming")
