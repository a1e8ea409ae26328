"""Sweeps: the same training at many settings, a table and pictures of them all, and the best model."""
