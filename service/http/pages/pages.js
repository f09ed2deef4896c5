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
