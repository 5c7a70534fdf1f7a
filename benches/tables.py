"""brasa on tables that it knows nothing of, beside gradient-boosted trees at their defaults, on the same five folds and two threads.

    python benches/tables.py FOLDER [NAME ...]     # FOLDER holds adult.csv, ...; needs target/release/brasa or BRASA_BIN
    # needs pandas scikit-learn xgboost lightgbm catboost

brasa is given the file, the target and the folds. The trees are given what it finds out by itself: row numbers are left out, words are
declared categories, blank cells are missing (in ames.csv, `NA` is a level). Prints a line for each, and JSON at the end:
{table: {model: {metric: mean over the folds, "seconds": of all five trainings and predictions}}}.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

warnings.filterwarnings("ignore")

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn import metrics
from sklearn.model_selection import KFold, StratifiedKFold

TARGETS = {
    "penguins": "species", "titanic": "Survived", "attrition": "Attrition", "credit-data": "Status", "mlc-churn": "churn",
    "default": "default", "adult": "class", "ames": "Sale_Price", "hotel-rates": "avg_price_per_room",
    "california-housing": "median_house_value", "diamonds": "price",
}
NUMBERS = {"ames", "hotel-rates", "california-housing", "diamonds"}


def read(folder: pathlib.Path, name: str):
    table = pd.read_csv(folder / f"{name}.csv", keep_default_na=name != "ames", na_values=[""])
    table = table.dropna(subset=[TARGETS[name]]).reset_index(drop=True)
    y = table.pop(TARGETS[name])
    x = table.drop(columns=[column for column in ("rownames", "PassengerId") if column in table])
    return x, y.astype(float) if name in NUMBERS else pd.Series(pd.Categorical(y).codes)


def trees(numbers: bool) -> dict:
    kind = "Regressor" if numbers else "Classifier"
    return {
        "xgboost": getattr(xgboost, f"XGB{kind}")(enable_categorical=True, n_jobs=2),
        "lightgbm": getattr(lightgbm, f"LGBM{kind}")(n_jobs=2, verbose=-1),
        "catboost": getattr(catboost, f"CatBoost{kind}")(verbose=0, thread_count=2, allow_writing_files=False),
    }


def peer(model: str, x, y, folds, numbers: bool) -> dict:
    words = [column for column in x if not pd.api.types.is_numeric_dtype(x[column])]
    x = x.copy()
    for column in words:
        cells = x[column].astype(object)
        x[column] = cells.where(cells.notna(), "?").astype(str) if model == "catboost" else cells.astype("category")
    found, started = [], time.perf_counter()
    for train, test in folds:
        fitted = trees(numbers)[model]
        fitted.fit(x.iloc[train], y.iloc[train], **({"cat_features": words} if model == "catboost" else {}))
        if numbers:
            found.append({"rmse": metrics.mean_squared_error(y.iloc[test], fitted.predict(x.iloc[test])) ** 0.5})
        else:
            chances = fitted.predict_proba(x.iloc[test])
            right = np.argmax(chances, 1) == y.iloc[test]
            loss = metrics.log_loss(y.iloc[test], chances, labels=range(chances.shape[1]))
            found.append({"log_loss": loss, "accuracy": right.mean()})
    seconds = time.perf_counter() - started
    return {key: float(np.mean([one[key] for one in found])) for key in found[0]} | {"seconds": seconds}


def brasa(folder: pathlib.Path, name: str, folds) -> dict:
    binary = os.environ.get("BRASA_BIN", str(pathlib.Path("target/release/brasa").resolve()))
    with tempfile.TemporaryDirectory() as home:
        file = pathlib.Path(home) / "folds.json"
        file.write_text(json.dumps([test.tolist() for _, test in folds]))
        table = str((folder / f"{name}.csv").resolve())
        command = [binary, "cv", table, "--target", TARGETS[name], "--folds-from", str(file), "--json", "--runs", home]
        started = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        answer = json.loads(done.stdout)
        seconds = time.perf_counter() - started
    keys = {"rmse": "rmse"} if name in NUMBERS else {"log_loss": "loss", "accuracy": "accuracy"}
    return {key: answer["metrics"][own]["mean"] for key, own in keys.items()} | {"seconds": seconds}


def main() -> None:
    folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:] or list(TARGETS)
    found = {}
    for name in names:
        x, y = read(folder, name)
        numbers = name in NUMBERS
        folds = list((KFold if numbers else StratifiedKFold)(5, shuffle=True, random_state=0).split(x, y))
        found[name] = {}
        for model in ("brasa", *trees(numbers)):
            found[name][model] = brasa(folder, name, folds) if model == "brasa" else peer(model, x, y, folds, numbers)
            print(name, model, found[name][model], flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
