import { type ProbeMark, synData, synSequence } from "../trace/flow-identity.ts";

/** What tells a probe from all others: a token of its own, which number of its cell it is, and (of an echo) which cell. */
export function markOf(token: number, probe: number, cell: number): ProbeMark {
  return { number: probe + 1, token, note: cell + 1 };
}

/**
 * Whether a segment that acknowledges the octet `word` answers the SYN of this mark. A reset acknowledges its data as well
 * (RFC 9293 section 3.10.7.1), a SYN-ACK need not.
 * @param size octets of the probe.
 */
export function acknowledges(word: number, mark: ProbeMark, size: number): boolean {
  const beyond = (word - synSequence(mark) + 2 ** 32) % 2 ** 32;
  return beyond === 0 || beyond === synData(size);
}
