"""The report's style sheet: system fonts only, light and dark, paper, narrow screens.

1. Every colour is a custom property, so that a test can compute every contrast.
2. Paper is always light, shows every disclosure open and every address in full.
3. No colour carries meaning alone: tones only tint a sign that already has a symbol and a word.
"""

from __future__ import annotations

LIGHT = {
    "page": "#ffffff",
    "surface": "#f4f6f8",
    "ink": "#17212b",
    "muted": "#4a5661",
    "rule": "#c3ccd4",
    "link": "#0a4c9a",
    "focus": "#0a4c9a",
    "bar": "#2f4b6b",
    "danger": "#f6c9c4",
    "danger-ink": "#a5271c",
    "open": "#0a5c33",
    "open-tint": "#e3f3e9",
    "owed": "#0a566b",
    "owed-tint": "#e0f1f5",
    "limit": "#6f4400",
    "limit-tint": "#fcf0d9",
    "hold": "#98170e",
    "hold-tint": "#fde8e6",
    "stop": "#760d56",
    "stop-tint": "#fae5f2",
    "unknown": "#3b3990",
    "unknown-tint": "#ebebfa",
    "none": "#46525d",
    "none-tint": "#edf0f3",
}
"""Colours on a light screen and on paper."""

DARK = {
    "page": "#12181f",
    "surface": "#1b232c",
    "ink": "#e8edf2",
    "muted": "#aab6c1",
    "rule": "#3b4754",
    "link": "#8dbdff",
    "focus": "#ffd866",
    "bar": "#a9c7ea",
    "danger": "#5b2723",
    "danger-ink": "#ff9d93",
    "open": "#84dba8",
    "open-tint": "#12301f",
    "owed": "#83d3e6",
    "owed-tint": "#0f2e37",
    "limit": "#f3c477",
    "limit-tint": "#372810",
    "hold": "#ffa69d",
    "hold-tint": "#421a17",
    "stop": "#f5a3d8",
    "stop-tint": "#3a142e",
    "unknown": "#b9b7ff",
    "unknown-tint": "#23224a",
    "none": "#b4bfc9",
    "none-tint": "#252f39",
}
"""Colours on a dark screen."""

TONES = ("open", "owed", "limit", "hold", "stop", "unknown", "none")


