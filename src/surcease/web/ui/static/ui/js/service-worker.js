// Served at /diary/sw.js. Keeps the diary's shell so that it opens without a network, and shows discreet reminders.
// It never keeps a page with a person's data: only the shell and hashed static files are cached.
const CACHE = "surcease-shell-v2";
const SHELL = "/diary/offline/";
const AGAIN_MS = 10 * 60 * 1000; // how often a visit renews the shell: crisis numbers and hours must not grow old
let renewed = 0;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

// The shell, the questionnaires it links to, and what these pages are made of; pages last, so that a kept page is whole.
async function keepShell() {
  renewed = Date.now();
  const cache = await caches.open(CACHE);
  const pages = [SHELL], kept = new Map(), assets = new Set();
  for (let page = pages.shift(); page; page = pages.shift()) {
    const response = await fetch(page, { credentials: "same-origin", cache: "reload" });
    if (!response.ok || response.redirected) throw new Error("The offline page could not be fetched.");
    const html = await response.clone().text();
    for (const match of html.matchAll(/(?:src|href|data-module)="(\/static\/[^"]+)"/g)) assets.add(match[1]);
    if (page === SHELL) pages.push(...[...html.matchAll(/data-offline="(\/diary\/[^"]+)"/g)].map((match) => match[1]));
    kept.set(page, response);
  }
  await cache.addAll([...assets]);
  for (const [page, response] of kept) await cache.put(page, response);
}

// What stands in for a page that cannot be had: the same questionnaire without a name on it, else the entry page.
async function standIn(url) {
  const asked = url.pathname.match(/^\/diary\/ask\/([a-z0-9-]+)\/$/);
  return (asked && (await caches.match(`/diary/offline/ask/${asked[1]}/`))) || (await caches.match(SHELL)) || Response.error();
}

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("surcease-shell-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
    return;
  }
  if (event.request.mode === "navigate" && url.pathname.startsWith("/diary/")) {
    event.respondWith(fetch(event.request).catch(() => standIn(url)));
    if (Date.now() - renewed > AGAIN_MS) event.waitUntil(keepShell().catch(() => undefined));
  }
});

// A reminder says nothing clinical: "your minute".
self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : { title: "Your minute", reminder: "" };
  event.waitUntil((async () => {
    await self.registration.showNotification(said.title, { body: said.body || "", tag: "surcease-minute", data: said });
    if (said.displayed_url) await fetch(said.displayed_url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ reminder: said.reminder }) }).catch(() => undefined);
  })());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: "window" });
    const diary = open.find((client) => new URL(client.url).pathname.startsWith("/diary/"));
    return diary ? diary.focus() : self.clients.openWindow(event.notification.data?.url || "/diary/");
  })());
});
