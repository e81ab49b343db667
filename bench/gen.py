#!/usr/bin/env python3
"""Deterministic data for the peer benchmark.  usage: gen.py N [outdir]

Writes, for N rows (same N -> same bytes, see the printed sha256):
  orders_N.csv       12 mixed columns (ints, decimals, timestamps, quoted/unicode/multi-line strings, nulls)
  customers_N.csv    N/10 rows, 6 columns (the right side of the join)
  changes_N.csv      a change log of N rows over ~N/5 keys, in "arrival" order
and the same three as Parquet (snappy, one file, row groups of 131072) for the Silver jobs.

changes: key,seq,updated_at,op,name,city,amount,status
  - about 0.2 % null keys (must be quarantined, never merged)
  - about 1 % ties: same (key, updated_at), different seq: the larger seq wins
  - about 10 % of rows repeat the row before them for that key (no change: must not open a version)
  - about 3 % deletes (op D); some keys come back afterwards (reactivation)
  - about 5 % of rows arrive late: out of order in the file
"""
import sys, hashlib, os
import numpy as np, pyarrow as pa, pyarrow.parquet as pq, polars as pl

N = int(sys.argv[1]); OUT = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "out", "data")
os.makedirs(OUT, exist_ok=True)
EPOCH = np.datetime64("2024-01-01T00:00:00", "us").astype("int64")
FIRST = ["Ana","Bo","Chloé","Dmitri","Eiko","Fatıma","Göran","Hélène","Iñigo","Jürgen","Kai","Łukasz","Mary Ann","Noor","O'Neil","Þór"]
LAST = ["Smith","Müller","García","Nguyễn","Ivanov","山田","O'Brien","de la Cruz","Østergård","Zhang"]
CITY = ["Lisbon","São Paulo","Zürich","New York, NY","Kraków","東京","Reykjavík","Cape Town"]
COUNTRY = ["US","DE","FR","BR","JP","GB","IN","ZA","IS","PL"]
STATUS = ["new","paid","shipped","delivered","returned","cancelled"]
COMM = ["leave at the door", 'he said "fragile"', "gift, wrap it", "naïve café — naïf", "line one\nline two", "ok", "🚚 fast please", 'a "quoted, comma" text', "call before delivery, ring twice and wait for an answer at the gate", "none"]

def ts(us): return pa.array(us, pa.int64()).cast(pa.timestamp("us"))
def dec(cents, p=18, s=2):
    # exact decimal(p,2) from integer cents: int128 buffer
    b = np.zeros((len(cents), 2), dtype="<i8"); b[:,0] = cents; b[:,1] = cents >> 63
    return pa.Array.from_buffers(pa.decimal128(p, s), len(cents), [None, pa.py_buffer(b.tobytes())])
def nulls(rng, n, f): return rng.random(n) < f
def mask(arr, m):
    import pyarrow.compute as pc
    return pc.if_else(pa.array(~m), arr, pa.scalar(None, arr.type))
def pick(words, idx): return pa.DictionaryArray.from_arrays(pa.array(idx.astype("int32")), pa.array(words)).cast(pa.string())

