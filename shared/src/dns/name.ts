/** Domain names in wire form (RFC 1035 section 3.1) and as text (section 5.1), 255 octets at most. */

export const MAX_NAME = 255;
export const ROOT: Uint8Array = Uint8Array.of(0);

/**
 * Text of a name in wire form, without the dot at the end but for the root, which is ".". What is no plain ASCII is escaped
 * as `\DDD`, dots and backslashes inside labels with a backslash. `at`: where it begins; it is uncompressed.
 */
export function formatName(wire: Uint8Array, at = 0): string {
  let text = "";
  let from = at;
  for (let length = wire[from] ?? 0; length !== 0; length = wire[from] ?? 0) {
    if (text !== "") text += ".";
    const end = Math.min(from + 1 + length, wire.length);
    for (let i = from + 1; i < end; i++) text += escaped(wire[i] ?? 0);
    from = end;
  }
  return text === "" ? "." : text;
}

/** Wire form, in lower case, of a name written with or without the dot at the end; undefined if it is none. */
export function parseName(text: string): Uint8Array | undefined {
  if (text === ".") return ROOT.slice();
  const wire: number[] = [0];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (wire.length - 1 === start) return undefined;
      wire[start] = wire.length - 1 - start;
      start = wire.length;
      wire.push(0);
      continue;
    }
    if (code !== 92) {
      if (code < 33 || code > 126) return undefined;
      wire.push(lowerCase(code));
      continue;
    }
    const digits = /^\d{3}/.exec(text.slice(i + 1, i + 4))?.[0];
    const octet = digits === undefined ? text.charCodeAt(i + 1) : Number(digits);
    if (Number.isNaN(octet) || octet > 255) return undefined;
    wire.push(lowerCase(octet));
    i += digits === undefined ? 1 : 3;
  }
  wire[start] = wire.length - 1 - start;
  if (wire[start] !== 0) wire.push(0);
  for (let at = 0; ; ) {
    const length = wire[at] ?? 0;
    if (length === 0)
      return at === wire.length - 1 && at < MAX_NAME && at > 0 ? Uint8Array.from(wire) : undefined;
    if (length > 63) return undefined;
    at += 1 + length;
  }
}

/** Octets of the uncompressed name at `at` with its root; -1 if it is cut short, too long or has a pointer in it. */
export function nameLength(wire: Uint8Array, at: number): number {
  let end = at;
  for (;;) {
    const length = wire[end];
    if (length === undefined || length > 63) return -1;
    end += 1 + length;
    if (end > wire.length || end - at > MAX_NAME) return -1;
    if (length === 0) return end - at;
  }
}

/** True for `suffix` itself and every name below it. */
export function isBelow(name: Uint8Array, suffix: Uint8Array): boolean {
  const offset = name.length - suffix.length;
  if (offset < 0) return false;
  for (let i = 0; i < suffix.length; i++) if (name[offset + i] !== suffix[i]) return false;
  let at = 0;
  while (at < offset) at += 1 + (name[at] ?? 0);
  return at === offset;
}

export function lowerCase(octet: number): number {
  return octet >= 65 && octet <= 90 ? octet + 32 : octet;
}

function escaped(octet: number): string {
  if (octet === 46 || octet === 92) return `\\${String.fromCharCode(octet)}`;
  if (octet < 33 || octet > 126) return `\\${String(octet).padStart(3, "0")}`;
  return String.fromCharCode(octet);
}
