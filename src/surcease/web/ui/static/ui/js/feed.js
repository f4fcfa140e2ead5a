// The monitor's part of the chair's page: values as they come, their age each second, the columns fetched again at
// most every five seconds and never under somebody's hand. An old value is taken off the place of a current one.
const sheet = document.getElementById("sheet");
const { refresher } = await import(sheet.dataset.refresh);
const csrf = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const fetchAgain = refresher("feed", 3600);
let asked = false, last = 0, heard = Date.now();

const place = () => document.getElementById("feed");
const inHand = () => place()?.contains(document.activeElement) || place()?.querySelector("input:checked");
function refresh(now) {
  asked = true;
  if (!place() || (!now && (inHand() || Date.now() - last < 5000))) return;
  asked = false;
  last = Date.now();
  fetchAgain();
}
setInterval(() => asked && refresh(), 1000);
setInterval(() => refresh(), 30000);

document.addEventListener("surcease:samples", (event) => {
  heard = Date.now();
  for (const [parameter, [value, at]] of Object.entries(event.detail.values)) {
    const tile = place()?.querySelector(`[data-parameter="${parameter}"]`);
    if (!tile || new Date(at) < new Date(tile.dataset.at)) continue;
    tile.dataset.at = at;
    tile.dataset.heard = heard;
    tile.classList.remove("feed-old");
    tile.querySelector(".feed-value").textContent = value;
    tile.querySelector(".feed-age").textContent = age(at);
  }
  refresh();
});
document.addEventListener("surcease:feed", () => refresh(true));
document.addEventListener("surcease:session", () => refresh());

function age(at) {
  const seconds = Math.max(0, Math.floor((Date.now() - new Date(at)) / 1000));
  return seconds < 100 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
setInterval(() => {
  const feed = place();
  if (!feed) return;
  for (const tile of feed.querySelectorAll("[data-field]:not(.feed-old)")) tile.querySelector(".feed-age").textContent = age(tile.dataset.at);
  if (Date.now() - heard > Math.max(5000, 1000 * Number(feed.dataset.quietAfter))) { heard = Date.now(); refresh(true); } // the server says what is old
}, 1000);

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-feed-form]");
  if (!form) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": csrf } }).catch(() => null);
  if (answer?.redirected) { location.assign(answer.url); return; } // the tablet is locked, or somebody signed out
  const said = answer ? (await answer.json().catch(() => ({}))).said : "";
  document.getElementById("feed-said").textContent = said || "This did not reach the server. Nothing was charted: press again when the connection is back.";
  document.activeElement?.blur();
  for (const box of place()?.querySelectorAll("input:checked") ?? []) box.checked = false;
  refresh(true);
});
