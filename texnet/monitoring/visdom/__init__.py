"""A run in the browser, shown by Visdom."""
