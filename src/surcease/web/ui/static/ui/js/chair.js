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
const fetchPart = refresher("moving", 30);
const refresh = () => { fetchPart(); forecast(); };

// The forecast is computed when somebody unfolds it, and again with every new event while it stays unfolded.
let forecasting = 0;
function forecast() {
  const place = document.querySelector("[data-predicted]");
  if (!place?.open) return;
  clearTimeout(forecasting);
  forecasting = setTimeout(() => window.htmx.ajax("GET", place.dataset.predicted, { source: place, target: place.querySelector(".forecast"), swap: "innerHTML", headers: { "X-Surcease-Background": "1" } }).catch(() => undefined), 300);
}
document.addEventListener("toggle", (event) => { if (event.target.matches?.("[data-predicted]")) forecast(); }, true);

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
    if (!field.name || field.name === "minutes_ago" || "drop" in field.dataset || (["radio", "checkbox"].includes(field.type) && !field.checked)) continue;
    if ("list" in field.dataset) { payload[field.name] = [...(payload[field.name] || []), field.value]; continue; }
    const text = field.value.trim();
    if (text === "") continue;
    if ("number" in field.dataset && !NUMBER.test(text)) throw new Error(`"${text}" is not a number we can read safely: use digits with a point, such as 1.5.`);
    payload[field.name] = text;
  }
  return payload;
}
// A grid of names, 0 to 3: one event for each that was touched.
function eachOf(form) {
  const note = form.querySelector("[data-common]")?.value.trim() || "";
  return [...form.querySelectorAll("fieldset.grade input:checked")].map((field) => ({ name: field.name, grade: field.value, ...(note && { note }) }));
}
// Does the order allow it? Without a connection the entry is kept: the log says what happened, and the marks judge it.
const ASKED = { rate: "rate_mg_per_h", resume: "rate_mg_per_h", bolus: "amount_mg", drug: "drug" };
async function ask(form) {
  const what = form.dataset.asks, field = form.querySelector(`[name=${ASKED[what]}]`);
  if (!what || !field.value.trim()) return null;
  return fetch(`${sheet.dataset.check}?${what}=${encodeURIComponent(field.value.trim())}`, { signal: AbortSignal.timeout(4000) }).then((r) => r.json()).catch(() => null);
}
async function refuse(form, payload) {
  if (!form.dataset.asks) return;
  const answer = await ask(form);
  if (answer?.said && !(answer.needs && payload[answer.needs])) throw new Error(answer.said + (answer.needs ? " Choose the physician who decided." : ""));
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
    const payloads = "each" in form.dataset ? eachOf(form) : [payloadOf(form)];
    if (!payloads.length || !Object.keys(payloads[0]).length) throw new Error("Type at least one value.");
    if (form.querySelector("[data-while-running]") && document.querySelector(".chip.running") && !payloads[0].volume_infused_ml) throw new Error("The pump runs: type what its face shows.");
    await refuse(form, payloads[0]);
    for (const payload of payloads) await write(form.dataset.writes, payload, Number(new FormData(form).get("minutes_ago") || 0));
    form.reset();
    form.closest("dialog")?.close();
  } catch (error) {
    wrong.textContent = error.message || "This could not be stored on the tablet: write it on paper and tell support.";
  }
});
// Asked while typing too; the answer stands in words.
document.addEventListener("change", async (event) => {
  const form = event.target.closest("form[data-asks]");
  if (!form || event.target.name !== ASKED[form.dataset.asks]) return;
  const answer = await ask(form) || { said: "" }, place = form.querySelector(".asked");
  place.textContent = answer.said || [answer.ml_per_h ? `Within the order. ${answer.ml_per_h} mL/h at this bag's concentration.` : "", answer.note || ""].join(" ").trim();
  place.className = `asked${answer.said ? " mark-red" : ""}`;
});
// A full value moves on to the next box: a set is typed without touching anything between opening and saving.
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.dataset?.next || !/^[0-9]+$/.test(field.value)) return;
  const full = Number(field.dataset.next) + (field.value.startsWith("1") && field.dataset.next === "2" && field.name !== "resp_rate" && field.name !== "etco2" ? 1 : 0);
  if (field.value.length < full) return;
  const fields = [...field.form.querySelectorAll("input[data-next]")];
  fields[fields.indexOf(field) + 1]?.focus();
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
