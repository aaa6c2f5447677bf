import { TYPE } from "@vsix/shared/dns/model.ts";
import type { AnswerFacts } from "@vsix/shared/dns/reply-columns.ts";
import { readName, skipName } from "./name.ts";

/**
 * Records of one type whose rdata has names that may be compressed (RFC 3597 section 4): octets before the first name, how many
 * names, octets behind.
 */
const NAMES: ReadonlyMap<number, readonly [before: number, names: number, after: number]> = new Map([
  [TYPE.NS, [0, 1, 0]],
  [3, [0, 1, 0]],
  [4, [0, 1, 0]],
  [TYPE.CNAME, [0, 1, 0]],
  [TYPE.SOA, [0, 2, 20]],
  [7, [0, 1, 0]],
  [8, [0, 1, 0]],
  [9, [0, 1, 0]],
  [TYPE.PTR, [0, 1, 0]],
  [14, [0, 2, 0]],
  [TYPE.MX, [2, 1, 0]],
  [17, [0, 2, 0]],
  [18, [2, 1, 0]],
  [21, [2, 1, 0]],
  [26, [2, 2, 0]],
  [TYPE.SRV, [6, 1, 0]],
  [36, [2, 1, 0]],
  [TYPE.DNAME, [0, 1, 0]],
]);

const SCRATCH = new Uint8Array(1024);

/**
 * Up to `count` answers from `at` on, uncompressed, of a message that begins at `from` and whose records are known to end before
 * `end`. Ends at the first name that cannot be read: what is missing is missing from there on.
 */
export function readAnswers(
  bytes: Uint8Array,
  from: number,
  at: number,
  end: number,
  count: number,
): AnswerFacts[] {
  const answers: AnswerFacts[] = [];
  let here = at;
  for (let i = 0; i < count; i++) {
    const behind = skipName(bytes, here, end);
    if (behind < 0 || behind + 10 > end) break;
    const octets = readName(bytes, from, here, end, SCRATCH, 0);
    if (octets < 0) break;
    const owner = SCRATCH.slice(0, octets);
    const type = word(bytes, behind);
    const start = behind + 10;
    here = start + word(bytes, behind + 8);
    if (here > end) break;
    const rdata = readRdata(bytes, from, type, start, here);
    if (rdata === undefined) break;
    answers.push({ owner, type, rdata });
  }
  return answers;
}

function readRdata(
  bytes: Uint8Array,
  from: number,
  type: number,
  start: number,
  end: number,
): Uint8Array | undefined {
  const shape = NAMES.get(type);
  if (shape === undefined) return bytes.slice(start, end);
  const [before, names, after] = shape;
  let here = start + before;
  if (here > end) return undefined;
  let out = before;
  for (let i = 0; i < before; i++) SCRATCH[i] = bytes[start + i] as number;
  for (let i = 0; i < names; i++) {
    const octets = readName(bytes, from, here, end, SCRATCH, out);
    const behind = skipName(bytes, here, end);
    if (octets < 0 || behind < 0) return undefined;
    out += octets;
    here = behind;
  }
  if (here + after !== end) return undefined;
  for (let i = 0; i < after; i++) SCRATCH[out++] = bytes[here + i] as number;
  return SCRATCH.slice(0, out);
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
