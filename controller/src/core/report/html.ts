import type { EventReport, ReportDns } from "./model.ts";
import { barPlot, escapeHtml, linePlot, timeText } from "./plots.ts";
import { type Section, sectionsOf, spanText, type Table, titleOf } from "./sections.ts";

/** One file that needs nothing else: styles and plots are in it, and there is no script. */
export function reportHtml(report: EventReport): string {
  const title = titleOf(report);
  const sections = sectionsOf(report);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(spanText(report))}</p></header>
<nav aria-label="Sections"><ul>${sections.map((section, i) => `<li><a href="#s${i}">${escapeHtml(section.title)}</a></li>`).join("")}</ul></nav>
<main>${sections.map((section, i) => sectionHtml(section, i, report.dns)).join("\n")}</main>
<footer><p>Made ${escapeHtml(timeText(report.madeMs))} from what was observed.</p></footer></body></html>
`;
}

function sectionHtml({ title, words, tables }: Section, i: number, dns: ReportDns | null): string {
  const plots = title === "DNS: what users asked" && dns !== null ? plotsOf(dns) : "";
  return `<section aria-labelledby="s${i}"><h2 id="s${i}">${escapeHtml(title)}</h2>${words.map((text) => `<p>${escapeHtml(text)}</p>`).join("")}${plots}${tables.map(tableHtml).join("")}</section>`;
}

function tableHtml({ head, rows }: Table): string {
  if (rows.length === 0) return "";
  const cells = (row: readonly string[]): string =>
    row
      .map((text, i) =>
        i === 0
          ? `<th scope="row">${escapeHtml(text)}</th>`
          : `<td${/^[\d\u202f.,]+( %)?$/.test(text) ? ' class="n"' : ""}>${escapeHtml(text)}</td>`,
      )
      .join("");
  return `<div class="scroll"><table><thead><tr>${head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("")}</tbody></table></div>`;
}

function plotsOf({ series, stepS, outcomes }: ReportDns): string {
  const bars = barPlot(
    "p-outcomes",
    "What became of questions for AAAA",
    Object.entries(outcomes).map(([name, value]) => ({ name, value })),
  );
  if (series.length < 2) return bars;
  const times = series.map(({ startMs }) => startMs);
  const unit = stepS === 60 ? "a minute" : stepS === 3600 ? "an hour" : "a day";
  const asked = linePlot(
    "p-types",
    "Questions of users by type",
    times,
    [
      { name: "AAAA", values: series.map(({ aaaa }) => aaaa), dash: "", style: "l1" },
      { name: "A", values: series.map(({ a }) => a), dash: "6 3", style: "l2" },
      { name: "HTTPS", values: series.map(({ https }) => https), dash: "2 3", style: "l3" },
    ],
    `questions ${unit}`,
  );
  const got = linePlot(
    "p-native",
    "AAAA answered with native and with translated addresses",
    times,
    [
      { name: "native", values: series.map(({ native }) => native), dash: "", style: "l1" },
      { name: "translated", values: series.map(({ translated }) => translated), dash: "6 3", style: "l2" },
    ],
    `answers ${unit}`,
  );
  return asked + got + bars;
}

const STYLE = `:root{color-scheme:light dark;--fg:#1b1b1f;--bg:#fff;--dim:#59595f;--grid:#d9d9de;--l1:#005a9c;--l2:#b3450b;--l3:#4a6b00}
@media(prefers-color-scheme:dark){:root{--fg:#ececf1;--bg:#17171b;--dim:#a9a9b2;--grid:#3a3a42;--l1:#6cb6ff;--l2:#ff9d5c;--l3:#b4d455}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:56rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-top:1px solid var(--grid);padding-top:1rem}header p,footer,figcaption{color:var(--dim)}
nav ul,.legend{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none}a{color:var(--l1)}figure{margin:1rem 0}svg{max-width:100%}
figure>svg{width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--fg)}.grid{stroke:var(--grid)}.l1,.l2,.l3{stroke-width:2}.l1{stroke:var(--l1)}.l2{stroke:var(--l2)}.l3{stroke:var(--l3)}.bar{fill:var(--l1)}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--grid);vertical-align:top;overflow-wrap:anywhere}tbody th{font-weight:400}td.n{text-align:right;font-variant-numeric:tabular-nums}`;
