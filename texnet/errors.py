"""What can go wrong by a user's mistake or a user's file; the commands print one line for these, and no traceback."""

from __future__ import annotations


class UserError(ValueError):
    """A mistake that the user can correct; the message names the flag or the file, and the remedy."""


class UnreadablePictureError(UserError):
    """A file that is no picture, or a broken one; the message names it and says why."""


class TooLargeError(UserError):
    """A picture that would not fit into memory; the message says how large it may be."""


class DivergedError(UserError, FloatingPointError):
    """A training that leads nowhere; the message says what became of it."""


class NonFiniteError(DivergedError):
    """A loss or a gradient became infinite or not a number; the message names the term and the step."""


class CollapsedError(DivergedError):
    """The results became flat pictures; the message names the likely cause and what was kept."""
