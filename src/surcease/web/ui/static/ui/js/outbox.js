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
// the text that is sent: no second serialisation can differ. With an `owner` an entry is only taken for the person
// who wrote it: on a shared phone it waits for them. What the server can never take (400, another owner) stays here
// and, with `passes: true`, does not hold up the entries behind it.

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
  constructor(box, { url, csrf = "", hello = "", owner = "", passes = false, onchange = () => {} }) {
    Object.assign(this, { box, url, csrf, hello, owner, passes, onchange, flushing: null });
    this.db = open();
  }

  // Stores one entry and resolves with its id once it is on disk; rejects when the phone has no room.
  async put(body, { id = crypto.randomUUID(), at = new Date() } = {}) {
    const content = JSON.stringify({ ...body, id, at: at.toISOString(), utc_offset_min: -at.getTimezoneOffset(), v: 1 });
    const hash = await sha256(content);
    const db = await this.db;
    const sealed = await seal(await deviceKey(db), JSON.stringify({ id, hash, content, ...(this.owner && { owner: this.owner }) }));
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
    const readable = [];
    for (let row = await this.#next(0); row; row = await this.#next(row.n)) readable.push(row);
    return readable;
  }

  // The first entry of this box behind number n; one at a time, so that a long queue costs each entry once.
  async #next(n) {
    const db = await this.db;
    const range = IDBKeyRange.lowerBound(n, true);
    const found = await new Promise((resolve, reject) => {
      const request = db.transaction("waiting").objectStore("waiting").openCursor(range);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor && cursor.value.box !== this.box) cursor.continue();
        else resolve(cursor?.value);
      };
    });
    return found && { n: found.n, ...JSON.parse(await unseal(await deviceKey(db), found)) };
  }

  // Sends everything in order. Resolves {sent, left, conflicts, refused}; never throws for a lost network.
  async flush() {
    if (this.flushing) return this.flushing;
    const run = () => this.#send();
    this.flushing = (navigator.locks ? navigator.locks.request(`${DB}-${this.box}`, run) : run())
      .finally(() => { this.flushing = null; });
    return this.flushing;
  }

  async #send() {
    let sent = 0;
    const conflicts = [], refused = [];
    for (let row = await this.#next(0); row; row = await this.#next(row.n)) {
      const { n, id, hash, content, owner } = row;
      const receipt = await this.#post({ id, hash, content, owner });
      if (receipt?.refused && this.passes) { refused.push({ id, said: receipt.said }); continue; }
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
    return { sent, left, conflicts, refused };
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
      if ([200, 201, 409].includes(response.status)) return await response.json();
      const ours = response.headers.get("Content-Type")?.includes("json");
      if (ours && [400, 403].includes(response.status)) return { refused: true, said: (await response.json()).said };
      if (response.status === 403 && this.hello && !retried) return await this.#post(entry, true);
      return null;
    } catch {
      return null;
    }
  }

  // Tries again when the network returns, when the page is shown, and with growing pauses in between.
  keepTrying() {
    let pause = 2000;
    let next = 0; // one timer, however often something asks
    const again = async () => {
      clearTimeout(next);
      const { left } = await this.flush();
      pause = left ? Math.min(pause * 2, 60000) : 2000;
      if (left) next = setTimeout(again, pause);
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
