/**
 * Times in sixteen bits: unsigned, 5 bits of exponent and 11 of fraction, as IEEE 754 has them in its longer formats. From half a
 * microsecond to two million milliseconds, no further off than one part in 4096; greater times have greater codes. 0 is no time.
 */

/** Bits of a binary32 number that are left out. */
const DROPPED = 12;
/** Code of 2^-11 ms in those that are left. */
const FIRST = (127 - 11) << (23 - DROPPED);
const LAST = 0xffff;

export const NO_TIME = 0;

const value = new Float32Array(1);
const bits = new Int32Array(value.buffer);

/** @param ms at least 0; NaN is no time */
export function codeOf(ms: number): number {
  if (Number.isNaN(ms)) return NO_TIME;
  value[0] = ms;
  const code = (((bits[0] ?? 0) + (1 << (DROPPED - 1))) >> DROPPED) - FIRST;
  return Math.min(LAST, Math.max(1, code));
}

/** Milliseconds; NaN for no time. */
export function msOf(code: number): number {
  if (code === NO_TIME) return Number.NaN;
  bits[0] = (code + FIRST) << DROPPED;
  return value[0] ?? 0;
}
