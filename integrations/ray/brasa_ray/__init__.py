"""Trials of brasa's hyperparameter search on a Ray cluster: a driver for the verb `tune`, and a Trainable for Ray Tune."""

__version__ = "0.1.0"
