"""A run in the browser, through Visdom."""
