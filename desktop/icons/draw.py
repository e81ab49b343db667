"""Draws icon.png: three stacked bars (raw, refined, ready) in a rounded square. Run it after changing it."""

import struct
import zlib
from pathlib import Path

SIZE, SUB = 256, 4
GROUND, BARS = (24, 32, 44), [(176, 112, 64), (168, 178, 190), (226, 186, 84)]


def inside(x, y, left, top, right, bottom, radius):
    dx = max(left + radius - x, x - (right - radius), 0)
    dy = max(top + radius - y, y - (bottom - radius), 0)
    return left <= x <= right and top <= y <= bottom and dx * dx + dy * dy <= radius * radius


def sample(x, y):
    for index, colour in enumerate(BARS):
        top = 170 - index * 50
        if inside(x, y, 48 + index * 22, top, 208 - index * 22, top + 36, 10):
            return (*colour, 255)
    return (*GROUND, 255) if inside(x, y, 8, 8, 248, 248, 52) else (0, 0, 0, 0)


def pixel(x, y):
    points = [sample(x + (i + 0.5) / SUB, y + (j + 0.5) / SUB) for i in range(SUB) for j in range(SUB)]
    alpha = sum(point[3] for point in points)
    mixed = [sum(point[c] * point[3] for point in points) // max(alpha, 1) for c in range(3)]
    return bytes((*mixed, alpha // len(points)))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(SIZE)) for y in range(SIZE))
header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
Path(__file__).with_name("icon.png").write_bytes(png)
