import { HALF } from "@vsix/shared/dns/row.ts";

/** One packet seen at two places: so far may their clocks, and the way between them, be apart, microseconds. */
const SAME_US = 2_000_000;
/** From a query to its response, microseconds. */
const ANSWER_US = 15_000_000;
/** So much earlier than the query may a response be stamped by another node's clock, microseconds. */
const SKEW_US = 1_000_000;
/** What one exchange is compared with: a hostile client may use one port and id for ever. */
const MAX_LOOKS = 64;
/** How far beside a span of time whatever belongs to it may lie, microseconds. */
export const JOIN_MARGIN_US = 30_000_000;

/** Rows of all capture points; the same index in each list is the same row. */
export interface JoinRows {
  readonly count: number;
  /** Microseconds; any zero. */
  readonly timesUs: Float64Array;
  /** Of client, server, ports, id, name and type: rows of one exchange have the same. */
  readonly keys: Float64Array;
  readonly points: Uint16Array;
  /** HALF. */
  readonly halves: Uint8Array;
  /** Of halves: of the message. */
  readonly hashes: Uint32Array;
}

export interface Joined {
  /** 1: not to be counted, it was seen elsewhere too; 2: not to be counted, its response is. */
  readonly dropped: Uint8Array;
  readonly duplicates: number;
  readonly joined: number;
}

/**
 * Which rows count, so that each exchange counts once. A query whose response was seen elsewhere counts as that response
 * does; what was seen at two points counts at the first. Rows of one point are never taken for another: there the capture
 * has paired already.
 */
export function joinRows(rows: JoinRows): Joined {
  const { count, timesUs, points } = rows;
  const dropped = new Uint8Array(count);
  const result = { dropped, duplicates: 0, joined: 0 };
  for (const group of groupsOf(rows)) {
    const first = points[group[0] as number];
    if (group.every((row) => points[row] === first)) continue;
    group.sort((a, b) => (timesUs[a] as number) - (timesUs[b] as number) || a - b);
    judge(rows, group, result);
  }
  return result;
}

interface Seen {
  readonly row: number;
  /** Where it was seen. */
  readonly points: Set<number>;
}

function judge(
  { timesUs, points, halves, hashes }: JoinRows,
  group: readonly number[],
  result: { dropped: Uint8Array; duplicates: number; joined: number },
): void {
  const wholes: Seen[] = [];
  const queries: Seen[] = [];
  const responses: Seen[] = [];
  const timeOf = (row: number): number => timesUs[row] as number;
  /** One of these that is the same as `row`, seen at another point. */
  const alike = (
    row: number,
    among: readonly Seen[],
    withinUs: number,
    byHash: boolean,
  ): Seen | undefined => {
    const point = points[row] as number;
    for (let i = among.length - 1, looks = 0; i >= 0 && looks < MAX_LOOKS; i--, looks++) {
      const seen = among[i] as Seen;
      if (Math.abs(timeOf(row) - timeOf(seen.row)) > withinUs || seen.points.has(point)) continue;
      if (!byHash || hashes[seen.row] === hashes[row]) return seen;
    }
    return undefined;
  };
  const take = (row: number, own: Seen[], found: Seen | undefined): void => {
    if (found === undefined) own.push({ row, points: new Set([points[row] as number]) });
    else {
      found.points.add(points[row] as number);
      result.dropped[row] = 1;
      result.duplicates++;
    }
  };
  for (const row of group)
    if (halves[row] === HALF.whole) take(row, wholes, alike(row, wholes, SAME_US, false));
  for (const row of group) {
    if (halves[row] === HALF.query)
      take(row, queries, alike(row, wholes, SAME_US, false) ?? alike(row, queries, SAME_US, true));
    else if (halves[row] === HALF.response)
      take(row, responses, alike(row, wholes, ANSWER_US, false) ?? alike(row, responses, SAME_US, true));
  }
  let next = 0;
  for (const { row: query } of queries) {
    while (next < responses.length && timeOf((responses[next] as Seen).row) < timeOf(query) - SKEW_US) next++;
    const response = responses[next];
    if (response === undefined) return;
    if (timeOf(response.row) - timeOf(query) > ANSWER_US) continue;
    if (points[response.row] === points[query]) continue;
    next++;
    result.dropped[query] = 2;
    result.joined++;
  }
}

/** Rows of the same key, where there are several. */
function* groupsOf({ count, keys }: JoinRows): Generator<number[]> {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(16, count * 2)))).fill(-1);
  const mask = slots.length - 1;
  const before = new Int32Array(count).fill(-1);
  const heads = new Int32Array(count);
  let groups = 0;
  for (let row = 0; row < count; row++) {
    const key = keys[row] as number;
    let slot = (Math.floor(key / 2_097_152) ^ (key % 4_294_967_296)) & mask;
    for (; slots[slot] !== -1; slot = (slot + 1) & mask) {
      const head = heads[slots[slot] as number] as number;
      if (keys[head] === key) break;
    }
    const group = slots[slot] as number;
    if (group === -1) {
      slots[slot] = groups;
      heads[groups++] = row;
    } else {
      before[row] = heads[group] as number;
      heads[group] = row;
    }
  }
  for (let group = 0; group < groups; group++) {
    const head = heads[group] as number;
    if (before[head] === -1) continue;
    const rows: number[] = [];
    for (let row = head; row !== -1; row = before[row] as number) rows.push(row);
    yield rows;
  }
}
