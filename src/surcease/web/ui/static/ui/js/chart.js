// Embeds every figure[data-chart] on the page and in fragments that arrive later; swaps in the dark twins.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const twins = JSON.parse(document.documentElement.dataset.chartDark || "{}");
const recolour = (node) => {
  if (typeof node === "string") return twins[node] || node;
  if (Array.isArray(node)) return node.map(recolour);
  if (node && typeof node === "object") return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, recolour(v)]));
  return node;
};
// A chart is as wide as its place; its definition carries the width for paper.
function fit(spec, room) {
  const parts = spec.vconcat || [spec];
  for (const part of parts) if (typeof part.width === "number") part.width = Math.max(240, room - 64);
  return spec;
}
async function draw(figure) {
  const plot = figure.querySelector(".plot");
  const spec = fit(JSON.parse(document.getElementById(figure.dataset.chart).textContent), plot.clientWidth);
  plot.setAttribute("aria-hidden", "true"); // the sentence and the table say it in words
  const options = { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true } };
  try {
    await window.vegaEmbed(plot, dark.matches ? recolour(spec) : spec, options);
    figure.dataset.drawn = "1";
  } catch (error) {
    plot.textContent = "The picture could not be drawn here; the table below holds its numbers.";
    console.error(error);
  }
}
const all = (root) => { // a fragment may be the figure itself
  if (root.matches?.("figure[data-chart]")) draw(root);
  root.querySelectorAll?.("figure[data-chart]").forEach(draw);
};
dark.addEventListener("change", () => all(document));
document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) all(event.detail.elt); });
all(document);
