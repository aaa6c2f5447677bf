/** Plots as inline SVG: no script, a title and a description for who cannot see them, and never by colour alone. */

export interface Line {
  readonly name: string;
  readonly values: readonly number[];
  /** SVG dash pattern; empty: solid. */
  readonly dash: string;
  /** Class of the style sheet. */
  readonly style: string;
}

const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 64;
const BOTTOM = 28;
const TOP = 12;
const RIGHT = 12;

/** Lines over time, from the first value's time to the last's. `id` is unique in the page. */
export function linePlot(
  id: string,
  title: string,
  timesMs: readonly number[],
  lines: readonly Line[],
  unit: string,
): string {
  const most = Math.max(1, ...lines.flatMap(({ values }) => values));
  const ceiling = roundUp(most);
  const [first = 0, last = 1] = [timesMs[0], timesMs.at(-1)];
  const span = Math.max(1, last - first);
  const x = (ms: number): number => LEFT + ((ms - first) / span) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => TOP + (1 - value / ceiling) * (HEIGHT - TOP - BOTTOM);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(part * ceiling).toFixed(1);
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end">${number(part * ceiling)}</text>`;
  });
  const ticks = [0, 0.5, 1].map((part) => {
    const anchor = part === 0 ? "start" : part === 1 ? "end" : "middle";
    const ms = first + part * span;
    return `<text x="${x(ms).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${timeText(ms)}</text>`;
  });
  const drawn = lines.map(({ values, dash, style }) => {
    const points = values.map((value, i) => `${x(timesMs[i] ?? first).toFixed(1)},${y(value).toFixed(1)}`);
    const dashed = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
    return `<polyline class="${style}" fill="none"${dashed} points="${points.join(" ")}"/>`;
  });
  const legend = lines.map(
    ({ name, dash, style }) =>
      `<li><svg width="36" height="10" aria-hidden="true"><line class="${style}" x1="0" x2="36" y1="5" y2="5"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/></svg> ${escapeHtml(name)}</li>`,
  );
  const told = lines
    .map(
      ({ name, values }) =>
        `${name}: ${number(sum(values))} in all, at most ${number(Math.max(0, ...values))}`,
    )
    .join("; ");
  return `<figure><svg role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${WIDTH} ${HEIGHT}"><title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(`${told}; ${unit}`)}</desc>${grid.join("")}${ticks.join("")}${drawn.join("")}</svg><ul class="legend">${legend.join("")}</ul><figcaption>${escapeHtml(`${title} (${unit})`)}</figcaption></figure>`;
}

export interface Bar {
  readonly name: string;
  readonly value: number;
}

/** Bars side by side, each with its number and its share. */
export function barPlot(id: string, title: string, bars: readonly Bar[]): string {
  const all = bars.reduce((total, { value }) => total + value, 0);
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const height = bars.length * 26 + 4;
  const rows = bars.map(({ name, value }, i) => {
    const wide = ((value / most) * 380).toFixed(1);
    const y = i * 26 + 4;
    return `<text x="108" y="${y + 14}" text-anchor="end">${escapeHtml(name)}</text><rect class="bar" x="116" y="${y}" width="${wide}" height="18"/><text x="${(120 + Number(wide)).toFixed(1)}" y="${y + 14}">${number(value)} (${percent(all === 0 ? null : value / all)})</text>`;
  });
  const told = bars.map(({ name, value }) => `${name} ${number(value)}`).join(", ");
  return `<figure><svg role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${WIDTH} ${height}"><title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(told)}</desc>${rows.join("")}</svg><figcaption>${escapeHtml(title)}</figcaption></figure>`;
}

/** For text and for attributes in double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** With thin spaces between thousands. */
export function number(value: number): string {
  const rounded = Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 100) / 100;
  return String(rounded).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

export function percent(share: number | null): string {
  if (share === null) return "not known";
  const of100 = share * 100;
  return `${of100 === 0 ? "0" : of100 < 0.1 ? of100.toPrecision(2) : of100.toFixed(1)} %`;
}

/** UTC, to the minute. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
