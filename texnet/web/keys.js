// Keys that work anywhere on the page, but for fields that are being filled in.

/** Call actions by keys: `pressed` by the key's name, `held` with true and false while a key is down. */
export function listenToKeys(pressed, held) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (isTyping(event.target, event.key)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (held[key]) {
      if (!event.repeat) held[key](true);
    } else if (pressed[key]) {
      event.preventDefault();
      pressed[key]();
    }
  });
  addEventListener("keyup", (event) => held[event.key.toLowerCase()]?.(false));
}

// fields keep all keys, sliders and radio buttons their arrows, buttons what presses them
function isTyping(target, key) {
  if (target.matches("select, input:not([type=range], [type=radio])")) return true;
  if (target.matches("input")) return key.startsWith("Arrow");
  return target.matches("button, a") && (key === "Enter" || key === " ");
}
