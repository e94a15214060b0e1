"""What the pages of report and compare need beside the look that all pages share: CSS and a small script."""

from __future__ import annotations

STYLE = """\
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); gap: 26px; }
.chart { max-width: 640px; }
.chart h3 { margin-top: 0; }
.chart > svg { width: 100%; height: auto; display: block; overflow: visible; }
svg text { font-size: 13px; fill: var(--soft); }
.grid { stroke: var(--line); stroke-width: 1; fill: none; }
.axis { stroke: var(--soft); stroke-width: 1; fill: none; }
.star { fill: var(--ink); stroke: var(--paper); stroke-width: 1.5; }
.range { stroke: var(--accent); stroke-width: 3; } .dot { fill: var(--accent); }
.keys { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: .88rem; margin-top: 4px; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.key i { width: 14px; height: 14px; border-radius: 4px; border: 1px solid var(--soft); }
.chart figcaption { color: var(--soft); }
.wide { overflow-x: auto; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
h3 .soft, summary .soft { font-weight: 400; }
.scores th .soft { font-weight: 400; font-size: .85rem; display: block; }
.scores td, .scores th { vertical-align: middle; padding-right: 16px; }
.bar svg { overflow: visible; }
.sizes td .soft, .sizes td .warning, .sizes th .soft { display: block; font-size: .85rem; }
h4 { font-size: .95rem; margin: 20px 0 6px; }
.matrix td { text-align: center; padding: 8px; white-space: nowrap; border: 1px solid var(--line); }
.matrix td.hit { background: color-mix(in srgb, #009e73 calc(var(--share) * 45%), transparent); }
.matrix td.wrong { background: color-mix(in srgb, #d55e00 calc(var(--share) * 60%), transparent); }
.matrix th { padding-right: 12px; }
.cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 18px; margin-bottom: 20px; }
.cases.pairs { grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; border: 1px solid var(--line); border-radius: 10px;
        padding: 10px; min-width: 0; }
.pair > p { grid-column: 1 / -1; margin: 0; overflow-wrap: anywhere; }
body:has(#large:checked) .cases { grid-template-columns: repeat(auto-fill, minmax(min(400px, 100%), 1fr)); }
body:has(#large:checked) .cases.pairs { grid-template-columns: 1fr; }
.stack { position: relative; background: #10151b; border-radius: 8px; overflow: hidden; cursor: pointer;
         aspect-ratio: 1; display: flex; align-items: center; justify-content: center; }
.stack.none { color: #c6d0da; cursor: default; font-size: .9rem; aspect-ratio: auto; padding: 6px; }
.stack img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
.layer { display: none; }
.case:has(input[value=truth]:checked) .truth, .case:has(input[value=prediction]:checked) .prediction,
.case:has(input[value=errors]:checked) .errors { display: block; }
.case:has(input[value=errors]:checked) .base { filter: grayscale(1) brightness(.6); }
.views { display: flex; border: 0; margin: 8px 0 0; padding: 0; min-width: 0; }
.views label { flex: 1 1 auto; position: relative; cursor: pointer; }
.views input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.views span { display: block; text-align: center; padding: 5px 4px; font-size: .78rem; border: 1px solid var(--line);
              background: var(--back); }
.views label + label span { border-left: 0; }
.views label:first-of-type span { border-radius: 6px 0 0 6px; }
.views label:last-of-type span { border-radius: 0 6px 6px 0; }
.views input:checked + span { background: var(--accent); color: var(--paper); font-weight: 600; }
.views input:focus-visible + span { outline: 3px solid #56b4e9; outline-offset: 1px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.tools { position: sticky; top: 0; z-index: 5; background: var(--paper); padding: 8px 0; margin-bottom: 8px;
         border-bottom: 1px solid var(--line); }
.all { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 18px; }
.all .views { margin: 0; min-width: min(340px, 100%); } .all .views span { font-size: .9rem; }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; background: var(--back); font-size: .85em; }
.facts + .charts { margin-top: 22px; }
.facts th { width: 15em; font-weight: 600; }
.facts tr:last-child th, .facts tr:last-child td { border-bottom: 0; }
.missing { margin: 0; padding-left: 20px; } .missing li { overflow-wrap: anywhere; }
@media (max-width: 560px) {
  .cases, .cases.pairs { grid-template-columns: 1fr 1fr; gap: 12px; }
  .cases.pairs { grid-template-columns: 1fr; }
  body:has(#large:checked) .cases { grid-template-columns: 1fr; }
  .cases:not(.pairs) .views, .pair .views { flex-wrap: wrap; }
  .cases .views label { flex: 1 0 50%; } .cases .views span { border: 1px solid var(--line); border-radius: 0; }
  .scores .bar { display: none; }
  .scores td, .scores thead th { padding-right: 8px; font-size: .85rem; }
  .scores tbody th { padding-right: 8px; font-size: .9rem; }
  .sizes .n { white-space: normal; } .sizes tbody th .soft { font-size: .75rem; }
  .sizes tr > :last-child { padding-right: 0; }
  .facts th, .facts td { display: block; width: auto; padding-right: 0; }
  .facts th { border-bottom: 0; padding-bottom: 0; } .facts td { padding-top: 0; }
}
"""

SCRIPT = """
"use strict";
const radios = root => [...root.querySelectorAll('input[type="radio"]')];
const choose = (root, view) => {
  const radio = radios(root).find(radio => radio.value === view);
  if (radio) radio.checked = true;
};
const cases = [...document.querySelectorAll(".case")];
const all = document.querySelector(".all");
const chooseAll = view => {
  cases.forEach(figure => choose(figure, view));
  if (all) choose(all, view);
};
if (all) all.addEventListener("change", event => { if (event.target.type === "radio") chooseAll(event.target.value); });
cases.forEach(figure => figure.querySelector(".stack").addEventListener("click", () => {
  const views = radios(figure);
  if (!views.length) return;
  const next = views[(views.findIndex(radio => radio.checked) + 1) % views.length];
  next.checked = true;
  next.focus({ preventScroll: true });
}));
document.addEventListener("keydown", event => {
  const view = ["image", "truth", "prediction", "errors"][Number(event.key) - 1];
  if (!view || event.ctrlKey || event.altKey || event.metaKey) return;
  const figure = document.activeElement.closest(".case");
  if (!figure) return chooseAll(view);
  choose(figure, view);
  figure.querySelector("input:checked").focus({ preventScroll: true });
});
"""
