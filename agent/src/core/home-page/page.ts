import type { HomeView } from "./facts.ts";
import { colourOf, judgeHome } from "./judge.ts";
import type { Language } from "./request.ts";
import { WORDS, type Words } from "./words.ts";

/** Seconds after which a browser asks again. */
const AGAIN_S = 30;

/** Text of a page, safe in elements and in attributes between double quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The page: no script, nothing of another place. `nowMs`: wall clock. */
export function homePage(view: HomeView, language: Language, nowMs: number): string {
  const words = WORDS[language];
  const [first, ...others] = judgeHome(view, nowMs);
  const [heading, advice] = words.findings[first];
  const other: Language = language === "en" ? "ja" : "en";
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${AGAIN_S}">
<title>${escaped(`${heading} – ${words.title}`)}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><p>${escaped(words.title)}</p><a href="/?lang=${other}" lang="${other}" hreflang="${other}">${escaped(words.other)}</a></header>
<main>
<section class="${colourOf(first)}" role="status">
<h1>${escaped(heading)}</h1>
<p>${escaped(advice)}</p>
</section>
${others.map((finding) => section(words, finding)).join("")}<h2>${escaped(words.details)}</h2>
<dl>
${rows(view, words, language)
  .map(
    ([name, values]) =>
      `<dt>${escaped(name)}</dt>${values.map((value) => `<dd>${escaped(value)}</dd>`).join("")}\n`,
  )
  .join("")}</dl>
</main>
<footer><p>${escaped(words.fresh)}</p></footer>
</body>
</html>
`;
}

function section(words: Words, finding: ReturnType<typeof judgeHome>[number]): string {
  const [heading, advice] = words.findings[finding];
  return `<section class="${colourOf(finding)}"><h2>${escaped(heading)}</h2><p>${escaped(advice)}</p></section>\n`;
}

function rows(
  view: HomeView,
  words: Words,
  language: Language,
): readonly (readonly [string, readonly string[]])[] {
  const health = view.health;
  const last: readonly [string, readonly string[]] = [
    words.health,
    health === undefined
      ? [words.neverLooked]
      : [`${words.healthStates[health.state]} (${when(health.startedMs, language)})`, ...health.verdicts],
  ];
  const { facts } = view;
  if (facts === undefined) return [last];
  const ends = new Set(facts.tunnels.flatMap(({ local }) => local ?? []));
  const orNone = (values: readonly string[]): readonly string[] =>
    values.length === 0 ? [words.none] : values;
  return [
    [words.uplink, ends.size === 0 ? [words.noUplink] : [...ends]],
    ...facts.tunnels.map(
      ({ id, remote, life, local }) =>
        [
          `${words.tunnel} ${id}`,
          [`${local === undefined ? words.noUplink : words.life[life]} (${remote})`],
        ] as const,
    ),
    [words.prefixes, orNone(facts.tunnels.flatMap(({ prefixes }) => prefixes))],
    [words.dns64, [facts.pref64 ?? words.none]],
    [words.resolvers, orNone(facts.resolvers)],
    [words.controller, [facts.controllerUp ? words.controllerUp : words.controllerAway]],
    last,
    ...(facts.errors.length === 0 ? [] : [[words.problems, facts.errors] as const]),
    [words.router, [facts.node]],
    [words.version, [facts.version]],
  ];
}

/** UTC: a router knows no other time for certain. */
function when(ms: number, language: Language): string {
  const text = new Date(Math.min(Math.max(ms, 0), 8e15)).toISOString();
  const [, day = "", clock = ""] = /^(\S+)T(\d\d:\d\d)/.exec(text) ?? [];
  return language === "ja" ? `${day} ${clock} 協定世界時` : `${day} ${clock} UTC`;
}

export const PAGE_STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 42rem; padding: 1rem; overflow-wrap: anywhere }
header { display: flex; justify-content: space-between; align-items: baseline }
section { border-left: .5rem solid; padding: .25rem 1rem; margin: 1rem 0 }
section h1, section h2 { font-size: 1.4rem; margin: .25rem 0 }
.green { border-color: #1a7f37 } .yellow { border-color: #bf8700 } .red { border-color: #cf222e }
.green h1::before { content: "✔ " } .yellow h1::before { content: "! " } .red h1::before { content: "✖ " }
dt { font-weight: 600; margin-top: .75rem } dd { margin: 0 }
`;
