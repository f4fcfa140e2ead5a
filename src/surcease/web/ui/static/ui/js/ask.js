// A questionnaire: its answers wait in the outbox like any entry, and the help that an answer needs shows at that answer.
const { Outbox } = await import(document.getElementById("ask-script").dataset.module);
const form = document.getElementById("ask"), help = document.getElementById("help"), said = document.getElementById("saved");
const reveals = JSON.parse(document.getElementById("reveals").textContent);
const headers = document.body.getAttribute("hx-headers");
const csrf = headers ? JSON.parse(headers)["X-CSRFToken"] : "";
let owner = form.dataset.owner;
try { if (owner) localStorage.setItem("surcease-owner", owner); else owner = localStorage.getItem("surcease-owner") || ""; } catch { /* a phone that keeps nothing */ }
const outbox = new Outbox("diary", { url: form.dataset.sync, hello: form.dataset.hello, csrf, owner, passes: true });
window.surceaseOutbox = outbox; // for the fault tests
outbox.onreceipt = (receipt) => { if (receipt.show === "red_flag") help.hidden = false; };
outbox.keepTrying();
try { document.documentElement.classList.toggle("large", localStorage.getItem("surcease-large") === "1"); } catch { /* the same */ }

// Which answers show help is said by the server with the page: no rule is known here.
const needsHelp = () => [...form.elements].some((field) => field.checked && reveals[field.name]?.includes(field.value));
form.addEventListener("change", (event) => {
  if (!(event.target.name in reveals)) return;
  help.hidden = !needsHelp();
  if (!help.hidden) event.target.closest("fieldset").after(help); // beside the answer, where the eyes are
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const items = {};
  for (const field of form.elements) {
    if (!field.name || field.name === "csrfmiddlewaretoken" || (["radio", "checkbox"].includes(field.type) && !field.checked)) continue;
    if (field.value.trim()) items[field.name] = field.value.trim();
  }
  if (!Object.keys(items).length) { said.textContent = form.dataset.saidChoose; return; }
  try {
    await outbox.put({ kind: "answers", instrument: form.dataset.instrument, items });
  } catch {
    said.textContent = form.dataset.saidFull;
    said.scrollIntoView();
    return;
  }
  form.dataset.changed = "";
  const { left, refused } = await outbox.flush();
  said.textContent = refused.length ? form.dataset.saidRefused : left ? form.dataset.saidWaiting : form.dataset.saidSaved;
  form.hidden = true;
  if (needsHelp()) said.after(help);
  said.scrollIntoView();
});
