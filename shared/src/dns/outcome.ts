import { translatedBy } from "../net/pref64.ts";
import type { Prefix } from "../net/prefix.ts";
import { type AaaaOutcome, type DnsRecord, FLAG, RCODE, TYPE } from "./model.ts";

/**
 * What became of a question from its response: `answers` as they stood in the answer section, whatever CNAMEs come first.
 * A mixture of native and translated addresses is native: DNS64 adds nothing where a native one exists (RFC 6147 section 5.1.1).
 */
export function outcomeOf(
  type: number,
  rcode: number,
  flags: number,
  answers: readonly Pick<DnsRecord, "type" | "rdata">[],
  pref64: readonly Prefix[],
): AaaaOutcome {
  let [native, translated] = [false, false];
  for (const { type: of, rdata } of answers) {
    if (of !== TYPE.AAAA || rdata.length !== 16) continue;
    if (translatedBy(pref64, rdata) === undefined) native = true;
    else translated = true;
  }
  return outcomeBy(type, rcode, flags, native, translated);
}

/** The same, where it is known whether there were AAAA records of either kind. */
export function outcomeBy(
  type: number,
  rcode: number,
  flags: number,
  native: boolean,
  translated: boolean,
): AaaaOutcome {
  if (type !== TYPE.AAAA) return "none";
  if (rcode === RCODE.NXDOMAIN) return "nxdomain";
  if (rcode === RCODE.SERVFAIL) return "servfail";
  if (rcode !== RCODE.NOERROR) return "other";
  if (native) return "native";
  if (translated) return "translated";
  return (flags & FLAG.TC) !== 0 ? "other" : "nodata";
}

/** The name at the end of the chain of CNAMEs that begins at `name`, and how many there were. Loops end. */
export function finalName(
  name: Uint8Array,
  answers: readonly DnsRecord[],
): { readonly name: Uint8Array; readonly aliases: number } {
  let at = name;
  for (let aliases = 0; ; aliases++) {
    const next = answers.find(({ type, owner }) => type === TYPE.CNAME && equal(owner, at));
    if (next === undefined || aliases >= answers.length) return { name: at, aliases };
    at = next.rdata;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
