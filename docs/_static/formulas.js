// Draws the formulas of a page with the KaTeX beside it; without scripts TeX stays readable.
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(".math")) {
    const displayMode = place.tagName === "DIV";
    katex.render(place.textContent, place, { displayMode, throwOnError: false });
    if (!displayMode) keepMarks(place);
  }
});

// A line may break after a formula: marks that follow it go into its last part.
function keepMarks(place) {
  const next = place.nextSibling;
  const marks = next instanceof Text && next.data.match(/^[.,;:!?)]+/);
  const parts = place.querySelectorAll(".katex-base");
  if (!marks || !parts.length) return;
  parts[parts.length - 1].append(marks[0]);
  next.data = next.data.slice(marks[0].length);
}
