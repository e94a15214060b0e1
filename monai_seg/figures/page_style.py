"""The look that all pages share, as CSS."""

from __future__ import annotations

STYLE = """\
:root { --ink: #1d2733; --soft: #5a6675; --line: #dde3ea; --paper: #fff; --back: #f5f7fa; --accent: #0062a3;
        --error: #b3261e; --warning: #8a5a00; --note: #00658f; --ok: #1a6b3c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ef; --soft: #a3afbd; --line: #333d49; --paper: #1a2129; --back: #11161c; --accent: #6cb8f0;
          --error: #ff8f85; --warning: #f0b95a; --note: #6cc4ea; --ok: #6fd39a; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink);
       background: var(--back); }
main, header { max-width: 1180px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 28px; }
main:focus { outline: none; }
h1 { font-size: 1.6rem; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 12px; }
h3 { font-size: 1rem; margin: 18px 0 8px; }
p { margin: 0 0 12px; }
a { color: var(--accent); }
.soft { color: var(--soft); }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 16px; top: 8px; background: var(--paper); padding: 8px; z-index: 9; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 12px 0 20px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 18px;
          margin-bottom: 18px; }
:focus-visible { outline: 3px solid #56b4e9; outline-offset: 2px; border-radius: 4px; }
.verdict { display: flex; flex-wrap: wrap; gap: 10px; margin: 12px 0 0; padding: 0; list-style: none; }
.verdict:empty { display: none; }
.verdict li { padding: 4px 14px; border-radius: 99px; background: var(--paper); border: 1px solid var(--line);
              font-weight: 600; }
.error { color: var(--error); } .warning { color: var(--warning); }
.note { color: var(--note); } .ok { color: var(--ok); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 7px 10px 7px 0; border-bottom: 1px solid var(--line); }
tr:last-child th, tr:last-child td { border-bottom: 0; }
th { font-weight: 600; }
td { overflow-wrap: anywhere; }
pre { margin: 0; padding: 14px; background: var(--back); border-radius: 8px; white-space: pre-wrap;
      overflow-wrap: anywhere; font-size: .88rem; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
details { border-top: 1px solid var(--line); padding: 8px 0; }
details:first-of-type { border-top: 0; }
summary { cursor: pointer; font-weight: 600; padding: 4px 0; }
details ul { margin: 6px 0; padding-left: 20px; }
details li { margin-bottom: 6px; overflow-wrap: anywhere; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .88rem; margin-top: 6px; overflow-wrap: anywhere; }
figcaption b { display: block; }
@media (max-width: 560px) {
  body { font-size: 15px; }
  header { padding-top: 18px; }
  section { padding: 14px; }
}
@media print { section { break-inside: avoid; } nav { display: none; } }
"""
