// The outbox: what a person said waits here, encrypted, until the server's receipt echoes its hash.
//
//   import { Outbox } from "./outbox.js";
//   const outbox = new Outbox("diary", { url: "/diary/sync", csrf });
//   await outbox.put({ kind: "average", pain: 6 });   // resolves only when the entry is on disk
//   await outbox.flush();                              // sends in order, deletes what was received
//
// Guarantees: an entry has one UUID for ever; put() resolves after a strict-durability commit or rejects and
// nothing says "saved"; an entry is deleted only after a receipt with its own id and hash; one tab sends at a
// time; order is kept; a repeated send is harmless because the server knows the id. The text that is hashed is
// the text that is sent: no second serialisation can differ.

const DB = "surcease-outbox";

function asPromise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  const request = indexedDB.open(DB, 1);
  request.onupgradeneeded = () => {
    const waiting = request.result.createObjectStore("waiting", { keyPath: "n", autoIncrement: true });
    waiting.createIndex("box", "box");
    request.result.createObjectStore("keys");
  };
  return asPromise(request);
}

function strict(db, stores) {
  const tx = db.transaction(stores, "readwrite", { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = tx.onerror = () => reject(tx.error || new Error("The phone could not store this."));
  });
  return { tx, done };
}

// One key a device, never extractable: a copied profile holds no readable entry.
async function deviceKey(db) {
  const found = await asPromise(db.transaction("keys").objectStore("keys").get("device"));
  if (found) return found;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const { tx, done } = strict(db, ["keys"]);
  const request = tx.objectStore("keys").add(fresh, "device");
  request.onerror = (event) => { event.preventDefault(); event.stopPropagation(); }; // another tab was first
  await done.catch(() => undefined);
  return asPromise(db.transaction("keys").objectStore("keys").get("device"));
}

export async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function seal(key, text) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(text));
  return { iv, data };
}

async function unseal(key, { iv, data }) {
  return new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data));
}

export class Outbox {
  constructor(box, { url, csrf = "", hello = "", onchange = () => {} }) {
    Object.assign(this, { box, url, csrf, hello, onchange, flushing: null });
    this.db = open();
  }

  // Stores one entry and resolves with its id once it is on disk; rejects when the phone has no room.
  async put(body, { id = crypto.randomUUID(), at = new Date() } = {}) {
    const content = JSON.stringify({ ...body, id, at: at.toISOString(), utc_offset_min: -at.getTimezoneOffset(), v: 1 });
    const hash = await sha256(content);
    const db = await this.db;
    const sealed = await seal(await deviceKey(db), JSON.stringify({ id, hash, content }));
    const { tx, done } = strict(db, ["waiting"]);
    tx.objectStore("waiting").add({ box: this.box, ...sealed });
    await done;
    this.onchange(await this.count());
    return id;
  }

  async count() {
    return asPromise((await this.db).transaction("waiting").objectStore("waiting").index("box").count(this.box));
  }

  // What waits, readable, in order: for the page to show "not sent yet".
  async waiting() {
    const db = await this.db;
    const rows = await asPromise(db.transaction("waiting").objectStore("waiting").index("box").getAll(this.box));
    const key = await deviceKey(db);
    const readable = [];
    for (const row of rows) readable.push({ n: row.n, ...JSON.parse(await unseal(key, row)) });
    return readable;
  }

  // Sends everything in order. Resolves {sent, left, conflicts}; never throws for a lost network.
  async flush() {
    if (this.flushing) return this.flushing;
    const run = () => this.#send();
    this.flushing = (navigator.locks ? navigator.locks.request(`${DB}-${this.box}`, run) : run())
      .finally(() => { this.flushing = null; });
    return this.flushing;
  }

  async #send() {
    let sent = 0;
    const conflicts = [];
    for (const { n, id, hash, content } of await this.waiting()) {
      const receipt = await this.#post({ id, hash, content });
      if (!receipt || receipt.id !== id || receipt.hash !== hash) break; // no receipt of this very text: it stays
      const { tx, done } = strict(await this.db, ["waiting"]);
      tx.objectStore("waiting").delete(n);
      await done;
      sent += 1;
      if (receipt.conflict) conflicts.push(id);
      if (receipt.show) this.onreceipt?.(receipt);
    }
    const left = await this.count();
    this.onchange(left);
    return { sent, left, conflicts };
  }

  // A page that was opened offline has no token yet, and a token may have been changed by a new sign-in.
  async #token(refresh = false) {
    if ((!this.csrf || refresh) && this.hello) {
      const answer = await fetch(this.hello, { credentials: "same-origin", signal: AbortSignal.timeout(15000) });
      if (answer.ok && answer.headers.get("Content-Type")?.includes("json")) this.csrf = (await answer.json()).csrf;
    }
    return this.csrf;
  }

  async #post(entry, retried = false) {
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": await this.#token(retried) },
        body: JSON.stringify({ ...entry, sent_at: new Date().toISOString() }),
        credentials: "same-origin",
        signal: AbortSignal.timeout(15000),
      });
      // 200/201: stored; 409: the id was known with other words, both are kept. Anything else stays here.
      if (response.status === 403 && this.hello && !retried) return await this.#post(entry, true);
      return [200, 201, 409].includes(response.status) ? await response.json() : null;
    } catch {
      return null;
    }
  }

  // Tries again when the network returns, when the page is shown, and with growing pauses in between.
  keepTrying() {
    let pause = 2000;
    const again = async () => {
      const { left } = await this.flush();
      pause = left ? Math.min(pause * 2, 60000) : 2000;
      if (left) setTimeout(again, pause);
    };
    window.addEventListener("online", again);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
    again();
    return again;
  }
}

// Ask the browser not to evict us; true when it promised.
export async function askToPersist() {
  return Boolean(await navigator.storage?.persist?.());
}
