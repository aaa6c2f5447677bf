import { typeName } from "./pair-view.ts";
import type { PairView } from "./questions.ts";

const FIELDS: readonly (readonly [name: string, of: (pair: PairView) => string | number | null])[] = [
  ["time", ({ timeMs }) => new Date(timeMs).toISOString().replace("Z", `${micros(timeMs)}Z`)],
  ["node", ({ node }) => node],
  ["point", ({ point }) => point],
  ["class", (pair) => pair.class],
  ["seen", ({ half }) => half],
  ["transport", ({ transport }) => transport],
  ["client", ({ client }) => client],
  ["client_port", ({ clientPort }) => clientPort],
  ["server", ({ server }) => server],
  ["name", ({ name }) => name],
  ["type", ({ type }) => typeName(type)],
  ["rcode", ({ rcode }) => rcode],
  ["aaaa_outcome", ({ outcome }) => outcome],
  ["latency_us", ({ latencyUs }) => latencyUs],
  ["query_octets", ({ querySize }) => querySize],
  ["response_octets", ({ responseSize }) => responseSize],
  ["retries", ({ retries }) => retries],
  ["answers", ({ answers }) => answers.join(" ; ")],
];

/** First line of the file (RFC 4180). */
export const CSV_HEAD = `${FIELDS.map(([name]) => name).join(",")}\r\n`;

export function csvOf(pairs: readonly PairView[]): string {
  return pairs.map((pair) => `${FIELDS.map(([, of]) => field(of(pair))).join(",")}\r\n`).join("");
}

/** Quoted where RFC 4180 section 2 asks for it. */
function field(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The three digits behind the milliseconds. */
function micros(timeMs: number): string {
  return String(Math.floor((timeMs * 1000) % 1000)).padStart(3, "0");
}
