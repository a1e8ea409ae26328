// The server: every change carries the token, which a restarted server renews.
let token = "";
const SILENT = "The studio does not answer. Is it still running?";

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

// What the server makes of pixels, as a bitmap.
export async function painted(path, pixels, signal) {
  return createImageBitmap(await (await change(path, { body: pixels, signal })).blob());
}

// A file of any size; `onshare` gets the share of it that has arrived.
export function sendFile(path, file, onshare) {
  return withToken(() => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api${path}`);
    request.setRequestHeader("X-Texnet-Studio", token);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onshare(event.loaded / event.total));
    request.addEventListener("error", () => reject(new ServerError(0, SILENT)));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response);
      else reject(refused(request.status, request.response));
    });
    request.send(file);
  }));
}

export function query(path, values) {
  return `${path}?${new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== null))}`;
}

export const thumbnail = (path, size = 256) => `/api${query("/thumbnail", { path, size })}`;

function change(path, options) {
  return withToken(() => ask(path, { ...options, method: "POST", headers: { "X-Texnet-Studio": token } }));
}

async function withToken(send) {
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
    throw new ServerError(0, SILENT);
  }
  if (answer.ok) return answer;
  throw refused(answer.status, await answer.json().catch(() => null));
}

function refused(status, words) {
  if (status === 401) location.assign("/login");
  return new ServerError(status, words?.error ?? `The studio answered ${status}.`);
}
