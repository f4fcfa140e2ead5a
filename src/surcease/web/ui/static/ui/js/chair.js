// The chair's page: events go through the outbox, so that a lost network loses nothing; the moving parts are
// fetched again when the server says that something happened; a silence of five seconds is said.
const sheet = document.getElementById("sheet");
const { Outbox } = await import(sheet.dataset.outbox);
const { refresher } = await import(sheet.dataset.refresh);
const csrf = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const said = document.getElementById("link-state");
let waiting = 0, lost = false, lastHeard = Date.now();

function tell() {
  const parts = [];
  if (lost) parts.push(`■ No connection since ${new Date(lastHeard).toTimeString().slice(0, 8)}. What you see is old. Write on: entries wait here.`);
  if (waiting) parts.push(`${waiting} not sent yet.`);
  said.textContent = parts.join(" ");
  said.className = `link-state${lost ? " lost" : waiting ? " waits" : ""}`;
  sheet.classList.toggle("stale", lost);
}
const outbox = new Outbox(`session-${sheet.dataset.session}`, { url: sheet.dataset.events, csrf, onchange: (n) => { waiting = n; tell(); } });
window.surceaseOutbox = outbox; // for the fault tests
const again = outbox.keepTrying();
const refresh = refresher("moving", 30);

async function write(kind, payload, minutesAgo = 0, corrects = "") {
  await outbox.put({ kind, payload, ...(corrects && { corrects }) }, { at: new Date(Date.now() - minutesAgo * 60000) });
  const { left, conflicts } = await outbox.flush();
  if (left) setTimeout(again, 2000);
  if (conflicts.length) said.textContent = "Another text came under the same id: both are kept, see the log.";
  refresh();
}

// --- forms -------------------------------------------------------------------------------------------------
const NUMBER = /^[0-9]{1,6}(\.[0-9]{1,3})?$/;
function payloadOf(form) {
  const payload = {};
  for (const field of form.elements) {
    if (!field.name || field.name === "minutes_ago" || "drop" in field.dataset || (field.type === "radio" && !field.checked)) continue;
    const text = field.value.trim();
    if (text === "") continue;
    if ("number" in field.dataset && !NUMBER.test(text)) throw new Error(`"${text}" is not a number we can read safely: use digits with a point, such as 1.5.`);
    payload[field.name] = text;
  }
  return payload;
}
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-writes]");
  if (!form) return;
  event.preventDefault();
  const wrong = form.querySelector(".wrong");
  wrong.textContent = "";
  try {
    const identity = form.querySelector("[data-identity]");
    if (identity && identity.value !== identity.dataset.identity) throw new Error("This is not the birth date of the person whose chart is open. Check who is in the chair.");
    const payload = payloadOf(form);
    if (form.dataset.writes === "reading" && !Object.keys(payload).length) throw new Error("Type at least one value.");
    await write(form.dataset.writes, payload, Number(new FormData(form).get("minutes_ago") || 0));
    form.reset();
    form.closest("dialog")?.close();
  } catch (error) {
    wrong.textContent = error.message || "This could not be stored on the tablet: write it on paper and tell support.";
  }
});
// Does the order allow it? Asked while typing; the answer stands in words.
document.addEventListener("change", async (event) => {
  const form = event.target.closest("form[data-asks]");
  if (!form || !["rate_mg_per_h", "amount_mg"].includes(event.target.name)) return;
  const what = form.dataset.asks;
  const answer = await fetch(`${sheet.dataset.check}?${what}=${encodeURIComponent(event.target.value)}`).then((r) => r.json()).catch(() => ({ said: "" }));
  const place = form.querySelector(".asked");
  place.textContent = answer.said || (answer.ml_per_h ? `Within the order. ${answer.ml_per_h} mL/h at this bag's concentration.` : "");
  place.className = `asked${answer.said ? " mark-red" : ""}`;
});
document.addEventListener("click", async (event) => {
  const one = event.target.closest("[data-event]");
  if (one) { const { kind, payload } = JSON.parse(one.dataset.event); one.classList.add("pressed"); await write(kind, payload); setTimeout(() => one.classList.remove("pressed"), 1500); }
  const ack = event.target.closest("[data-ack]");
  if (ack) await write("acknowledge", { mark: ack.dataset.ack });
  const posts = event.target.closest("[data-posts]");
  if (posts) { await fetch(posts.dataset.posts, { method: "POST", headers: { "X-CSRFToken": csrf } }); refresh(); }
});

// --- the live line -----------------------------------------------------------------------------------------
const heard = () => { lastHeard = Date.now(); if (lost) { lost = false; tell(); again(); refresh(); } };
const source = new EventSource(sheet.dataset.live);
source.addEventListener("beat", heard);
source.addEventListener("session", () => { heard(); refresh(); document.dispatchEvent(new CustomEvent("surcease:session")); });
source.addEventListener("samples", (event) => { heard(); document.dispatchEvent(new CustomEvent("surcease:samples", { detail: JSON.parse(event.data) })); });
source.addEventListener("feed", () => { heard(); document.dispatchEvent(new CustomEvent("surcease:feed")); });
source.addEventListener("call", () => { heard(); refresh(); });
setInterval(() => { if (Date.now() - lastHeard > 5000 && !lost) { lost = true; tell(); } }, 1000);

// Countdown of what is due; the server's page says the same in words.
setInterval(() => {
  for (const node of document.querySelectorAll("[data-until]")) {
    const seconds = Math.round((new Date(node.dataset.until) - Date.now()) / 1000);
    const size = Math.abs(seconds), text = `${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
    node.textContent = seconds >= 0 ? text : `−${text}`;
    node.closest(".due-line")?.classList.toggle("overdue", seconds < 0);
  }
}, 1000);
