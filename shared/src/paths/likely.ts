import { stripped } from "./words.ts";

/** Somebody changed something: a record of the audit log, or of any other list of changes. */
export interface RecordedChange {
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly who: string;
  readonly what: string;
  /** What it was about: any JSON. Names of nodes and planes are looked for in its keys and texts. */
  readonly detail: unknown;
  /** Number in the log. */
  readonly id?: number;
  /** It may concern every node, whatever `detail` names: a new fabric revision. */
  readonly everything?: boolean;
}

export interface LikelyCause {
  readonly at: number;
  readonly who: string;
  readonly what: string;
  readonly id?: number;
  /** Names that the change and the path have in common; empty: only the time speaks for it. */
  readonly concerns: readonly string[];
  /** For people; never claims more than that it is likely. */
  readonly words: string;
}

/** When a path changed: after the last trace that was as before began, before the first that was not had ended. */
export interface Onset {
  readonly from: number;
  readonly to: number;
}

/** A change that concerns the path is looked for so long before: BGP and operators take their time. */
const LOOK_BACK_MS = 5 * 60_000;
/** One that does not is named only when it is this near. */
const NEAR_MS = 60_000;
const MAX_VALUES = 2000;

/**
 * The change that most likely caused it: the last one before the path was seen changed that names a node, Edge or plane
 * of the path or concerns everything; failing that, the last one shortly before. Undefined: nobody changed anything.
 */
export function likelyCause(
  changes: readonly RecordedChange[],
  onset: Onset,
  concerned: ReadonlySet<string>,
): LikelyCause | undefined {
  const before = changes
    .filter(({ at }) => at <= onset.to && at >= onset.from - LOOK_BACK_MS)
    .sort((a, b) => b.at - a.at || (b.id ?? 0) - (a.id ?? 0));
  for (const change of before) {
    const concerns = namesIn(change.detail, concerned);
    if (concerns.length > 0 || change.everything === true) return cause(change, onset, concerns);
  }
  const [near] = before.filter(({ at }) => at >= onset.from - NEAR_MS);
  return near === undefined ? undefined : cause(near, onset, []);
}

function cause(change: RecordedChange, onset: Onset, concerns: readonly string[]): LikelyCause {
  const { at, id } = change;
  const who = stripped(change.who, 100);
  const what = stripped(change.what, 100);
  const record = id === undefined ? "" : `, record ${id}`;
  const when = `${Math.round((onset.to - at) / 1000)} s before the change was seen`;
  const known = concerns.length > 0 || change.everything === true;
  const about =
    concerns.length > 0 ? `it names ${concerns.slice(0, 5).join(", ")}` : "it may concern every node";
  const words = known
    ? `likely caused by: ${what} by ${who}, ${when}${record}; ${about}`
    : `no change names this path; the last one was ${what} by ${who}, ${when}${record}`;
  return { at, who, what, ...(id === undefined ? {} : { id }), concerns, words };
}

/** Which of the names occur as a key or a whole text in a JSON value. Bounded, whatever the value is. */
function namesIn(detail: unknown, names: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>();
  const waiting: unknown[] = [detail];
  let seen = 0;
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    seen += 1;
    if (seen > MAX_VALUES) break;
    if (typeof value === "string" && names.has(value)) found.add(value);
    if (typeof value !== "object" || value === null) continue;
    for (const [key, inner] of Object.entries(value).slice(0, MAX_VALUES)) {
      if (names.has(key)) found.add(key);
      if (inner !== undefined) waiting.push(inner);
    }
  }
  return [...found].sort();
}
