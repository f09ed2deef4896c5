// What every operation of the client is asked by; `make client` puts it before the operations of the contract.

/** What the service answered instead: `problem` says what and where, and is undefined where it said nothing of it. */
export class ProblemError extends Error {
  constructor(problem, response) {
    super(problem ? `${problem.title}: ${problem.detail}` : `HTTP ${response.status}`);
    this.name = new.target.name;
    this.problem = problem;
    this.status = response.status;
    this.headers = response.headers;
  }
}

const pause = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const over = () => (clearTimeout(timer), reject(signal.reason));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", over), resolve()), milliseconds);
    signal?.addEventListener("abort", over, { once: true });
  });

/** A running Spotter, and the key or token to ask it with. Each operation of the contract is a method. */
export class Spotter {
  #url;
  #key;
  #fetch;
  #patience;

  constructor({ url, key, fetch = globalThis.fetch, patienceMs = 60_000 }) {
    this.#url = new URL(url).href.replace(/\/+$/, "");
    this.#key = key;
    this.#fetch = fetch;
    this.#patience = patienceMs;
  }

  async _ask([method, path, inPath, inQuery, media, answers, repeatable], parameters = {}, init = {}) {
    const address = this.#address(path, inPath, inQuery, parameters);
    const headers = new Headers(init.headers);
    if (this.#key !== undefined) headers.set("Authorization", `Bearer ${this.#key}`);
    if (repeatable === "key" && !headers.has("Idempotency-Key")) headers.set("Idempotency-Key", crypto.randomUUID());
    let body;
    if (media !== null && parameters.body !== undefined) {
      headers.set("Content-Type", media);
      body = media === "application/json" ? JSON.stringify(parameters.body) : parameters.body;
    }
    const request = { method, headers, body, signal: init.signal, redirect: "error" };
    const until = Date.now() + this.#patience;
    for (let wait = 1000; ; wait = Math.min(2 * wait, 10_000)) {
      let response;
      try {
        response = await this.#fetch.call(globalThis, address, request);
        if (response.ok) return await read(response, answers);
      } catch (error) {
        const useless = init.signal?.aborted || error instanceof SyntaxError || !repeatable;
        if (useless || Date.now() + wait > until) throw error;
      }
      if (response && !response.ok) {
        const again = response.status === 429 || (repeatable && response.status === 503);
        wait = again ? 1000 * Number(response.headers.get("Retry-After") ?? wait / 1000) : wait;
        if (!again || !(Date.now() + wait <= until)) throw await refusal(response);
        await response.body?.cancel();
      }
      await pause(wait, init.signal);
    }
  }

  #address(path, inPath, inQuery, parameters) {
    const filled = inPath.reduce((before, name) => {
      const value = String(parameters[name] ?? "");
      if (["", ".", ".."].includes(value)) throw new TypeError(`${name} is no name: ${JSON.stringify(value)}`);
      return before.replace(`{${name}}`, encodeURIComponent(value));
    }, path);
    const query = new URLSearchParams();
    for (const name of inQuery) if (parameters[name] !== undefined) query.set(name, String(parameters[name]));
    return this.#url + filled + (query.size ? `?${query}` : "");
  }
}

async function read(response, answers) {
  if (response.status === 204) return undefined;
  if (answers === "json") return response.json();
  return answers === "text" ? response.text() : response.blob();
}

async function refusal(response) {
  let problem;
  try {
    problem = await response.json();
  } catch {
    // of a proxy, perhaps: what it says is not for programs
  }
  if (typeof problem?.type !== "string") return new ProblemError(undefined, response);
  return new (KINDS[problem.type] ?? ProblemError)(problem, response);
}
