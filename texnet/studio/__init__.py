"""The studio: a server on this machine, and a page that leads from photos to a trained style and to painted pictures."""
