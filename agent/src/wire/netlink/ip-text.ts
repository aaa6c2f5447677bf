/** IPv6 text and bytes, without an allocation in between: 50,000 prefixes pass here on one change of the table. */

const SLASH = 0x2f;
const ZERO = 0x30;
const COLON = 0x3a;
const DOT = 0x2e;

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Dotted quad `text[start, end)` into four bytes. */
function parseQuad(text: string, start: number, end: number, out: Uint8Array, at: number): boolean {
  let part = 0;
  let value = -1;
  for (let i = start; i <= end; i++) {
    const code = i < end ? text.charCodeAt(i) : DOT;
    if (code === DOT) {
      if (value < 0 || part === 4) return false;
      out[at + part++] = value;
      value = -1;
    } else {
      const digit = code - 0x30;
      if (digit < 0 || digit > 9 || value === 0) return false;
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    }
  }
  return part === 4;
}

/** Writes the address `text[start, end)` (RFC 4291 section 2.2) into 16 bytes of `out`; false when it is none. */
export function parseIp6(text: string, start: number, end: number, out: Uint8Array, at: number): boolean {
  let position = 0;
  let gap = -1;
  let i = start;
  if (end - start < 2 || end - start > 45) return false;
  if (text.charCodeAt(i) === COLON) {
    if (text.charCodeAt(i + 1) !== COLON) return false;
    gap = 0;
    i += 2;
  }
  while (i < end) {
    const groupStart = i;
    let value = 0;
    for (; i < end; i++) {
      const digit = hexDigit(text.charCodeAt(i));
      if (digit < 0) break;
      value = (value << 4) | digit;
    }
    if (i < end && text.charCodeAt(i) === DOT) {
      if (position > 12 || !parseQuad(text, groupStart, end, out, at + position)) return false;
      position += 4;
      i = end;
      break;
    }
    if (i === groupStart || i - groupStart > 4 || position > 14) return false;
    out[at + position] = value >> 8;
    out[at + position + 1] = value & 0xff;
    position += 2;
    if (i === end) break;
    if (text.charCodeAt(i) !== COLON) return false;
    i++;
    if (i < end && text.charCodeAt(i) === COLON) {
      if (gap >= 0) return false;
      gap = position;
      i++;
    } else if (i === end) return false;
  }
  if (gap < 0) return position === 16;
  if (position === 16) return false;
  // A few octets: a call of copyWithin() and fill() takes longer than all of the above.
  const moved = 16 - position;
  for (let octet = position - 1; octet >= gap; octet--) out[at + octet + moved] = out[at + octet] ?? 0;
  for (let octet = gap; octet < gap + moved; octet++) out[at + octet] = 0;
  return true;
}

/** Where the slash before one to three digits stands, or -1. Not lastIndexOf(): that leaves compiled code, 50,000 times. */
export function slashOf(text: string): number {
  const { length } = text;
  for (let digits = 1; digits <= 3; digits++)
    if (text.charCodeAt(length - digits - 1) === SLASH) return length - digits - 1;
  return -1;
}

/** Writes the address of a prefix `ADDRESS/LENGTH` into 16 bytes of `out`; returns the length, or -1 when it is none. */
export function parsePrefix6(text: string, out: Uint8Array, at: number): number {
  const slash = slashOf(text);
  if (slash < 2) return -1;
  let length = 0;
  for (let i = slash + 1; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9 || (i > slash + 1 && length === 0)) return -1;
    length = length * 10 + digit;
  }
  return length <= 128 && slash + 1 < text.length && parseIp6(text, 0, slash, out, at) ? length : -1;
}

/** Clears the bits of a 16-byte address past `length`. */
export function maskIp6(bytes: Uint8Array, at: number, length: number): void {
  const whole = length >> 3;
  if (whole === 16) return;
  bytes[at + whole] = (bytes[at + whole] ?? 0) & (0xff00 >> (length & 7));
  bytes.fill(0, at + whole + 1, at + 16);
}

/** Characters of the text under way. A text put together by `+` is a tree that whoever reads it first must flatten. */
const codes: number[] = [];
const DIGITS = [...Array(16).keys()].map((digit) => digit.toString(16).charCodeAt(0));

/** RFC 5952 text of 16 bytes (always hexadecimal groups). */
export function formatIp6(bytes: Uint8Array, at: number): string {
  return textOf(putIp6(bytes, at));
}

