// A workout screen that holds no gym's key, only a lifter's token: see docs/guides/phone-app.md.
// The gym's server opens it as index.html#spotter=https://...&lifter=...&token=lt_...
"use strict";

const given = new URLSearchParams(location.hash.slice(1));
if (given.has("token")) for (const [name, value] of given) sessionStorage.setItem(name, value); // all of them or none
history.replaceState(null, "", location.pathname); // a token is nothing for the browser's history
const [SPOTTER, LIFTER, TOKEN] = ["spotter", "lifter", "token"].map((name) => sessionStorage.getItem(name) ?? "");
const HOME = `/v1/lifters/${encodeURIComponent(LIFTER)}`;
const OUTBOX = `outbox of ${LIFTER} at ${SPOTTER}`;
const SIGN_IN = "Please sign in again: what you did is kept here until then.";

const element = (id) => document.getElementById(id);
const say = (text) => { element("status").textContent = text; };

function make(kind, properties = {}, ...children) {
  const made = Object.assign(document.createElement(kind), properties); // text goes in as text: nothing is read as HTML
  made.append(...children);
  return made;
}

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
  const reply = await fetch(SPOTTER + path, { headers, cache: "no-store", ...options });
  if (reply.ok) return reply.json();
  const problem = await reply.json();
  throw Object.assign(new Error(problem.errors?.[0]?.message ?? problem.detail), { status: reply.status });
}

const mayPass = ({ status }) => status === undefined || [408, 429].includes(status) || status >= 500;

// What was done waits here until Spotter has it: each event has its id from the start, and can be sent again and again.
const waiting = () => JSON.parse(localStorage.getItem(OUTBOX) ?? "[]");
const keep = (events) => localStorage.setItem(OUTBOX, JSON.stringify(events));
let sending = false;

function log(type, data) {
  const event_id = Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join("-");
  keep([...waiting(), { event_id, type, occurred_at: new Date().toISOString(), data }]);
  return send();
}

async function send() {
  if (sending) return;
  sending = true;
  let isKept = false;
  for (let [event] = waiting(); event && !isKept; [event] = waiting()) {
    say("Saving ...");
    const sent = ask(`${HOME}/events`, { method: "POST", body: JSON.stringify(event) });
    const error = await sent.then(() => null, (why) => why);
    isKept = error && (mayPass(error) || error.status === 401);
    if (!isKept) keep(waiting().slice(1));
    if (isKept && error.status !== 401) setTimeout(send, 2000);
    say(!error ? "Saved." : !isKept ? `Not taken: ${error.message}` : "Not saved yet: trying again.");
  }
  sending = false;
  await show();
}

const range = (asked, word) => {
  const { min, max } = asked ?? {};
  return asked && `${min === max ? min : max == null ? `${min} or more` : `${min}-${max}`} ${word}`;
};
const load = (asked) => (asked ? `${asked.value} ${asked.unit}` : "a load that you choose");
const inWords = (set) => `${set.kind === "work" ? "" : `${set.kind.replace("_", " ")}: `}${load(set.load)}, ` +
  [range(set.reps, "reps"), range(set.seconds, "seconds"), range(set.rir, "in reserve")].filter(Boolean).join(", ");

function number(name, value, step) {
  const properties = { name, type: "number", step, defaultValue: value ?? "", required: name !== "in reserve" };
  return make("label", {}, name, make("input", { ...properties, inputMode: "decimal" }));
}

function form(prescription, set, unit) {
  const effort = set.seconds ? "seconds" : "reps";
  const asked = set[effort];
  const made = make("form", {}, number("load", set.load?.value, "any"), number(effort, asked?.max ?? asked?.min, 1),
    number("in reserve", "", 1), make("button", {}, "Log"));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    document.activeElement.blur(); // typing has ended, whichever way the form was sent
    made.querySelector("button").disabled = true;
    for (const input of made.querySelectorAll("input")) input.defaultValue = input.value; // nothing to be kept any more
    const value = (name) => made.elements[name].valueAsNumber;
    const data = { exercise: prescription.exercise, load: { value: value("load"), unit }, [effort]: value(effort) };
    if (!prescription.slot.startsWith("default/")) data.slot = prescription.slot;
    if (set.kind === "warmup") data.kind = "warmup";
    if (!Number.isNaN(value("in reserve"))) data.rir = value("in reserve");
    log("set_logged", data);
  });
  return made;
}