def _properties(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def _tones() -> str:
    return "".join(
        f".tone-{tone}{{color:var(--{tone});background:var(--{tone}-tint);"
        f"border-color:var(--{tone})}}svg .tone-{tone}{{fill:var(--{tone});background:none}}"
        f".edge-{tone}{{border-left-color:var(--{tone})}}\n"
        for tone in TONES
    )


_BASE = """
*{box-sizing:border-box}
html{font-size:100%;scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif}
.wrap{max-width:68rem;margin:0 auto;padding:0 1.25rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--focus);
outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:1rem;background:var(--page);padding:.5rem 1rem;z-index:1}
h1{font-size:1.9rem;line-height:1.2;margin:.25rem 0 .5rem;text-wrap:balance}
h2{font-size:1.4rem;line-height:1.25;margin:3rem 0 .75rem;padding-top:.75rem;
border-top:2px solid var(--ink)}
h3{font-size:1.15rem;line-height:1.3;margin:2rem 0 .5rem}
h4{font-size:1.02rem;line-height:1.35;margin:1.5rem 0 .4rem}
h5{font-size:.95rem;line-height:1.35;margin:1.1rem 0 .3rem}
p{margin:.4rem 0;max-width:46rem}
ul,ol{margin:.3rem 0;padding-left:1.3rem}
li{margin:.15rem 0}
small,.muted{color:var(--muted);font-size:.875rem}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.85em;
overflow-wrap:anywhere}
header.top{border-bottom:1px solid var(--rule);background:var(--surface);padding:1.75rem 0 1.25rem}
.kicker{text-transform:uppercase;letter-spacing:.08em;font-size:.78rem;color:var(--muted);margin:0}
.isnot{border-left:4px solid var(--link);padding:.1rem 0 .1rem .9rem;margin:1rem 0}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.8rem 0;
font-size:.92rem}
dl.facts dt{color:var(--muted)}
dl.facts dd{margin:0;min-width:0;overflow-wrap:anywhere}
nav.contents{margin:1rem 0 0;font-size:.92rem}
nav.contents ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.15rem 1.1rem}
.scroll{overflow-x:auto;margin:.6rem 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;font-weight:600;padding:.2rem 0 .4rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--rule)}
thead th{border-bottom:2px solid var(--rule);font-size:.84rem;color:var(--muted);font-weight:600}
tbody th{font-weight:600}
.wide{min-width:44rem}
.broad{width:32%}
.gates{table-layout:fixed;min-width:34rem}.gates thead th:first-child{width:17%}
tbody th[scope=row]{min-width:7rem}
.tight{width:6rem}
.word{display:inline-block;border:1px solid;border-radius:.3rem;padding:.02rem .45rem;
font-weight:650;font-size:.86rem;white-space:nowrap}
.word .sign{font-family:"DejaVu Sans","Segoe UI Symbol","Apple Symbols",system-ui,sans-serif;
font-weight:400}
.big{font-size:1.05rem;padding:.15rem .6rem}
.qualifier{font-size:.84rem;color:var(--muted);white-space:nowrap}
.gates .word,.gates .qualifier{white-space:normal}
.cite{font-size:.84rem;color:var(--muted)}
.cell-note{display:block;font-weight:400;font-size:.8rem;color:var(--muted);margin-top:.2rem;overflow-wrap:anywhere}
.card{border:1px solid var(--rule);border-left-width:5px;border-radius:.35rem;padding:.7rem 1rem;
margin:.7rem 0}
.card>:first-child,.card>details:first-child{margin-top:0}
.rungs{list-style:none;padding:0;margin:.5rem 0}
.rungs .card{margin-left:calc(var(--step,0)*1.1rem)}
.headline{display:flex;flex-wrap:wrap;gap:.3rem .7rem;align-items:baseline;margin:0}
details{margin:.4rem 0}
summary{cursor:pointer;padding:.1rem 0}
summary:hover{text-decoration:underline}
.fold>summary{font-weight:600;font-size:.93rem}
.why,.why ul{list-style:none;padding-left:1.1rem;border-left:1px solid var(--rule);margin:.2rem 0}
.why{padding-left:.2rem;border-left:0}
.why li{font-size:.92rem}
.why .leaf{display:block;padding-left:1.05rem}
figure{margin:.8rem 0 1.1rem}
figure svg{display:block;width:100%;max-width:33rem;height:auto}
figcaption{font-size:.86rem;color:var(--muted);max-width:46rem}
svg text{fill:var(--ink);font:14px system-ui,"Liberation Sans",Arial,sans-serif}
svg text.small{font-size:12px;fill:var(--muted)}
svg .label{font-weight:600}
svg .track{fill:var(--surface);stroke:var(--rule)}
svg .danger{fill:var(--danger)}
svg .hatch{stroke:var(--danger-ink);stroke-width:1}
svg .bar{fill:var(--bar)}
svg .point{fill:var(--page);stroke:var(--bar);stroke-width:2}
svg .line{stroke:var(--danger-ink);stroke-width:2.5}
svg .effective{stroke:var(--ink);stroke-width:2;stroke-dasharray:4 3}
svg .axis{stroke:var(--muted)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:0 2rem;
align-items:start}
.columns{columns:2 22rem;column-gap:2rem}
.sources{padding-left:2.9rem}
.set{border:1px solid var(--rule);border-radius:.35rem;padding:.4rem .9rem .5rem;margin:.5rem 0}
.apart{background:var(--surface)}
footer{margin:3rem 0 2rem;border-top:1px solid var(--rule);padding-top:1rem;font-size:.9rem;
color:var(--muted)}
"""

_NARROW = """
@media (max-width:40rem){
.scroll table{min-width:34rem}.scroll table.wide{min-width:44rem}
.broad{width:32%}
.gates{table-layout:fixed;min-width:34rem}.gates thead th:first-child{width:17%}
tbody th[scope=row]{min-width:7rem}
.tight{width:6rem}
body{font-size:.97rem}.wrap{padding:0 .9rem}h1{font-size:1.5rem}h2{font-size:1.25rem}
dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin-bottom:.4rem}
.card{padding:.6rem .75rem}.rungs .card{margin-left:0}
}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important;
scroll-behavior:auto!important}}
@media (forced-colors:active){.word,.card{border-color:CanvasText}svg .bar{fill:CanvasText}}
"""

_PRINT = """
@page{size:A4;margin:16mm 14mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);
font:8pt sans-serif}}
@media print{
html{font-size:9.5pt}
body{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.wrap{max-width:none;padding:0}
header.top{padding:0 0 .8rem;background:none}
nav.contents,.skip,.screen{display:none}
a{color:inherit;text-decoration:none}
.sources{columns:2;column-gap:3.4rem;font-size:8.5pt}
tbody tr:first-child{break-before:avoid}
.sources li{break-inside:avoid}.sources a{text-decoration:underline}
h1,h2,h3,h4,h5,caption,summary{break-after:avoid}
h2.policy{break-before:page}
tr,figure,li.leafy{break-inside:avoid}
thead{display:table-header-group}
.scroll{overflow:visible}.wide{min-width:0}
table{font-size:8.5pt}th,td{padding:.22rem .4rem}.gates{min-width:0}
.word{font-size:.8rem}.big{font-size:.95rem}h2{margin-top:1.6rem}
details::details-content{content-visibility:visible!important;display:block!important;
block-size:auto!important;height:auto!important;opacity:1!important}
details>summary{list-style:none}
details>summary::marker{content:""}
p,li{orphans:3;widows:3}
figure svg{max-width:110mm}.charts{grid-template-columns:1fr 1fr;gap:0 6mm}
}
"""


def style_sheet() -> str:
    """Return the whole style sheet."""
    light, dark = _properties(LIGHT), _properties(DARK)
    scheme = f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    steps = "".join(f".step-{step}{{--step:{step}}}" for step in range(1, 7)) + "\n"
    root = (
        f":root{{color-scheme:light dark;{light}}}\n@media print{{:root{{color-scheme:light}}}}\n"
    )
    return root + scheme + _BASE + steps + _tones() + _NARROW + _PRINT
