# Runs a class with `fetch_records(config, run_date)` and writes what it gives as Singer messages.
import datetime, decimal, importlib, json, os, sys

out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
os.dup2(2, 1)  # What the class prints is no record.
sys.path.insert(0, os.getcwd())
module, name, stream, day = sys.argv[1:5]


def plain(value):
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8")
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a value of type {type(value).__name__} cannot be written as JSON")


def write(message):
    out.write(json.dumps(message, default=plain, ensure_ascii=False, allow_nan=False) + "\n")


config = json.loads(os.environ["MEDALLION_CONFIG"])
if os.environ.get("MEDALLION_STATE"):
    config["cursor"] = json.loads(os.environ["MEDALLION_STATE"]).get("cursor")
result = getattr(importlib.import_module(module), name)().fetch_records(config, datetime.date.fromisoformat(day))
records, cursor = result if isinstance(result, tuple) else (result, None)
write({"type": "SCHEMA", "stream": stream, "schema": {}, "key_properties": []})
for record in records:
    write({"type": "RECORD", "stream": stream, "record": record})
if cursor is not None:
    write({"type": "STATE", "value": {"cursor": cursor}})
out.flush()
