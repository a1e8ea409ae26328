"""Tables, plots and contact sheets: how results are shown."""
