"""Reading the floor's series and FER2013's faces with pandas: one piece per process, one JSON object on stdout.

    python benches/loading_peers.py floor|floor-vectorised|faces|faces-loader --data DIR

`floor` and `faces` read as the tutorials do: a query per series, the pixels of each face split as text. `floor-vectorised` sorts
and reshapes once. `faces-loader` is a DataLoader with two workers over the tutorial's augmentation, in the layout that
albumentations expects. Times are without imports.
"""

import argparse
import json
import os
import resource
import time
from pathlib import Path

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

CHANNELS = [f"orientation_{axis}" for axis in "XYZW"] + [
    f"{sensor}_{axis}" for sensor in ("angular_velocity", "linear_acceleration") for axis in "XYZ"
]


def floor(folder):
    import pandas as pd
    from sklearn.preprocessing import LabelEncoder

    started = time.perf_counter()
    readings, labels = pd.read_csv(folder / "X_train.csv"), pd.read_csv(folder / "y_train.csv")
    labels["label"] = LabelEncoder().fit_transform(labels.surface)
    series = [
        (rows[CHANNELS], labels.query(f"series_id == {number}").iloc[0].label)
        for number, rows in readings.groupby("series_id")
    ]
    return {"ms": (time.perf_counter() - started) * 1e3, "series": len(series)}


def floor_vectorised(folder):
    import pandas as pd
    from sklearn.preprocessing import LabelEncoder

    started = time.perf_counter()
    readings, labels = pd.read_csv(folder / "X_train.csv"), pd.read_csv(folder / "y_train.csv")
    LabelEncoder().fit_transform(labels.surface)
    ordered = readings.sort_values(["series_id", "measurement_number"])
    series = ordered[CHANNELS].to_numpy("float32").reshape(-1, 128, 10)
    return {"ms": (time.perf_counter() - started) * 1e3, "series": len(series)}


def training_faces(folder):
    import pandas as pd

    return pd.read_csv(folder / "fer2013.csv.gz").query('Usage == "Training"').reset_index(drop=True)


def faces(folder):
    import numpy as np

    started = time.perf_counter()
    rows = training_faces(folder)
    read = time.perf_counter() - started
    images = [np.array(pixels.split(), dtype=np.float32).reshape(48, 48, 1) for pixels in rows.pixels]
    return {"ms": (time.perf_counter() - started) * 1e3, "read_ms": read * 1e3, "faces": len(images)}


def faces_loader(folder):
    import albumentations
    import numpy as np
    import torch

    rows = training_faces(folder)
    augment = albumentations.Compose([albumentations.VerticalFlip(p=0.25), albumentations.Rotate(limit=22, p=0.5)])

    class Faces(torch.utils.data.Dataset):
        def __len__(self):
            return len(rows)

        def __getitem__(self, index):
            image = np.array(rows.pixels[index].split(), dtype=np.float32).reshape(48, 48, 1)
            image = augment(image=image)["image"].reshape(1, 48, 48).copy()
            return torch.from_numpy(image), rows.emotion[index]

    rates = []
    for _ in range(2):
        started = time.perf_counter()
        count = sum(len(batch) for batch, _ in torch.utils.data.DataLoader(Faces(), batch_size=128, shuffle=True, num_workers=2))
        rates.append(count / (time.perf_counter() - started))
    return {"samples_per_s": max(rates)}


def main():
    pieces = {"floor": floor, "floor-vectorised": floor_vectorised, "faces": faces, "faces-loader": faces_loader}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("piece", choices=pieces)
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    import pandas

    answer = pieces[args.piece](args.data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**answer, "peak_rss_mib": peak, "pandas": pandas.__version__}))


if __name__ == "__main__":
    main()