const typed = () => Array.from(document.querySelectorAll("input")).filter((input) => input.value !== input.defaultValue);
const opened = () => Array.from(document.querySelectorAll("details[open]"), (each) => each.id);

function fold(id, title, wasOpen, ...children) {
  return make("details", { id, open: wasOpen.includes(id) }, make("summary", {}, title), ...children);
}

function chart({ slot, exercise }, wasOpen) {
  const place = fold(`progress in ${slot}`, "Progress", wasOpen);
  place.addEventListener("toggle", () => place.open && place.children.length === 1 && draw(place, exercise));
  return place;
}

async function draw(place, exercise) {
  try {
    const { exercises, unit } = await ask(`${HOME}/statistics?exercise=${exercise}`);
    const estimates = exercises.flatMap((each) => each.points).flatMap((point) => point.e1rm ?? []);
    const values = estimates.map(({ value }) => Math.round(10 * value) / 10);
    if (values.length === 0) return place.append(make("p", {}, "Nothing to draw yet."));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const across = (index) => (100 * index) / Math.max(1, values.length - 1);
    const up = (value) => (high === low ? 25 : 50 - (50 * (value - low)) / (high - low));
    const [svg, line] = ["svg", "polyline"].map((kind) => document.createElementNS("http://www.w3.org/2000/svg", kind));
    svg.setAttribute("viewBox", "-5 -5 110 60");
    line.setAttribute("points", values.map((value, index) => `${across(index)},${up(value)}`).join(" "));
    svg.append(line);
    place.append(svg, make("p", {}, `One-rep max by estimate: ${values.at(-1)} ${unit}, best ${high} ${unit}`));
  } catch (error) {
    if (mayPass(error)) setTimeout(() => place.isConnected && draw(place, exercise), 2000);
  }
}

function card(prescription, unit, wasOpen) {
  const [next, ...later] = prescription.sets;
  const reasons = prescription.because.map((text) => make("p", {}, text));
  const why = fold(`why ${prescription.slot}`, "Why", wasOpen, ...reasons);
  const made = make("section", { id: prescription.slot }, make("h2", {}, prescription.display.title));
  if (next) made.append(make("p", { className: "next" }, inWords(next)));
  if (next) made.append(form(prescription, next, next.load?.unit ?? unit));
  made.append(make("ol", {}, ...later.map((set) => make("li", {}, inWords(set)))), why, chart(prescription, wasOpen));
  return made;
}

async function show() {
  try {
    const [{ prescriptions }, state] = await Promise.all([ask(`${HOME}/prescriptions`), ask(`${HOME}/state`)]);
    if (document.activeElement?.matches("input")) return; // nothing changes under the lifter's fingers
    element("title").textContent = prescriptions[0]?.display.day?.title ?? "Workout";
    const [wasOpen, kept] = [opened(), typed().map(({ form, name, value }) => [form.parentElement.id, name, value])];
    element("session").replaceChildren(...prescriptions.map((each) => card(each, state.unit, wasOpen)));
    for (const [slot, name, value] of kept) {
      for (const input of element(slot)?.querySelectorAll(`[name="${name}"]`) ?? []) input.value = value;
    }
    element("finish").hidden = prescriptions.every((each) => each.status !== "in_session");
  } catch (error) {
    say({ 401: SIGN_IN, 404: "Your gym has no programme for you yet." }[error.status] ?? error.message);
    if (mayPass(error)) setTimeout(show, 2000);
  }
}

// What a coach changes, or another device logs, is seen here too. A ticket opens one stream, so each gets its own.
async function listen(after) {
  try {
    const { ticket } = await ask("/v1/tickets", { method: "POST" });
    const source = new EventSource(`${SPOTTER}/v1/changes?ticket=${ticket}&after=${after}`);
    source.onopen = show; // for what happened before
    source.addEventListener("change", (event) => { after = event.lastEventId; show(); });
    source.onerror = () => { source.close(); setTimeout(listen, 5000, after); };
  } catch (error) {
    if (mayPass(error)) setTimeout(listen, 5000, after);
  }
}

element("finish").addEventListener("click", () => log("session_completed", {}));
addEventListener("online", send);
addEventListener("visibilitychange", () => document.hidden || show());
show().then(() => (waiting().length ? send() : null));
listen("now");
