"""check.py JOB DIR: row count and order-free sums of the Parquet files below DIR. Outputs agree when the lines agree."""
import glob
import sys

import duckdb

job, folder = sys.argv[1:3]
# Names with an underscore in front are bookkeeping, not data; the current rows stand in the history too.
files = [f for f in glob.glob(folder + "/**/*.parquet", recursive=True) if "/_" not in f]
if job == "scd_type_2":
    files = [f for f in files if "/current/" not in f]
query = {
    "bronze": """count(*), sum(order_id), count(customer_id), sum(customer_id), count(quantity), sum(quantity),
        sum(price)::DECIMAL(30,2), sum(tax)::DECIMAL(30,2), round(sum(discount), 3), count(country), count(comment),
        sum(length(comment)), sum(length(email)), sum(order_date - DATE '2000-01-01'), sum(epoch_us(created_at::TIMESTAMP) % 1000003)""",
    "scd_type_1": """count(*), sum(key)::BIGINT, sum(seq)::BIGINT, sum(amount)::DECIMAL(30,2), sum(length(name)),
        sum(length(city)), sum(length(status)), sum(epoch_us(updated_at::TIMESTAMP) % 1000003)""",
    "scd_type_2": """count(*), sum(key)::BIGINT, sum(is_current)::BIGINT, sum(amount)::DECIMAL(30,2), sum(length(name)),
        sum(length(city)), sum(length(status)), count(effective_to), sum(epoch_us(effective_from::TIMESTAMP) % 1000003),
        sum(epoch_us(effective_to::TIMESTAMP) % 1000003)""",
}[job]
print(*duckdb.connect().execute(f"SELECT {query} FROM read_parquet({files}, union_by_name=true)").fetchone())