def orders(n, ncust):
    rng = np.random.default_rng(20250101)
    i = np.arange(n, dtype="int64")
    first = rng.integers(0, len(FIRST), n); last = rng.integers(0, len(LAST), n)
    import pyarrow.compute as pc
    email = pc.binary_join_element_wise(pa.array(np.char.add("user", (rng.integers(0, ncust, n)).astype(str))), pa.scalar("example.com"), "@")
    created = EPOCH + rng.integers(0, 600*86400*10**6, n)
    return pa.table({
        "order_id": pa.array(i + 1),
        "customer_id": mask(pa.array(rng.integers(1, int(ncust*1.02)+1, n)), nulls(rng, n, .005)),
        "quantity": mask(pa.array(rng.integers(1, 100, n).astype("int32")), nulls(rng, n, .02)),
        "price": dec(rng.integers(1, 10_000_000, n)),
        "tax": mask(dec(rng.integers(-5000, 1_000_000, n)), nulls(rng, n, .05)),
        "discount": pa.array(np.round(rng.random(n), 6)),
        "order_date": pa.array((created // (86400*10**6)).astype("int32")).cast(pa.date32()),
        "created_at": ts(created),
        "status": pick(STATUS, rng.integers(0, len(STATUS), n)),
        "country": mask(pick(COUNTRY, rng.integers(0, len(COUNTRY), n)), nulls(rng, n, .03)),
        "email": email,
        "comment": mask(pick(COMM, np.minimum(rng.integers(0, 40, n), 9)), nulls(rng, n, .2)),
    })

def customers(n):
    rng = np.random.default_rng(7)
    import pyarrow.compute as pc
    name = pc.binary_join_element_wise(pick(FIRST, rng.integers(0, len(FIRST), n)), pick(LAST, rng.integers(0, len(LAST), n)), " ")
    return pa.table({
        "customer_id": pa.array(np.arange(1, n+1, dtype="int64")),
        "name": name, "city": pick(CITY, rng.integers(0, len(CITY), n)),
        "segment": pick(["retail","smb","enterprise"], rng.integers(0, 3, n)),
        "credit": dec(rng.integers(0, 10**8, n)),
        "signup": ts(EPOCH - rng.integers(0, 10**15, n)),
    })

def changes(n):
    rng = np.random.default_rng(99)
    nk = max(1, n // 5)
    key = np.sort(rng.integers(1, nk+1, n)).astype("int64")
    start = np.r_[True, key[1:] != key[:-1]]
    seq = np.arange(1, n+1, dtype="int64")
    step = rng.integers(1, 10*86400, n)*10**6
    step[rng.random(n) < .01] = 0                      # ties on updated_at
    cum = np.cumsum(step); base = np.maximum.accumulate(np.where(start, cum, 0))
    upd = EPOCH + (cum - base) + (key % 86400)*10**6
    city = rng.integers(0, len(CITY), n); status = rng.integers(0, len(STATUS), n); amount = rng.integers(0, 10**7, n)
    first = rng.integers(0, len(FIRST), n)
    op = np.where(start, 0, np.where(rng.random(n) < .03, 2, 1))   # 0 I 1 U 2 D
    rep = (~start) & (rng.random(n) < .10)             # no-change repeats of the previous row
    for r in np.flatnonzero(rep):                      # sequential on purpose: chains of repeats
        city[r]=city[r-1]; status[r]=status[r-1]; amount[r]=amount[r-1]; first[r]=first[r-1]; op[r] = 2 if op[r-1]==2 else 1
    knull = rng.random(n) < .002
    order = np.argsort(upd, kind="stable")             # arrival order by time ...
    late = rng.random(n) < .05                         # ... except the late 5 %
    pos = np.arange(n, dtype="float64"); pos[late] += rng.random(late.sum())*n*.2
    order = order[np.argsort(pos, kind="stable")]
    t = pa.table({
        "key": mask(pa.array(key), knull), "seq": pa.array(seq), "updated_at": ts(upd),
        "op": pick(["I","U","D"], op), "name": pick(FIRST, first), "city": pick(CITY, city),
        "amount": dec(amount), "status": pick(STATUS, status)})
    return t.take(pa.array(order))

def write(t, name):
    p = f"{OUT}/{name}_{N}"
    pq.write_table(t, p + ".parquet", compression="snappy", row_group_size=131072)
    pl.from_arrow(t).write_csv(p + ".csv", quote_style="necessary", null_value="", datetime_format="%Y-%m-%d %H:%M:%S%.6f")
    for e in (".csv", ".parquet"):
        h = hashlib.sha256()
        with open(p+e, "rb") as f:
            for b in iter(lambda: f.read(1<<20), b""): h.update(b)
        print(f"{p+e} {os.path.getsize(p+e)} {h.hexdigest()[:16]} rows={t.num_rows}")

nc = max(1, N//10)
write(orders(N, nc), "orders"); write(customers(nc), "customers"); write(changes(N), "changes")
