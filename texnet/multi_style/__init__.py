"""Many styles in one network: trained together, or appended one by one."""

from __future__ import annotations

from texnet.multi_style.append import append_style
from texnet.multi_style.fit import fit_styles

__all__ = ["append_style", "fit_styles"]
