import { parseName } from "@vsix/shared/dns/name.ts";

/** The public suffix list (publicsuffix.org): under which names anybody can register one. Its own algorithm. */
export class PublicSuffixes {
  /** Names in wire form, as Latin-1 text; `*.` rules under what is behind the asterisk. */
  readonly #rules = new Set<string>();
  readonly #wildcards = new Set<string>();
  readonly #exceptions = new Set<string>();

  /** @param toAscii a name with letters of all the world in the form that DNS has (RFC 5891); empty where there is none. */
  constructor(list: string, toAscii: (name: string) => string) {
    for (const line of list.split("\n")) {
      const rule = line.trim();
      if (rule === "" || rule.startsWith("//")) continue;
      if (rule.startsWith("!")) this.#add(this.#exceptions, rule.slice(1), toAscii);
      else if (rule.startsWith("*.")) this.#add(this.#wildcards, rule.slice(2), toAscii);
      else this.#add(this.#rules, rule, toAscii);
    }
  }

  get size(): number {
    return this.#rules.size + this.#wildcards.size + this.#exceptions.size;
  }

  /**
   * The registrable part of a name: its public suffix and one label more; the name itself where it has no more than a suffix.
   * Wire form in, wire form out.
   */
  registrable(name: Uint8Array): Uint8Array {
    const text = latin1(name);
    const starts: number[] = [];
    for (let at = 0; (name[at] ?? 0) !== 0 && at < name.length; at += 1 + (name[at] ?? 0)) starts.push(at);
    // Without a rule the last label is the suffix ("*" is the default rule).
    let suffix = starts.length - 1;
    for (let i = 0; i < starts.length; i++) {
      const rest = text.slice(starts[i]);
      if (this.#exceptions.has(rest)) {
        suffix = i + 1;
        break;
      }
      const above = starts[i + 1];
      if (this.#rules.has(rest) || (above !== undefined && this.#wildcards.has(text.slice(above)))) {
        suffix = i;
        break;
      }
    }
    const from = starts[Math.max(0, suffix - 1)];
    return from === undefined ? name : name.slice(from);
  }

  #add(to: Set<string>, rule: string, toAscii: (name: string) => string): void {
    const wire = parseName(toAscii(rule));
    if (wire !== undefined && wire.length > 1) to.add(latin1(wire));
  }
}

function latin1(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}