/** The same, with a prefix length of at most three digits behind it. */
export function formatPrefix6(bytes: Uint8Array, at: number, length: number): string {
  let count = putIp6(bytes, at);
  codes[count++] = SLASH;
  if (length > 99) codes[count++] = ZERO + Math.floor(length / 100);
  if (length > 9) codes[count++] = ZERO + (Math.floor(length / 10) % 10);
  codes[count++] = ZERO + (length % 10);
  return textOf(count);
}

function textOf(count: number): string {
  codes.length = count;
  return String.fromCharCode.apply(undefined, codes);
}

/** Writes the text of 16 bytes into `codes`; how many characters. */
function putIp6(bytes: Uint8Array, at: number): number {
  let bestStart = -1;
  let bestLength = 1; // a single zero group is written out (RFC 5952 section 4.2.2)
  let runStart = -1;
  for (let group = 0; group < 8; group++) {
    if (bytes[at + 2 * group] === 0 && bytes[at + 2 * group + 1] === 0) {
      if (runStart < 0) runStart = group;
      if (group - runStart + 1 > bestLength) {
        bestStart = runStart;
        bestLength = group - runStart + 1;
      }
    } else runStart = -1;
  }
  let count = 0;
  for (let group = 0; group < 8; group++) {
    if (group === bestStart) {
      codes[count++] = COLON;
      codes[count++] = COLON;
      group += bestLength - 1;
      continue;
    }
    if (group > 0 && (bestStart < 0 || group !== bestStart + bestLength)) codes[count++] = COLON;
    const value = ((bytes[at + 2 * group] ?? 0) << 8) | (bytes[at + 2 * group + 1] ?? 0);
    if (value > 0xfff) codes[count++] = DIGITS[value >> 12] ?? 0;
    if (value > 0xff) codes[count++] = DIGITS[(value >> 8) & 0xf] ?? 0;
    if (value > 0xf) codes[count++] = DIGITS[(value >> 4) & 0xf] ?? 0;
    codes[count++] = DIGITS[value & 0xf] ?? 0;
  }
  return count;
}

/** Text of an address of 4 or 16 bytes; undefined for any other length. */
export function formatAddress(bytes: Uint8Array): string | undefined {
  if (bytes.length === 16) return formatIp6(bytes, 0);
  return bytes.length === 4 ? bytes.join(".") : undefined;
}

const scratch = new Uint8Array(16);

/** The canonical text of an IPv6 address; undefined when it is none. */
export function canonicalIp6(text: string): string | undefined {
  return parseIp6(text, 0, text.length, scratch, 0) ? formatIp6(scratch, 0) : undefined;
}

/** The canonical text of an IPv6 prefix, host bits cleared; undefined when it is none. The same string if it was so. */
export function canonicalPrefix6(text: string): string | undefined {
  if (isPlainPrefix(text)) return text;
  const length = parsePrefix6(text, scratch, 0);
  if (length < 0) return undefined;
  maskIp6(scratch, 0, length);
  return formatPrefix6(scratch, 0, length);
}

/**
 * Whether a text is surely a canonical prefix, in one look at each character: one to four groups in lower case without
 * leading zeros, none of them 0, then `::`, and no host bits. So are nearly all prefixes of the Internet; of the others
 * this says no, canonical or not.
 */
function isPlainPrefix(text: string): boolean {
  let groups = 0;
  let digits = 0;
  let value = 0;
  let last = 0;
  let i = 0;
  for (; ; i++) {
    const code = text.charCodeAt(i);
    if (code === COLON) {
      if (digits === 0) break; // the second of "::"
      if (++groups > 4) return false;
      last = value;
      value = 0;
      digits = 0;
    } else {
      const digit =
        code >= ZERO && code <= 0x39 ? code - ZERO : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
      if (digit < 0 || (digit === 0 && digits === 0) || ++digits > 4) return false;
      value = (value << 4) | digit;
    }
  }
  if (groups === 0 || text.charCodeAt(i + 1) !== SLASH) return false;
  let length = 0;
  for (let at = i + 2; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9 || (digit === 0 && at === i + 2)) return false;
    length = length * 10 + digit;
    if (length > 128) return false;
  }
  return length >= 16 * groups || (length > 16 * (groups - 1) && (last & (0xffff >> (length & 15))) === 0);
}

/** fe80::/10 */
export function isLinkLocal(text: string): boolean {
  return (
    parseIp6(text, 0, text.length, scratch, 0) && scratch[0] === 0xfe && ((scratch[1] ?? 0) & 0xc0) === 0x80
  );
}
