"use strict";
// What scripts add; every page works without. First: a list that is marked as live is looked at again while it is seen.
const live = document.querySelector("[data-live]");
if (live) {
  setInterval(async () => {
    if (document.hidden || live.contains(document.activeElement)) return;
    const reply = await fetch(location.href).catch(() => null);
    if (!reply || !reply.ok || reply.redirected) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-live]");
    if (fresh && fresh.innerHTML !== live.innerHTML) live.replaceChildren(...fresh.childNodes);
  }, 5000);
}
// A file may be dropped anywhere on a page that takes one.
const taking = document.querySelector("form[data-drop] input[type=file]");
if (taking) {
  const over = (is) => taking.closest(".drop").classList.toggle("over", is);
  document.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
  document.addEventListener("dragleave", () => over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length) taking.files = event.dataTransfer.files;
    taking.focus();
  });
}
// A time that is asked for can be slid to, from the first day of the log to today.
for (const form of document.querySelectorAll("form[data-from]")) {
  const from = Date.parse(form.dataset.from + "Z"), to = Date.parse(form.dataset.to + "Z");
  for (const field of form.querySelectorAll("input[type=datetime-local]")) {
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: from, max: to, step: 60000, value: field.value ? Date.parse(field.value + "Z") : to });
    slider.setAttribute("aria-label", field.labels[0].textContent);
    slider.addEventListener("input", () => { field.value = new Date(Number(slider.value)).toISOString().slice(0, 19); });
    slider.addEventListener("change", () => form.requestSubmit(form.querySelector("button")));
    field.after(slider);
  }
}
// The workbench: lines are numbered as they are written, and what the checker says of them comes without a button.
const bench = document.getElementById("bench");
if (bench) {
  const texts = [...bench.querySelectorAll("textarea[name=text]")];
  const number = text => {
    const lines = text.value.split("\n").length;
    text.rows = lines;
    text.previousElementSibling.textContent = Array.from({ length: lines }, (_, line) => line + 1).join("\n");
  };
  const results = document.getElementById("results");
  let due, asked;
  const send = async form => {
    if (asked) asked.abort();
    asked = new AbortController();
    const reply = await fetch(bench.getAttribute("action").split("#")[0], { method: "POST", body: form, signal: asked.signal });
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    for (const said of bench.querySelectorAll("[data-checked]")) {
      const now = fresh.getElementById(said.id);
      if (now) said.replaceChildren(...now.childNodes);
    }
    return fresh;
  };
  const check = () => {
    const form = new FormData(bench);
    form.set("do", "check");
    send(form).catch(() => null);
  };
  const waiting = said => {
    const text = document.createElement("p"), bar = document.createElement("progress");
    text.textContent = said;
    bar.setAttribute("aria-label", said);
    results.replaceChildren(text, bar);
    results.scrollIntoView({ block: "nearest" });
  };
  bench.addEventListener("submit", async event => {
    const pressed = event.submitter;
    if (!pressed || /^(add|remove:.*)$/.test(pressed.value)) return;
    event.preventDefault();
    clearTimeout(due);
    const form = new FormData(bench, pressed);
    waiting(`${pressed.textContent.trim()}: working on it.`);
    try {
      const fresh = await send(form), found = fresh.getElementById("results") || fresh.getElementById("main");
      results.replaceChildren(...found.childNodes);
      results.focus();
    } catch (error) {
      if (error.name !== "AbortError") results.textContent = "Spotter did not answer. What you wrote stays here: try again.";
    }
  });
  for (const text of texts) {
    number(text);
    text.addEventListener("input", () => { number(text); clearTimeout(due); due = setTimeout(check, 700); });
  }
  bench.addEventListener("click", event => {
    const to = event.target.closest("[data-line]");
    if (!to) return;
    event.preventDefault();
    const text = document.querySelector(to.getAttribute("href"));
    const before = text.value.split("\n").slice(0, to.dataset.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    text.focus();
    text.setSelectionRange(before + Number(to.dataset.column) - 1, before + Number(to.dataset.column) - 1);
  });
}
