"""Trains one small recipe on every backend of a binary and holds the results against each other.

The initial weights and the order of samples are the same on all backends, so without dropout the losses agree but
for rounding.
"""

import json
import subprocess
import sys
import tempfile

binary = sys.argv[1]
figures = {}
with tempfile.TemporaryDirectory() as runs:
    for device in ("flex", "ndarray", "wgpu"):
        command = [binary, "--runs", runs, "--json", "train", "--device", device, "--set", "training.epochs=40"]
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=900)
        run = json.loads(answer.stdout)
        figures[device] = {split: (run[split]["loss"], run[split]["accuracy"]) for split in ("train", "valid", "test")}
        print(device, figures[device], flush=True)

loss, accuracy = figures["flex"]["train"]
if accuracy < 0.9:
    sys.exit(f"flex learned too little: training accuracy {accuracy}")
for device, splits in figures.items():
    for split, (loss, accuracy) in splits.items():
        expected_loss, expected_accuracy = figures["flex"][split]
        if abs(loss - expected_loss) > 0.01 or abs(accuracy - expected_accuracy) > 0.034:
            sys.exit(f"{device} differs from flex on the {split} split: {(loss, accuracy)} for {figures['flex'][split]}")
print("the backends agree")
