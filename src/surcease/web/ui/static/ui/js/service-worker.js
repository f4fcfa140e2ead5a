// Served at /diary/sw.js. Keeps the diary's shell so that it opens without a network, and shows discreet reminders.
// It never keeps a page with a person's data: only the shell and hashed static files are cached.
const CACHE = "surcease-shell-v1";
const SHELL = "/diary/offline/";

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

async function keepShell() {
  const cache = await caches.open(CACHE);
  const response = await fetch(SHELL, { credentials: "omit", cache: "reload" });
  if (!response.ok) throw new Error("The offline page could not be fetched.");
  const html = await response.clone().text();
  const assets = [...html.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map((match) => match[1]);
  const modules = [...html.matchAll(/data-module="(\/static\/[^"]+)"/g)].map((match) => match[1]);
  await cache.addAll([...new Set([...assets, ...modules])]);
  await cache.put(SHELL, response);
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
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(SHELL)) || Response.error()));
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
