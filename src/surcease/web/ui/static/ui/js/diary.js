// The diary's page: a tap is an entry on disk before the page says "Saved".
const script = document.getElementById("diary-script");
const { Outbox, askToPersist } = await import(script.dataset.module);
const root = document.getElementById("entry");
const said = document.getElementById("saved"), line = document.getElementById("sent");
const headers = document.body.getAttribute("hx-headers");
const csrf = headers ? JSON.parse(headers)["X-CSRFToken"] : "";
const outbox = new Outbox("diary", { url: root.dataset.sync, hello: root.dataset.hello, csrf, onchange: tell });
window.surceaseOutbox = outbox; // for the fault tests
function tell(left) {
  line.textContent = left ? `${left} not sent yet; kept safely on this phone.` : "";
}
const again = outbox.keepTrying();

const today = () => { const d = new Date(); return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`; };
async function keep(body) {
  try {
    await outbox.put({ ...body, day: today() });
  } catch {
    said.textContent = "Not saved: this phone has no room. Write the number down, free some space, and try again.";
    return false;
  }
  said.textContent = `Saved ${new Date().toTimeString().slice(0, 5)}`;
  askToPersist();
  const { left, conflicts } = await outbox.flush();
  if (left) setTimeout(again, 2000);
  if (conflicts.length) line.textContent = "Two versions of one entry exist: both are kept, your team sees them.";
  return true;
}
function bodyOf(form) {
  const body = { kind: form.dataset.kind || "average" };
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "radio") { if (field.checked) body[field.name] = field.value; continue; }
    if ("bool" in field.dataset) { if (field.checked) body[field.name] = true; continue; }
    if ("list" in field.dataset || "flag" in field.dataset) { if (field.checked) (body[field.name] ||= []).push(field.value); continue; }
    if (field.value.trim()) body[field.name] = field.value.trim();
  }
  return body;
}
// One tap is the whole entry.
document.getElementById("pain").addEventListener("change", async (event) => {
  if (event.target.name === "pain" && event.isTrusted && !viaKeyboard) { await keep({ kind: "average", pain: event.target.value }); }
});
// With a keyboard the arrows move between numbers; Enter or the button saves.
let viaKeyboard = false;
document.addEventListener("keydown", () => { viaKeyboard = true; });
document.addEventListener("pointerdown", () => { viaKeyboard = false; });
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("#pain, .part")) return;
  event.preventDefault();
  const body = bodyOf(form);
  if (Object.keys(body).length < 2) { said.textContent = "Choose a number first."; return; }
  if (await keep(body)) { form.reset(); if (form.id !== "pain" && !("more" in form.dataset)) form.hidden = form.id !== "wrong"; }
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens-part]");
  if (!opener) return;
  const part = document.getElementById(opener.dataset.opensPart);
  part.hidden = !part.hidden;
  if (!part.hidden) part.querySelector("input")?.focus();
});
// Help shows at the tick of a box, also without a network: the text came with the page.
document.addEventListener("change", (event) => {
  if ("flag" in event.target.dataset) document.getElementById("help").hidden = !document.querySelector("[data-flag]:checked");
});
if ("serviceWorker" in navigator) navigator.serviceWorker.register(root.dataset.worker, { scope: "/diary/" }).catch(() => undefined);
