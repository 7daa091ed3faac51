// Draws the formulas of a page with the KaTeX beside it; without scripts TeX stays readable.
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(".math")) {
    const displayMode = place.tagName === "DIV";
    katex.render(place.textContent, place, { displayMode, throwOnError: false });
  }
});
