import { createCipheriv, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { domainToASCII } from "node:url";
import type { CapturePrivacy } from "@vsix/shared/contract/part-capture.ts";
import { isBelow, parseName, ROOT } from "@vsix/shared/dns/name.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { PublicSuffixes } from "../core/capture/public-suffix.ts";

/** Debian package publicsuffix. */
export const SUFFIX_LIST = "/usr/share/publicsuffix/public_suffix_list.dat";
const CACHED = 65_536;

/** What is written instead of addresses and names. Absent: they are written as they are. */
export interface PrivacyMaps {
  readonly mapClient?: (address: Uint8Array) => Uint8Array;
  readonly mapName?: (name: Uint8Array) => Uint8Array;
}

/** Thrown where what is asked for cannot be done: nothing is captured then. */
export class PrivacyError extends VsixError<"capture-privacy"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("capture-privacy", message, options);
    this.name = "PrivacyError";
  }
}

/** @param suffixList where the public suffix list is. @throws PrivacyError */
export function privacyMaps(privacy: CapturePrivacy, suffixList = SUFFIX_LIST): PrivacyMaps {
  const mapClient = clientMap(privacy);
  const mapName = nameMap(privacy, suffixList);
  return {
    ...(mapClient === undefined ? {} : { mapClient: cached(mapClient) }),
    ...(mapName === undefined ? {} : { mapName: cached(mapName) }),
  };
}

type Map8 = (octets: Uint8Array) => Uint8Array;

function clientMap({ clients, key }: CapturePrivacy): Map8 | undefined {
  switch (clients) {
    case "whole":
      return undefined;
    case "truncated-64":
      return (address) => truncated(address, address.length === 4 ? 3 : 8);
    case "truncated-48":
      return (address) => truncated(address, address.length === 4 ? 2 : 6);
    case "pseudonym":
      return pseudonyms(keyOf(key));
  }
}

function truncated(address: Uint8Array, octets: number): Uint8Array {
  const shown = Uint8Array.from(address);
  return shown.fill(0, octets);
}

/**
 * Crypto-PAn (Xu et al., "Prefix-Preserving IP Address Anonymization", 2002), for 32 and for 128 bits: two addresses that have n
 * leading bits in common have n in common afterwards.
 */
export function pseudonyms(key: Uint8Array): Map8 {
  const ecb = (): ReturnType<typeof createCipheriv> =>
    createCipheriv("aes-128-ecb", key.subarray(0, 16), null).setAutoPadding(false);
  const pad = ecb().update(key.subarray(16, 32));
  const cipher = ecb();
  return (address) => {
    const bits = address.length * 8;
    const blocks = new Uint8Array(bits * 16);
    for (let bit = 0; bit < bits; bit++) {
      const block = blocks.subarray(bit * 16, bit * 16 + 16);
      block.set(pad);
      // The first `bit` bits are the address's, the rest the pad's.
      const whole = bit >> 3;
      block.set(address.subarray(0, whole));
      const mask = (0xff00 >> (bit & 7)) & 0xff;
      if (mask !== 0) block[whole] = ((address[whole] ?? 0) & mask) | ((pad[whole] ?? 0) & ~mask & 0xff);
    }
    const encrypted = cipher.update(blocks);
    const shown = Uint8Array.from(address);
    for (let bit = 0; bit < bits; bit++) {
      const flip = (encrypted[bit * 16] ?? 0) >> 7;
      shown[bit >> 3] = (shown[bit >> 3] ?? 0) ^ (flip << (7 - (bit & 7)));
    }
    return shown;
  };
}

function nameMap(privacy: CapturePrivacy, suffixList: string): Map8 | undefined {
  const reverse = privacy.clients === "whole" ? undefined : reverseMap(privacy);
  switch (privacy.names) {
    case "whole":
      return reverse;
    case "hashed":
      return hashed(keyOf(privacy.key));
    case "registrable": {
      const suffixes = readSuffixes(suffixList);
      return (name) => reverse?.(name) ?? suffixes.registrable(name);
    }
  }
}

const IP6_ARPA = parseName("ip6.arpa") ?? ROOT;
const IN_ADDR_ARPA = parseName("in-addr.arpa") ?? ROOT;

/** Names of reverse lookups are addresses, of clients too: they are cut to the same length, or hashed below ip6.arpa. */
function reverseMap({ clients, key }: CapturePrivacy): Map8 {
  const hash = clients === "pseudonym" ? hashed(keyOf(key)) : undefined;
  const bits = clients === "truncated-48" ? 48 : 64;
  return (name) => {
    const suffix = isBelow(name, IP6_ARPA)
      ? IP6_ARPA
      : isBelow(name, IN_ADDR_ARPA)
        ? IN_ADDR_ARPA
        : undefined;
    if (suffix === undefined || name.length === suffix.length) return name;
    if (hash !== undefined) return Uint8Array.from([...hash(name).subarray(0, -1), ...suffix]);
    const labels = suffix === IP6_ARPA ? bits / 4 : bits / 8 === 8 ? 3 : 2;
    const starts: number[] = [];
    for (let at = 0; at < name.length - suffix.length; at += 1 + (name[at] ?? 0)) starts.push(at);
    return name.slice(starts[Math.max(0, starts.length - labels)] ?? 0);
  };
}

/** One label of 33 letters: `h` and 128 bits. */
function hashed(key: Uint8Array): Map8 {
  return (name) => {
    const digest = createHmac("sha256", key).update(name).digest("hex").slice(0, 32);
    return parseName(`h${digest}`) ?? ROOT;
  };
}

function readSuffixes(file: string): PublicSuffixes {
  try {
    return new PublicSuffixes(readFileSync(file, "utf8"), domainToASCII);
  } catch (cause) {
    throw new PrivacyError(
      `names cannot be cut to the registrable domain without ${file}: apt-get install publicsuffix`,
      {
        cause,
      },
    );
  }
}

function keyOf(key: string | undefined): Uint8Array {
  if (key === undefined || !/^[0-9a-f]{64}$/.test(key))
    throw new PrivacyError("pseudonyms and hashes need a key");
  return Uint8Array.from(Buffer.from(key, "hex"));
}

/** The same question is asked of the same addresses and names again and again. */
function cached(map: Map8): Map8 {
  const known = new Map<string, Uint8Array>();
  return (octets) => {
    const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
    let mapped = known.get(text);
    if (mapped === undefined) {
      mapped = map(octets);
      if (known.size >= CACHED) known.clear();
      known.set(text, mapped);
    }
    return mapped;
  };
}
