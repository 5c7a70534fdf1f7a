"""Whether MODEL, an ONNX file, is valid and computes what CASE says; ends with an error where it does not.

CASE is JSON: {"inputs": {name: values}, "outputs": {name: values}, "tolerance": 1e-5}. Values are nested lists, or the
name of a .npy file beside CASE. A number may be apart from what is expected by tolerance * max(1, |expected|); what is
no float is equal. For each output, the largest difference is printed, as JSON.
"""

import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

TYPES = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(string)": "object"}


def array(values, folder: pathlib.Path, kind: str) -> numpy.ndarray:
    name = kind.removeprefix("tensor(").removesuffix(")")
    kind = TYPES.get(kind, name)
    if isinstance(values, str):
        return numpy.load(folder / values).astype(kind)
    return numpy.array(values, dtype=kind)


model, case = map(pathlib.Path, sys.argv[1:])
wanted = json.loads(case.read_text(encoding="utf-8"))
onnx.checker.check_model(str(model), full_check=True)

session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
kinds = {value.name: value.type for value in [*session.get_inputs(), *session.get_outputs()]}
inputs = {name: array(values, case.parent, kinds[name]) for name, values in wanted["inputs"].items()}
names = list(wanted["outputs"])
differences, faults = {}, []
for name, found in zip(names, session.run(names, inputs)):
    expected = array(wanted["outputs"][name], case.parent, kinds[name])
    if found.shape != expected.shape:
        faults.append(f"{name}: expected the shape {expected.shape}, found {found.shape}")
    elif found.dtype.kind == "f":
        apart = numpy.abs(found.astype("float64") - expected)
        limit = wanted.get("tolerance", 1e-5) * numpy.maximum(1.0, numpy.abs(expected.astype("float64")))
        # Infinity and what is not a number have no neighbours.
        near = numpy.isfinite(expected) & (apart <= limit)
        near |= (found == expected) | (numpy.isnan(found) & numpy.isnan(expected))
        differences[name] = float(apart.max(initial=0.0))
        if not near.all():
            faults.append(f"{name}: expected {expected.tolist()}, found {found.tolist()}")
    elif not (found == expected).all():
        faults.append(f"{name}: expected {expected.tolist()}, found {found.tolist()}")
if faults:
    sys.exit("\n".join(faults))
print(json.dumps(differences))
