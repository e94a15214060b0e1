"""What the page of a check needs beside the look that all pages share, as CSS."""

from __future__ import annotations

STYLE = """\
th { min-width: 9em; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 16px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 16px; }
.tiles .frame { display: flex; gap: 4px; height: 210px; background: #10151b; border-radius: 8px; overflow: hidden;
                justify-content: center; align-items: center; color: #c6d0da; font-size: .9rem; }
.tiles img { width: 100%; height: 100%; min-width: 0; object-fit: contain; }
.tiles .two img { width: calc(50% - 2px); }
.plots img { width: 100%; height: auto; border-radius: 6px; }
@media (max-width: 560px) {
  .tiles { grid-template-columns: repeat(2, 1fr); gap: 12px; }
  .tiles .frame { height: 158px; }
  th, td { display: block; padding-right: 0; }
  th { border-bottom: 0; padding-bottom: 0; }
  td { padding-top: 0; }
}
"""
