// Any touch anywhere calls the nurse; it tries until the server has it. The bedside bell stays primary.
(() => {
  "use strict";
  const button = document.getElementById("call"), said = document.getElementById("said");
  let trying = false;
  async function call() {
    if (trying) return;
    trying = true;
    for (let tries = 0; tries < 120; tries += 1) {
      try {
        const response = await fetch(button.dataset.url, { method: "POST", headers: { "X-CSRFToken": button.dataset.csrf } });
        if (response.ok) { said.textContent = "●"; said.className = "called"; setTimeout(() => { said.textContent = ""; }, 6000); break; }
      } catch { /* tried again below */ }
      await new Promise((resume) => setTimeout(resume, 500));
    }
    trying = false;
  }
  button.addEventListener("pointerdown", call);
  button.addEventListener("click", call);
  document.addEventListener("keydown", call);
})();
