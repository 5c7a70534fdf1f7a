"""Small right files of each format, from which the targets begin.

    python tests/fuzz/seeds.py FOLDER
"""

import gzip
import hashlib
import io
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png():
    rows = b"".join(b"\0" + bytes([row * 16 + column for column in range(4)]) for row in range(4))
    header = struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def archive(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, inner in files.items():
            file.writestr(name, inner)
    return content.getvalue()


def array(kind, shape, content):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def idx(shape, content):
    return bytes([0, 0, 8, len(shape)]) + b"".join(struct.pack(">I", size) for size in shape) + content


def safetensors(tensors):
    header, content = {}, b""
    for name, (kind, shape, part) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(content), len(content) + len(part)]}
        content += part
    header = json.dumps(header).encode()
    return struct.pack("<Q", len(header)) + header + content


def checkpoint():
    header = json.dumps({"of": "", "best_epoch": None, "history": [], "within": {"steps": 0, "seconds": 0.0}, "stop": None,
                         "seconds": 0.0}).encode()
    content = b"brasackp" + struct.pack("<Q", len(header)) + header + (struct.pack("<Q", 3) + b"abc") * 5
    return content + hashlib.sha256(content).digest()


TABLE = b"a,b,y\n1,x,p\n2.5,,q\n-3e4,x,p\n4,z,q\n" * 3
RECIPE = b'''[data]
csv = { file = "t.csv", target = "y" }
split = { kind = "stratified", valid = 0.2, test = 0.2 }
[model]
kind = "sequential"
input = [1, 8, 8]
layers = ["conv 4 3x3 padding=1", "relu", "max-pool 2", "dropout 0.2"]
[optimizer]
kind = "adamw"
lr = 1e-3
[training]
epochs = 3
checkpoint = "5 min"
'''
LINES = b'{"a":1,"b":"x","y":"p","t":"two words"}\n{"a":null,"b":"z","y":"q","t":"and more"}\n' * 4
IMAGES = idx((2, 2, 2), bytes(8)) + b"\xff" + idx((2,), b"\0\1")
RUN = {"id": "one", "app": "app", "recipe": "r", "status": "running", "started": "2026-01-01T00:00:00Z", "process": 1,
       "seconds": None, "epochs": None, "best_epoch": None, "stop": None, "error": None, "scores": None}
EPOCH = {"epoch": 1, "lr": 0.1, "train_seconds": 1.0, "valid_seconds": 1.0, "train": {"loss": 1.0}, "valid": {"loss": 1.0},
         "improved": True}
CARD = {"format": 2, "data": "d", "input": {"kind": "table", "columns": ["a", "b"]}, "scaler": "identity",
        "classes": ["p", "q"]}
SHEET = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook><sheets/></workbook>"}
SERIES = b"@dimensions 2\n@equalLength false\n@classLabel true p q\n@data\n1,2,?:0,1e3,2:p\n4:5:q\n"
WEIGHTS = safetensors({"layers.0.weight": ("F32", [3, 2], bytes(24)), "layers.0.bias": ("F32", [3], bytes(12))})
VECTORS = b"2 3\nword 0.1 0.2 0.3\nother 1 2 3\n"

PARQUET = [(Path(__file__).parents[1] / f"fixtures/parquet/{name}.parquet").read_bytes() for name in ("plain", "zstd", "lists")]

SEEDS = {
    "table": [TABLE, TABLE.replace(b",", b";"), gzip.compress(TABLE), TABLE.decode().encode("utf-16"), b'y,a\n"p\n,1'],
    "facts": [TABLE, LINES, gzip.compress(TABLE), archive({"t.csv": TABLE}), archive(SHEET), b"d,y\n03.04.2020,\xe4\n" * 5, *PARQUET],
    "json_lines": [LINES, gzip.compress(LINES)],
    "idx": [IMAGES, gzip.compress(idx((2, 2, 2), bytes(8))) + b"\xff" + idx((2,), b"\0\1")],
    "pixels": [b"p,y\n0 1 2 3,0\n4 5 6 255,1\n"],
    "series": [b"id,t,v,y\n1,0,0.5,p\n1,1,2,p\n2,0,1,q\n2,1,1,q\n", b"id,t,v\n1,0,1\n\xffid,y\n1,p\n"],
    "images": [png(), archive({"a/1.png": png(), "b/2.png": png()}), b"\xff\xd8\xff\xe0\0\x10JFIF\0"],
    "npz": [archive({"x.npy": array("<f4", "(2, 2)", bytes(16)), "y.npy": array("<i8", "(2,)", bytes(16))})],
    "points": [bytes(26)],
    "ts": [SERIES, SERIES + b"\xff" + SERIES.replace(b"?", b"3")],
    "text": [b"t,y\ntwo words,p\nand more,q\n"],
    "recipe": [RECIPE],
    "run_folder": [json.dumps(RUN).encode(), json.dumps(EPOCH).encode() + b"\n", RECIPE],
    "model": [json.dumps(CARD).encode()],
    "weights": [WEIGHTS],
    "torch_weights": [archive({"archive/data.pkl": b"\x80\x02}q\0.", "archive/version": b"3"}), b"\x80\x02}q\0."],
    "onnx": [(Path(__file__).parents[2] / "crates/onnx/tests/fixtures/weights.onnx").read_bytes()],
    "vectors": [VECTORS, WEIGHTS],
    "checkpoint": [checkpoint()],
    "study": [b'{"header":{}}\n'],
}

for target, seeds in SEEDS.items():
    folder = Path(sys.argv[1]) / target
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(seeds):
        (folder / f"seed-{number}").write_bytes(content)
