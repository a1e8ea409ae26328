// The server: every change carries the token, which a restarted server renews.
let token = "";

export class ServerError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function start() {
  const facts = await get("/start");
  token = facts.token;
  return facts;
}

export async function get(path, signal) {
  return (await ask(path, { signal })).json();
}

export async function post(path, data = {}, signal) {
  return (await change(path, { body: JSON.stringify(data), signal })).json();
}

export async function upload(path, body) {
  return (await change(path, { body })).json();
}

export async function picture(path, signal) {
  return (await ask(path, { signal })).blob();
}

export function query(path, values) {
  return `${path}?${new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== null))}`;
}

export const thumbnail = (path, size = 256) => `/api${query("/thumbnail", { path, size })}`;

async function change(path, options) {
  const send = () => ask(path, { ...options, method: "POST", headers: { "X-Texnet-Studio": token } });
  try {
    return await send();
  } catch (error) {
    if (error.status !== 403 || !error.message.includes("token")) throw error;
    await start(); // the server was started again meanwhile
    return send();
  }
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(`/api${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError(0, "The studio does not answer. Is it still running?");
  }
  if (answer.status === 401) location.assign("/login");
  if (answer.ok) return answer;
  const words = await answer.json().catch(() => ({}));
  throw new ServerError(answer.status, words.error ?? `The studio answered ${answer.status}.`);
}
