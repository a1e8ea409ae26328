"""Tables, plots and contact sheets: the only writers of Markdown and figures."""
