"""Pictures of pages, small enough to keep beside the text: a palette of 256 colours, packed as well as zlib can."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

MOST_COLOURS = 256
_PIXELS = """async (png) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const pixels = pen.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let at = 0; at < pixels.length; at += 32768) {
    text += String.fromCharCode.apply(null, pixels.subarray(at, at + 32768));
  }
  return [image.width, image.height, btoa(text)];
}"""


def save(page: Page, png: bytes, path: Path) -> None:
    """Write a screenshot with its commonest colours alone; ``page`` is an empty one, which takes the pixels apart."""
    width, height, raw = page.evaluate(_PIXELS, base64.b64encode(png).decode())
    pixels = np.frombuffer(base64.b64decode(raw), np.uint8).reshape(height, width, 4)[:, :, :3].astype(np.uint32)
    coarse = np.minimum((pixels + 4) // 8 * 8, 255)  # shades that no eye tells apart are one
    packed = coarse[:, :, 0] << 16 | coarse[:, :, 1] << 8 | coarse[:, :, 2]
    colours, place, count = np.unique(packed, return_inverse=True, return_counts=True)
    palette = colours[np.argsort(count)[::-1][:MOST_COLOURS]]
    nearest = np.abs(_rgb(colours)[:, None, :] - _rgb(palette)[None, :, :]).sum(axis=2).argmin(axis=1)
    lines = nearest[place.reshape(height, width)].astype(np.uint8)
    content = zlib.compress(b"".join(b"\0" + line.tobytes() for line in lines), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", _rgb(palette).astype(np.uint8).tobytes()), (b"IDAT", content), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts))


def _rgb(packed: np.ndarray) -> np.ndarray:
    return np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=1).astype(np.int32)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
