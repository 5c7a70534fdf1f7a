"""The tutorials' networks in PyTorch, each written once for all benches that train or time one."""

import torch
from torch import nn
from torch.nn import functional


def clothes():
    """Fashion-MNIST's: batch norm before Mish, dropout after it."""
    layers, width = [], 784
    for units, dropout in ((250, .2), (150, .2), (100, .5)):
        layers += [nn.Linear(width, units), nn.BatchNorm1d(units), nn.Mish(), nn.Dropout(dropout)]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, 10))


def faces():
    """FER2013's: three blocks of two convolutions. The tutorial leaves dropout on in evaluation; here it is off then."""
    layers, channels = [], 1
    for filters in (32, 64, 128):
        for _ in range(2):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(filters)]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Dropout(.5), nn.Linear(128 * 6 * 6, 1024), nn.ReLU(), nn.Dropout(.2), nn.Linear(1024, 7))


def digits():
    """MNIST's: two 5x5 convolutions over raw pixels."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(.2),
        nn.Conv2d(16, 32, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(.2),
        nn.Flatten(), nn.Linear(7 * 7 * 32, 10))


def frozen_resnet():
    """ResNet-18 of which only a new last layer learns; batch norm goes on with its running statistics."""
    import torchvision

    network = torchvision.models.resnet18(weights=None).requires_grad_(False)
    network.fc = nn.Linear(network.fc.in_features, 10)
    return network


class Floor(nn.Module):
    """The floor's: three layers of LSTM over ten channels, the last state classified."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(10, 256, 3, batch_first=True, dropout=.75)
        self.output = nn.Linear(256, 9)

    def forward(self, series):
        _, (hidden, _) = self.lstm(series)
        return self.output(hidden[-1])


class Titles(nn.Module):
    """The titles': filters over 2, 3 and 4 words' vectors, each one's largest answer. It takes vectors, looked up before."""

    def __init__(self, classes=100):
        super().__init__()
        self.filters = nn.ModuleList([nn.Conv1d(50, 100, size) for size in (2, 3, 4)])
        self.dropout = nn.Dropout(.5)
        self.output = nn.Linear(300, classes)

    def forward(self, vectors):
        vectors = vectors.transpose(1, 2)
        largest = [functional.relu(filters(vectors)).amax(-1) for filters in self.filters]
        return self.output(self.dropout(torch.cat(largest, 1)))


def flowers():
    """Iris's as the tutorial has it: four answers for three classes, and a softmax before the loss that has one."""
    return nn.Sequential(
        nn.Linear(4, 50), nn.ReLU(), nn.Linear(50, 50), nn.ReLU(), nn.Linear(50, 4), nn.Softmax(dim=1))
