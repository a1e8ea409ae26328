"""What the panes of a run show."""

from __future__ import annotations

import re

from texnet.config import TrainConfig, to_dict
from texnet.monitoring.visdom.panes import settings_table


def test_the_settings_are_a_row_for_each_option_and_what_is_not_given_is_a_dash() -> None:
    rows = dict(re.findall(r"<tr><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td></tr>", settings_table(to_dict(TrainConfig()))))
    assert (rows["batch_size"], rows["style_weight"], rows["device"], rows["cuda"]) == ("4", "-", "-", "False")
