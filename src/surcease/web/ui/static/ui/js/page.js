// Small manners of every page: ask before leaving a half-filled form, one submit per press, dialogs, clocks.
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      form.dataset.sent = "1";
      setTimeout(() => delete form.dataset.sent, 8000); // the server answers a repeat with the same record
    }
    form.dataset.changed = "";
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (form) form.dataset.changed = "1";
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector('form[data-keep][data-changed="1"]')) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
    if (event.target.closest("[data-prints]")) window.print();
    const inPage = event.target.closest('a[href^="#"]'); // a link into something folded unfolds it
    if (inPage) document.getElementById(inPage.hash.slice(1))?.closest("details")?.setAttribute("open", "");
  });
  // Show what an answer reveals: each option carries the id of a server-written text (no rules in the browser).
  document.addEventListener("change", (event) => {
    const group = event.target.closest("[data-reveals-group]");
    if (!group) return;
    for (const input of group.querySelectorAll("[data-reveals]")) {
      const text = document.getElementById(input.dataset.reveals);
      if (text) text.hidden = !(input.checked || input.selected);
    }
  });
})();
