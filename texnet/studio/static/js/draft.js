// What was chosen so far, kept by this browser so that a reload loses nothing.
const KEY = "draft";
const EMPTY = { settings: { max_minutes: 6 }, title: "" };

export const draft = { ...EMPTY, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };

export function keep(changes = {}) {
  Object.assign(draft, changes);
  localStorage.setItem(KEY, JSON.stringify(draft));
}

export function choose(settings) {
  for (const [name, value] of Object.entries(settings)) {
    if (value === null || value === "" || (Array.isArray(value) && !value.length)) delete draft.settings[name];
    else draft.settings[name] = value;
  }
  keep();
}

// A job's settings as a draft: only what differs from the defaults is taken over.
export function takeOver(job, options) {
  const known = new Map(options.map((option) => [option.name, option]));
  const settings = Object.fromEntries(Object.entries(job.settings).filter(([name, value]) => {
    const option = known.get(name);
    return option && value !== null && JSON.stringify(value) !== JSON.stringify(option.default);
  }));
  keep({ settings, title: "" });
}
