"""demo_numbers.py FOLDER: recomputes the demo's Bronze and Silver from its CSV files with DuckDB and compares.

Every row and every value is compared, not only counts; then the numbers that the run reported.
"""
import glob
import json
import os
import sys

import duckdb

DATES = ["2013-01-01", "2013-01-02", "2013-01-03"]
# Dataset: its file, its key (None: every row counts).
DATASETS = {
    "flights": ("flights_{date}.csv", None),
    "airlines": ("airlines.csv", "carrier"),
    "airports": ("airports.csv", "faa"),
    "planes": ("planes.csv", "tailnum"),
}
# What the source is known to have; a check of the check.
FLIGHTS = {"2013-01-01": 842, "2013-01-02": 943, "2013-01-03": 914}

folder = sys.argv[1]
db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
problems = []


def one(query):
    return db.execute(query).fetchone()


def parts(pattern):
    """The Parquet files below a pattern, without bookkeeping; the run was the first one, so no old parts stand about."""
    found = glob.glob(os.path.join(folder, "lake", pattern), recursive=True)
    return sorted(path for path in found if "/_" not in path[len(folder):])


def compare(name, expected, files):
    """Compares rows and values; returns the number of rows found."""
    if not files:
        problems.append(f"{name}: no Parquet files")
        return None
    db.execute(f"CREATE OR REPLACE VIEW actual AS SELECT * FROM read_parquet({files}, hive_partitioning = false)")
    types = {row[0]: row[1] for row in db.execute("DESCRIBE actual").fetchall()}
    columns = [row[0] for row in db.execute(f"DESCRIBE {expected}").fetchall()]
    extra = [column for column in types if column not in columns and not column.startswith("_")]
    absent = [column for column in columns if column not in types]
    if extra or absent:
        problems.append(f"{name}: columns differ: {extra} are new, {absent} are missing")
        return None
    cast = ", ".join(f'CAST("{column}" AS {types[column]}) AS "{column}"' for column in columns)
    plain = ", ".join(f'"{column}"' for column in columns)
    (missing,) = one(f"SELECT count(*) FROM (SELECT {cast} FROM {expected} EXCEPT ALL SELECT {plain} FROM actual)")
    (surplus,) = one(f"SELECT count(*) FROM (SELECT {plain} FROM actual EXCEPT ALL SELECT {cast} FROM {expected})")
    if missing or surplus:
        problems.append(f"{name}: {missing} rows are missing, {surplus} should not be there")
    nulls = " + ".join(f'count(*) - count("{column}")' for column in columns)
    if one(f"SELECT {nulls} FROM actual") != one(f"SELECT {nulls} FROM {expected}"):
        problems.append(f"{name}: another number of nulls")
    return one("SELECT count(*) FROM actual")[0]


with open(os.path.join(folder, "report.json"), encoding="utf-8") as file:
    report = json.load(file)["report"]
reported = {(s["step"]["dataset"], s["step"]["date"], s["step"]["layer"]): s for s in report["steps"]}
if report["exit"] != 0:
    problems.append(f"the run ended with {report['exit']}")
checked = 0
for date in DATES:
    for dataset, (source, key) in DATASETS.items():
        csv = os.path.join(folder, "data", "nycflights13", source.format(date=date))
        db.execute(
            f"CREATE OR REPLACE VIEW source AS SELECT * FROM read_csv('{csv}', header = true, all_varchar = true, "
            "nullstr = ['', 'NA'], allow_quoted_nulls = false)"
        )
        if key and one(f"SELECT count(*) - count(DISTINCT {key}) FROM source")[0]:
            problems.append(f"{dataset}: {key} is no key, this check needs a rule for the last row of a key")
        for layer, pattern in (
            ("bronze", f"bronze/system=nyc/table={dataset}/**/dt={date}/**/*.parquet"),
            ("silver", f"silver/domain=aviation/entity={dataset}/**/load_date={date}/**/*.parquet"),
        ):
            name = f"{layer} {dataset} {date}"
            rows = compare(name, "source", parts(pattern))
            step = reported.get((dataset, date, layer))
            if step is None:
                problems.append(f"{name}: the run did not report it")
            elif int(step["rows"]) != rows or int(step["rejected"]) != 0:
                problems.append(f"{name}: reported {step['rows']} rows and {step['rejected']} rejected, found {rows} and expected none")
            if dataset == "flights" and rows != FLIGHTS[date]:
                problems.append(f"{name}: {rows} rows, the source has {FLIGHTS[date]}")
            checked += 1
if problems:
    sys.exit("demo numbers differ from DuckDB's:\n  " + "\n  ".join(problems))
print(f"   DuckDB {duckdb.__version__} finds the same rows and values in {checked} partitions and loads")
