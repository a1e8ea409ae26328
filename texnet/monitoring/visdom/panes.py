"""A run's panes in Visdom: their order, titles and sizes, for a page 1600 pixels wide."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping
from typing import Any

from texnet.images import Picture, limit_size, to_bytes
from texnet.monitoring.curves import Plot
from texnet.monitoring.visdom.connection import RUN_KEY

ORDER = ("loss", "style", "content", "style per layer", "preview", "photos", "texture", "settings", "content per layer", "tv")
TITLES = {
    "loss": "sum of all terms",
    "tv": "total variation",
    "images_per_second": "pictures per second",
}
CURVE_SIZE = (380, 260)  # pixels (width, height), as Visdom wants them; four in a row
TEXT_SIZE = (310, 680)
PICTURE_SIZES = {"preview": (680, 680), "photos": (170, 680), "texture": (360, 680)}  # the box that a picture fills
SENT_SIZE = 1024  # pixels of the long side, more than PICTURE_SIZES as panes can be enlarged
PAGE_STYLE = (  # of all panes, sent with the settings: no enlarged pixels, no link that uploads curves to Plotly
    "<style>.content-image { image-rendering: auto !important } .js-plot-link-container { display: none }</style>"
)
DIGITS = 5  # of a curve's values, which halves the bytes


def draw_plot(client: Any, name: str, plot: Plot, run: str) -> None:
    """Show the curves of one quantity, as a Plotly figure: client.line takes three times as long. It keeps whose they are."""
    marker = {"line": {"width": 0}}  # Visdom's button that smooths curves asks for it
    data = [
        {"type": "scatter", "mode": "lines", "name": trace, "x": plot.steps, "y": list(map(_rounded, values)), "marker": marker}
        for trace, values in plot.traces.items()
    ]
    layout = {**_layout(_title(name)), "showlegend": len(data) > 1, "meta": {RUN_KEY: run}}
    client._send({"data": data, "layout": layout, "win": name, "eid": client.env, "opts": _frame(name, CURVE_SIZE)})


def draw_picture(client: Any, name: str, picture: Picture, title: str) -> None:
    """Show a picture, reduced to SENT_SIZE."""
    is_small = max(picture.pixels.shape[1:]) <= SENT_SIZE
    pixels = picture.pixels if is_small else to_bytes(limit_size(picture.image, SENT_SIZE)[0])  # (3, H, W)
    height, width = pixels.shape[1:]
    box_width, box_height = PICTURE_SIZES[name]
    scale = min(box_width / width, box_height / height)
    options = _frame(name, (round(width * scale), round(height * scale)), title)
    client.image(pixels.numpy(), win=name, opts={**options, "jpgquality": 92})


def write_text(client: Any, name: str, text: str) -> None:
    """Show a text in HTML."""
    style = "padding: 2px 10px; font-size: 12px; line-height: 1.05; color: #333"
    client.text(f'<div style="{style}">{text}</div>', win=name, opts=_frame(name, PICTURE_SIZES.get(name, TEXT_SIZE)))


def settings_table(config: Mapping[str, Mapping[str, Any]]) -> str:
    """A run's config.json as an HTML table, with a heading per section."""
    rows = []
    for section, settings in config.items():
        rows.append(f'<tr><th colspan="2" style="padding-top: 5px; font-weight: bold">{html.escape(section)}</th></tr>')
        for name, value in _options(settings):
            text = " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
            cell = f'<td style="overflow-wrap: anywhere">{html.escape(text or "-")}</td>'
            rows.append(f'<tr><td style="padding-right: 10px; vertical-align: top">{html.escape(name)}</td>{cell}</tr>')
    return f"{PAGE_STYLE}<table>{''.join(rows)}</table>"


def _options(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The options of a part of a config, those of a part inside it in its place."""
    for name, value in settings.items():
        yield from value.items() if isinstance(value, dict) else [(name, value)]


def _title(name: str) -> str:
    return TITLES.get(name, name.replace("_", " "))


def _frame(name: str, size: tuple[int, int], title: str = "") -> dict[str, Any]:
    return {"title": title or _title(name), "width": size[0], "height": size[1]}


def _layout(title: str) -> dict[str, Any]:
    """Plotly's layout. Its own title covers buttons, and takes a third of the plot in Visdom 0.3: an annotation is used."""
    heading = {"text": f"<b>{html.escape(title)}</b>", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom"}
    return {
        "title": {"text": ""},
        "annotations": [{**heading, "xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 14}}],
        "margin": {"l": 50, "r": 15, "t": 30, "b": 45},
        "legend": {"x": 1, "xanchor": "right", "y": 1, "yanchor": "top", "bgcolor": "rgba(255,255,255,0.7)"},
        "xaxis": {"title": {"text": "step", "standoff": 5}},
        "yaxis": {"exponentformat": "e", "automargin": True},
        "modebar": {"color": "#ddd", "bgcolor": "rgba(0,0,0,0)", "remove": ["zoomin", "zoomout", "autoscale", "logo"]},
        "hovermode": "x unified",
    }


def _rounded(value: float) -> float | None:
    """A value rounded to DIGITS; None, a gap in the curve, for one that is not finite."""
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
