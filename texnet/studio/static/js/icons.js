// Line icons, drawn here so that nothing is fetched.
import { svg } from "./dom.js";

const PATHS = {
  new: "M12 5v14M5 12h14",
  runs: "M4 6h16M4 12h10M4 18h13",
  paint: "M14 4l6 6-9.5 9.5a3 3 0 0 1-2.1.9H4v-4.4a3 3 0 0 1 .9-2.1L14 4zM12 6l6 6",
  sweep: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  help: "M9.2 9a2.9 2.9 0 1 1 4.3 2.6c-.9.5-1.5 1-1.5 2.1M12 17.2v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  theme: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
  folder: "M3 7a2 2 0 0 1 2-2h4l2 2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5v.1",
  upload: "M12 16V5M7.5 9.5 12 5l4.5 4.5M5 19h14",
  download: "M12 5v11M7.5 11.5 12 16l4.5-4.5M5 19h14",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  stop: "M7 7h10v10H7z",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  star: "M12 4l2.5 5.2 5.5.7-4 3.9 1 5.6-5-2.8-5 2.8 1-5.6-4-3.9 5.5-.7z",
  bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  restore: "M5 12a7 7 0 1 0 2.5-5.4M5 4v4h4",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  share: "M12 15V4M8 7.5 12 4l4 3.5M6 12H5v8h14v-8h-1",
  compare: "M12 3v18M9 6H4v12h5M15 6h5v12h-5",
  brush: "M9.5 14.5 20 4M9.5 14.5c-3-.6-4.5 1-4.5 3 0 1-.6 2-2 2.4 3.5 1 8.3.3 8.3-3.2 0-1-.7-1.9-1.8-2.2z",
  undo: "M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-3",
  redo: "M16 5l4 4-4 4M20 9H10a5.5 5.5 0 0 0 0 11h3",
  invert: "M12 3a9 9 0 1 0 0 18V3zM12 3a9 9 0 0 1 0 18",
  plus: "M12 6v12M6 12h12",
  minus: "M6 12h12",
  search: "M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zM16 16l4.5 4.5",
  bell: "M6 16V11a6 6 0 1 1 12 0v5l1.5 2h-15zM10 20.5h4",
  dice: "M4 4h16v16H4zM8.5 8.5v.1M15.5 15.5v.1M15.5 8.5v.1M8.5 15.5v.1",
  again: "M4 12a8 8 0 0 1 14-5.3L20 9M20 4v5h-5M20 12a8 8 0 0 1-14 5.3L4 15M4 20v-5h5",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  curve: "M4 18c5 0 5-12 9-12 3 0 3 7 7 7",
  logout: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
};

export function icon(name) {
  const path = svg("path", { d: PATHS[name], fill: "none", stroke: "currentColor", "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round" });
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", width: "20", height: "20" }, path);
}
