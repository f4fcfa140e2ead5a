// The board refreshes when something moves and says when the server is silent.
const cards = document.getElementById("cards");
const { refresher } = await import(cards.dataset.refresh);
const refetch = refresher("cards", 20);
const said = document.getElementById("link-state");
let lastHeard = Date.now();
const heard = () => { lastHeard = Date.now(); said.textContent = ""; said.className = "link-state"; };
const refresh = () => { heard(); refetch(); };
const source = new EventSource(cards.dataset.live);
source.addEventListener("beat", heard);
source.addEventListener("board", refresh);
source.addEventListener("call", refresh);
setInterval(() => {
  if (Date.now() - lastHeard > 5000) { said.textContent = `■ No connection since ${new Date(lastHeard).toTimeString().slice(0, 8)}. What you see is old.`; said.className = "link-state lost"; }
  for (const node of document.querySelectorAll("[data-until]")) {
    const seconds = Math.round((new Date(node.dataset.until) - Date.now()) / 1000), size = Math.abs(seconds);
    node.textContent = `${seconds < 0 ? "−" : ""}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
    node.closest(".due-line")?.classList.toggle("overdue", seconds < 0);
  }
}, 1000);
