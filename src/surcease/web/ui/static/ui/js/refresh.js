// Fetch a page's moving part again, one request at a time.
//
//   const refresh = refresher("moving", 30);
//   refresh();   // after an event; asked during a request it runs once more when that one has ended
//
// htmx drops a request that was queued on an element which the running one replaces: the page would then show the
// state before the last event until the next poll. So the queue is kept here, outside the element.
// What a person unfolded stays unfolded: every details of the part with an id of its own.
function openDetails(id) {
  const unfolded = document.querySelectorAll(`#${id} details[open]`);
  return [...unfolded].map((node) => node.id).filter(Boolean);
}
export function refresher(id, everySeconds) {
  let running = false, wanted = false, open = [];
  const unfold = () => open.forEach((key) => document.getElementById(key)?.setAttribute("open", ""));
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target?.id === id) open = openDetails(id); });
  async function refresh() {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      const part = document.getElementById(id), url = part.dataset.here;
      // A source of its own: on the page's body another request would throw this one out of the queue.
      const options = { source: part.parentElement, target: `#${id}`, swap: "outerHTML", headers: { "X-Surcease-Background": "1" } };
      await window.htmx.ajax("GET", url, options).catch(() => undefined); // a lost server is said by the live line
      unfold();
    }
    running = false;
  }
  setInterval(refresh, everySeconds * 1000);
  return refresh;
}
