// The diary's page: a tap is an entry on disk before the page says "Saved". Every word comes with the page.
const script = document.getElementById("diary-script");
const { Outbox, askToPersist } = await import(script.dataset.module);
const root = document.getElementById("entry");
const said = document.getElementById("saved"), line = document.getElementById("sent");
const change = document.getElementById("change"), yesterday = document.getElementById("yesterday");
const words = (name) => root.dataset[`said${name}`];
const headers = document.body.getAttribute("hx-headers");
const csrf = headers ? JSON.parse(headers)["X-CSRFToken"] : "";
const store = (key, value) => { try { return value === undefined ? localStorage.getItem(key) : localStorage.setItem(key, value); } catch { return null; } };
// Whose diary this is: the page says it, and a page that was opened offline asks what the last one said.
if (root.dataset.owner) store("surcease-owner", root.dataset.owner);
const owner = root.dataset.owner || store("surcease-owner") || "";
const outbox = new Outbox("diary", { url: root.dataset.sync, hello: root.dataset.hello, csrf, owner, passes: true, onchange: tell });
window.surceaseOutbox = outbox; // for the fault tests
function tell(left) {
  line.textContent = left ? `${left} ${words("Waiting")}` : "";
}
const again = outbox.keepTrying();

const dayOf = (back) => { const d = new Date(); d.setDate(d.getDate() - back); return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`; };
let last = null, replacing = null;
async function keep(body) {
  const late = yesterday.checked && body.kind !== "now" && body.kind !== "pulse";
  try {
    last = await outbox.put({ ...body, ...(replacing && { replaces: replacing }), day: dayOf(late ? 1 : 0) });
  } catch {
    said.textContent = words("Full");
    return false;
  }
  replacing = null;
  yesterday.checked = false;
  said.textContent = late ? words("Yesterday") : `${words("Saved")} ${new Date().toTimeString().slice(0, 5)}`;
  change.hidden = body.kind !== "average" || !("pain" in body);
  askToPersist();
  const { left, conflicts, refused } = await outbox.flush();
  if (left) setTimeout(again, 2000);
  if (conflicts.length) line.textContent = words("Two");
  if (refused.length) line.textContent = words("Refused");
  return true;
}
change.addEventListener("click", () => {
  replacing = last;
  change.hidden = true;
  said.textContent = "";
  document.querySelector("#pain input").focus();
});
function bodyOf(form) {
  const body = { kind: form.dataset.kind || "average" };
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "radio") { if (field.checked) body[field.name] = field.value; continue; }
    if ("list" in field.dataset || "flag" in field.dataset) { if (field.checked) (body[field.name] ||= []).push(field.value); continue; }
    if (field.value.trim()) body[field.name] = field.value.trim();
  }
  return body;
}
const empty = (body) => !Object.keys(body).some((name) => name !== "kind" && name !== "pulse_of" && !(name === "site" && !("pain" in body)));
async function send(form) {
  const body = bodyOf(form);
  if (empty(body)) { said.textContent = words("Choose"); return; }
  if (!(await keep(body))) return;
  form.reset();
  if (form.id === "pain" || "more" in form.dataset) return;
  form.hidden = form.id !== "wrong";
  if (form.id === "bad") root.classList.remove("bad-day");
}
// With a finger one tap is the whole entry. With a keyboard the arrows move between numbers; Enter or the button saves.
let viaKeyboard = false;
document.addEventListener("keydown", () => { viaKeyboard = true; });
document.addEventListener("pointerdown", () => { viaKeyboard = false; });
document.addEventListener("change", async (event) => {
  const form = event.target.closest("#pain, [data-one-tap]");
  if (form && event.target.type === "radio" && event.isTrusted && !viaKeyboard) await send(form);
});
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("#pain, .part")) return;
  event.preventDefault();
  await send(event.target);
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens-part]");
  if (!opener) return;
  const part = document.getElementById(opener.dataset.opensPart);
  part.hidden = !part.hidden;
  if (part.id === "bad") root.classList.toggle("bad-day", !part.hidden);
  if (!part.hidden) part.querySelector("input:not([type=hidden])")?.focus();
});
// Help shows at the tick of a box, also without a network: the text came with the page.
document.addEventListener("change", (event) => {
  if ("flag" in event.target.dataset) document.getElementById("help").hidden = !document.querySelector("[data-flag]:checked");
});
const large = (on) => document.documentElement.classList.toggle("large", on);
large(store("surcease-large") === "1");
document.getElementById("larger").addEventListener("click", () => store("surcease-large", large(!document.documentElement.classList.contains("large")) ? "1" : "0"));
if (location.hash === "#pulse") document.getElementById("pulse")?.scrollIntoView();
if ("serviceWorker" in navigator) navigator.serviceWorker.register(root.dataset.worker, { scope: "/diary/" }).catch(() => undefined);
