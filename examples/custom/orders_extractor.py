"""A Python class as a source: `fetch_records` gives records and the cursor to go on from."""

from decimal import Decimal


class OrdersExtractor:
    def fetch_records(self, config, run_date):
        first = int(config.get("cursor") or 0) + 1
        last = config.get("count", 10)
        print("what a class prints is no record")
        records = [{"id": i, "day": run_date, "amount": Decimal(i) / 10 * Decimal("1.0")} for i in range(first, last + 1)]
        return records, str(last)
