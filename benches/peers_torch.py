"""PyTorch's side of peers.py: one piece per process, one JSON object on stdout.

    python benches/peers_torch.py PIECE [--steps N]

Pieces: a training step or an inference batch of a network over random data, in milliseconds, as installed and in the variants that may be
faster, `torch.compile` and, for inference, ONNX Runtime among them; `data-path`, an epoch of Fashion-MNIST's batches (BRASA_DATA names the folder with fashion-mnist); `iris`, a whole
training, for whoever times the process. PEER_THREADS threads, two unless told. PEER_DEVICE=cuda has steps and inference on the GPU: batches come from
the host in each, outputs of inference go back there, and what is compiled replays CUDA graphs.
"""

import argparse
import gzip
import json
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

# The network, a batch's shape, its classes, steps, and weight decay, which costs the optimizer a pass over the weights.
TRAINING = {
    "fashion-mlp": ("clothes", (256, 784), 10, 200, 0),
    "emotions-cnn": ("faces", (128, 1, 48, 48), 7, 8, 0),
    "floor-lstm": ("Floor", (64, 128, 10), 9, 8, 0),
    "text-cnn": ("Titles", (128, 20, 50), 100, 150, 0),
    "mnist-cnn": ("digits", (256, 1, 28, 28), 10, 30, .1),
    "resnet18-frozen": ("frozen_resnet", (32, 3, 224, 224), 10, 5, .1),
}
# The network, a batch's shape, and steps.
INFERENCE = {
    "emotions-infer-1": ("faces", (1, 1, 48, 48), 200),
    "emotions-infer-128": ("faces", (128, 1, 48, 48), 10),
    "fashion-infer-1": ("clothes", (1, 784), 2000),
    "text-infer-1": ("Titles", (1, 20, 50), 2000),
    "floor-infer-1": ("Floor", (1, 128, 10), 50),
}


THREADS = int(os.environ.get("PEER_THREADS", "2"))
DEVICE = os.environ.get("PEER_DEVICE", "cpu")


def prepared_torch():
    # Imported here, since iris counts the import too.
    import torch

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    return torch


def compiled(torch, network):
    if os.environ.get("ATEN_CPU_CAPABILITY") == "avx2":
        import torch._inductor.config

        torch._inductor.config.cpp.simdlen = 256
    # On a GPU the mode that replays CUDA graphs.
    return torch.compile(network, mode="default" if DEVICE == "cpu" else "reduce-overhead")


def in_full_precision(torch, full):
    """Whether a GPU multiplies in 32 bits, or in TF32; convolutions are in TF32 unless told."""
    torch.set_float32_matmul_precision("highest" if full else "high")
    torch.backends.cudnn.allow_tf32 = not full


def held(tensor):
    """On the host, where a GPU can fetch it by itself."""
    return tensor if DEVICE == "cpu" else tensor.pin_memory()


