// "Remind me on this phone": asks the browser, gives its address to the clinic.
const box = document.getElementById("push"), said = box.querySelector("[role=status]");
const csrf = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

box.querySelector("button").addEventListener("click", async () => {
  try {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("refused");
    await navigator.serviceWorker.register(box.dataset.worker, { scope: "/diary/" });
    const registration = await navigator.serviceWorker.ready;
    const address = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) });
    const answer = await fetch(box.dataset.subscribe, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": csrf }, body: JSON.stringify(address) });
    if (!answer.ok) throw new Error("not kept");
    said.textContent = box.dataset.saidDone;
    const by = document.getElementById("id_by_push");
    if (by) by.checked = true;
  } catch {
    said.textContent = box.dataset.saidNo;
  }
});
