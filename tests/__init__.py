"""The tests: a package of its own name, so that no other of that name, as some packages install, is taken for it."""