def median_ms(work, steps):
    """A tenth of as many steps, two at least, go before: the first ones find memory and choose their kernels."""
    times = []
    for _ in range(steps + max(2, steps // 10)):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times[-steps:])


def in_channels_last(torch, network, x):
    return network.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)


def measured(variants):
    """The peak is that of the process after the plain variant, which comes first: the others would add theirs."""
    answer = {}
    for name, work in variants.items():
        answer[name] = work()
        answer.setdefault("peak_rss_mib", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return answer


def training(piece, steps):
    torch = prepared_torch()
    import networks

    network_of, shape, classes, usual, weight_decay = TRAINING[piece]
    batch, targets = held(torch.rand(shape)), held(torch.randint(0, classes, shape[:1]))

    def train(fused=None, channels_last=False, compile=False, tf32=False):
        in_full_precision(torch, not tf32)
        network, x = getattr(networks, network_of)().train().to(DEVICE), batch
        if channels_last:
            network, x = in_channels_last(torch, network, x)
        learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
        optimizer = torch.optim.Adam(learning, weight_decay=weight_decay, fused=fused)
        run = compiled(torch, network) if compile else network

        def step():
            optimizer.zero_grad()
            inputs, wanted = x.to(DEVICE, non_blocking=True), targets.to(DEVICE, non_blocking=True)
            loss = torch.nn.functional.cross_entropy(run(inputs), wanted)
            loss.backward()
            optimizer.step()
            return loss.item()

        return median_ms(step, steps or usual)

    variants = {"median_ms": train, "fused_ms": lambda: train(fused=True)}
    if len(shape) == 4:
        variants["nhwc_ms"] = lambda: train(channels_last=True)
        variants["nhwc_fused_ms"] = lambda: train(fused=True, channels_last=True)
    variants["compiled_ms"] = lambda: train(fused=True, compile=True)
    if DEVICE != "cpu":
        variants["tf32_ms"] = lambda: train(fused=True, tf32=True)
        variants["tf32_compiled_ms"] = lambda: train(fused=True, compile=True, tf32=True)
    return measured(variants)


def inference(piece, steps):
    torch = prepared_torch()
    import networks

    network_of, shape, usual = INFERENCE[piece]

    in_full_precision(torch, True)

    def made():
        return getattr(networks, network_of)().eval(), held(torch.rand(shape))

    def infer(channels_last=False, compile=False):
        network, x = made()
        network = network.to(DEVICE)
        if channels_last:
            network, x = in_channels_last(torch, network, x)
        run = compiled(torch, network) if compile else network
        with torch.inference_mode():
            return median_ms(lambda: run(x.to(DEVICE, non_blocking=True)).cpu(), steps or usual)

    def onnx_runtime():
        import onnxruntime

        network, x = made()
        with tempfile.TemporaryDirectory() as folder:
            file = str(Path(folder) / "network.onnx")
            torch.onnx.export(network, (x,), file, dynamo=False, input_names=["x"], output_names=["y"])
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = THREADS
            session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        feed = {"x": x.numpy()}
        return median_ms(lambda: session.run(None, feed), steps or usual)

    variants = {"median_ms": infer}
    if len(shape) == 4:
        variants["nhwc_ms"] = lambda: infer(channels_last=True)
    if DEVICE == "cpu":
        variants["onnx_ms"] = onnx_runtime
    variants["compiled_ms"] = lambda: infer(compile=True)
    return measured(variants)


def data_path(_piece, steps):
    """All four files are read and normalised once; then five epochs of a DataLoader over the tensors, or `steps` of them."""
    import numpy as np

    torch = prepared_torch()
    from torch.utils.data import DataLoader, TensorDataset

    folder = Path(os.environ["BRASA_DATA"]) / "fashion-mnist"

    def idx(name, offset):
        with gzip.open(folder / f"{name}.gz") as file:
            return np.frombuffer(file.read(), np.uint8, offset=offset)

    def images(name):
        x = torch.from_numpy(idx(name, 16).reshape(-1, 784).astype("float32"))
        return x.div_(255.).sub_(.2860).div_(.3530)

    started = time.perf_counter()
    x = images("train-images-idx3-ubyte")
    y = torch.from_numpy(idx("train-labels-idx1-ubyte", 8).astype("int64"))
    images("t10k-images-idx3-ubyte")
    idx("t10k-labels-idx1-ubyte", 8)
    load = time.perf_counter() - started
    order = torch.randperm(60000)[:48000]
    loader = DataLoader(TensorDataset(x[order], y[order]), batch_size=128, shuffle=True)
    epochs = []
    for _ in range(steps or 5):
        started = time.perf_counter()
        for _batch in loader:
            pass
        epochs.append((time.perf_counter() - started) * 1e3)
    return {"load_ms": load * 1e3, "epoch_ms": statistics.median(epochs)}


def iris(_piece, steps):
    """The tutorial's 100 steps over all training flowers, with scikit-learn's table, scaling and split."""
    started = time.perf_counter()
    torch = prepared_torch()
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    import networks

    imports = time.perf_counter() - started
    table = load_iris()
    scaled = StandardScaler().fit_transform(table["data"])
    splits = train_test_split(scaled, table["target"], test_size=.2, random_state=42)
    x, test_x, y, test_y = (torch.from_numpy(split) for split in splits)
    x, test_x = x.float(), test_x.float()
    network, loss_of = networks.flowers(), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=.001)
    for _ in range(steps or 100):
        logits = network(x)
        loss = loss_of(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item(), (logits.argmax(1) == y).float().mean().item()
    accuracy = (network(test_x).argmax(1) == test_y).float().mean().item()
    return {"imports_s": imports, "test_accuracy": accuracy}


PIECES = dict.fromkeys(TRAINING, training) | dict.fromkeys(INFERENCE, inference) | {"data-path": data_path, "iris": iris}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("piece", choices=PIECES)
    parser.add_argument("--steps", type=int, help="steps, or epochs, to take the median of in place of the piece's own number")
    args = parser.parse_args()
    print(json.dumps(PIECES[args.piece](args.piece, args.steps)))


if __name__ == "__main__":
    main()
