import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { readU16, writeU16 } from "./checksum.ts";
import { formatAddress } from "./netlink/ip-text.ts";

/** What a stub resolver needs of DNS (RFC 1035): one question, and what the answer says to it. */

export const DNS_TYPE = { A: 1, CNAME: 5, AAAA: 28 } as const;
export type DnsType = keyof typeof DNS_TYPE;

export const RCODE = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"] as const;

const CLASS_IN = 1;
const TYPE_OPT = 41;
const HEADER = 12;
const QR = 0x8000;
const TC = 0x0200;
const RD = 0x0100;
const AD = 0x0020;
/** RFC 6891 section 6.1.3: "DNSSEC OK", in what would be the TTL. */
const DO = 0x8000;
/** Octets of an answer over UDP: as DNS Flag Day 2020 has it, so that nothing is cut up on the way. */
const UDP_ROOM = 1232;
/** Records of an answer that are looked at; a hostile answer can hold thousands of the least size. */
const MAX_RECORDS = 64;
/** RFC 1035 section 3.1. */
const MAX_NAME = 255;

/** Bytes that are no answer to what was asked. The only thing the decoder throws. */
export class DnsDecodeError extends VsixError<"dns-decode"> {
  constructor(message: string) {
    super("dns-decode", message);
    this.name = "DnsDecodeError";
  }
}

export interface DnsQuestion {
  /** 16 bit; random, for it is what an answer is known by. */
  readonly id: number;
  /** Without the dot of the root. */
  readonly name: string;
  readonly type: DnsType;
  /** Asks for DNSSEC, and whether the resolver holds the answer for authentic (RFC 6840 section 5.7). */
  readonly dnssec?: boolean;
}

export interface DnsAnswer {
  /** RFC 1035 section 4.1.1, without the extension of RFC 6891. */
  readonly rcode: number;
  /** More than fitted: to be asked by TCP. */
  readonly truncated: boolean;
  /** The resolver has validated it. */
  readonly authentic: boolean;
  /** Of the type that was asked for, at the end of the aliases. */
  readonly addresses: readonly string[];
  /** Names that stand for it, in the order in which they were followed. */
  readonly aliases: readonly string[];
}

/** Undefined where a name cannot be asked for: a label empty or of more than 63 octets, more than 255 in all. ASCII only. */
export function encodeDnsQuery({ id, name, type, dnssec = false }: DnsQuestion): Uint8Array | undefined {
  const labels = name.replace(/\.$/, "").split(".");
  if (labels.some((label) => !/^[\x21-\x7e]{1,63}$/.test(label))) return undefined;
  const length = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  if (length > MAX_NAME) return undefined;
  const bytes = new Uint8Array(HEADER + length + 4 + 11);
  writeU16(bytes, 0, id);
  writeU16(bytes, 2, RD | (dnssec ? AD : 0));
  writeU16(bytes, 4, 1);
  writeU16(bytes, 10, 1);
  let at = HEADER;
  for (const label of labels) {
    bytes[at++] = label.length;
    for (let i = 0; i < label.length; i++) bytes[at++] = label.charCodeAt(i);
  }
  at++;
  writeU16(bytes, at, DNS_TYPE[type]);
  writeU16(bytes, at + 2, CLASS_IN);
  at += 4 + 1; // the root's name of the OPT record
  writeU16(bytes, at, TYPE_OPT);
  writeU16(bytes, at + 2, UDP_ROOM);
  writeU16(bytes, at + 6, dnssec ? DO : 0);
  return bytes;
}

/**
 * The answer to a question. @throws DnsDecodeError for anything else: another number, another question, records that are cut off
 * or go in circles.
 */
export function decodeDnsAnswer(bytes: Uint8Array, { id, name, type }: DnsQuestion): DnsAnswer {
  if (bytes.length < HEADER) throw new DnsDecodeError(`${bytes.length} octets are no DNS message`);
  const flags = readU16(bytes, 2);
  if ((flags & QR) === 0 || readU16(bytes, 0) !== id || (flags & 0x7800) !== 0)
    throw new DnsDecodeError("not the answer to this question");
  const rcode = flags & 0xf;
  const said = { rcode, truncated: (flags & TC) !== 0, authentic: (flags & AD) !== 0 };
  // A server that could not read the question need not repeat it.
  if (readU16(bytes, 4) === 0 && rcode !== 0) return { ...said, addresses: [], aliases: [] };
  const question = readName(bytes, HEADER);
  const wanted = name.replace(/\.$/, "").toLowerCase();
  if (
    readU16(bytes, 4) !== 1 ||
    question.name !== wanted ||
    need(bytes, question.end, 4) ||
    readU16(bytes, question.end) !== DNS_TYPE[type] ||
    readU16(bytes, question.end + 2) !== CLASS_IN
  )
    throw new DnsDecodeError("the answer is to another question");
  if (said.truncated) return { ...said, addresses: [], aliases: [] };
  const records = readRecords(bytes, question.end + 4, readU16(bytes, 6));
  return { ...said, ...follow(records, wanted, DNS_TYPE[type]) };
}

interface AnswerRecord {
  readonly owner: string;
  readonly type: number;
  /** An address, or a name. */
  readonly data: string;
}

function readRecords(bytes: Uint8Array, start: number, count: number): readonly AnswerRecord[] {
  const records: AnswerRecord[] = [];
  let at = start;
  for (let i = 0; i < Math.min(count, MAX_RECORDS); i++) {
    const { name: owner, end } = readName(bytes, at);
    if (need(bytes, end, 10)) throw new DnsDecodeError("a record is cut off");
    const type = readU16(bytes, end);
    const inClass = readU16(bytes, end + 2) === CLASS_IN;
    const length = readU16(bytes, end + 8);
    const data = end + 10;
    if (need(bytes, data, length)) throw new DnsDecodeError("the data of a record are cut off");
    at = data + length;
    if (!inClass) continue;
    if (type === DNS_TYPE.CNAME) records.push({ owner, type, data: readName(bytes, data).name });
    else if ((type === DNS_TYPE.A && length === 4) || (type === DNS_TYPE.AAAA && length === 16))
      records.push({ owner, type, data: formatAddress(bytes.subarray(data, at)) ?? "" });
  }
  return records;
}

/** From the name that was asked for by its aliases to addresses; each alias is followed once, so a circle ends. */
function follow(
  records: readonly AnswerRecord[],
  name: string,
  type: number,
): Pick<DnsAnswer, "addresses" | "aliases"> {
  const aliases: string[] = [];
  const seen = new Set([name]);
  let owner = name;
  for (;;) {
    const addresses = records.filter((one) => one.owner === owner && one.type === type);
    if (addresses.length > 0) return { addresses: addresses.map(({ data }) => data), aliases };
    const alias = records.find((one) => one.owner === owner && one.type === DNS_TYPE.CNAME);
    if (alias === undefined || seen.has(alias.data)) return { addresses: [], aliases };
    owner = alias.data;
    seen.add(owner);
    aliases.push(owner);
  }
}

function need(bytes: Uint8Array, at: number, octets: number): boolean {
  return at + octets > bytes.length;
}

/**
 * A name in lower case, RFC 1035 section 4.1.4. Pointers lead only backwards, so they end. What is no letter, digit, hyphen or
 * underscore is written as an escape: names come from strangers and go onto terminals.
 */
function readName(bytes: Uint8Array, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  let end: number | undefined;
  let lowest = start;
  let length = 1;
  for (;;) {
    const octet = bytes[at];
    if (octet === undefined) throw new DnsDecodeError("a name is cut off");
    if (octet === 0) return { name: labels.join("."), end: end ?? at + 1 };
    if (octet >= 0xc0) {
      if (need(bytes, at, 2)) throw new DnsDecodeError("a pointer is cut off");
      const to = readU16(bytes, at) & 0x3fff;
      if (to >= lowest) throw new DnsDecodeError("a pointer does not lead backwards");
      end ??= at + 2;
      lowest = to;
      at = to;
      continue;
    }
    if (octet >= 0x40) throw new DnsDecodeError("a label of an unknown kind");
    if (need(bytes, at + 1, octet)) throw new DnsDecodeError("a label is cut off");
    length += 1 + octet;
    if (length > MAX_NAME) throw new DnsDecodeError("a name of more than 255 octets");
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + octet)));
    at += 1 + octet;
  }
}

function labelText(bytes: Uint8Array): string {
  let text = "";
  for (const octet of bytes) {
    const lower = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
    const plain =
      (lower >= 0x61 && lower <= 0x7a) ||
      (lower >= 0x30 && lower <= 0x39) ||
      lower === 0x2d ||
      lower === 0x5f;
    text += plain ? String.fromCharCode(lower) : `\\${String(octet).padStart(3, "0")}`;
  }
  return text;
}

/** What stands behind a length of two octets on TCP, RFC 1035 section 4.2.2; undefined while it is not all there. */
export function dnsOverTcp(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 2) return undefined;
  const length = readU16(bytes, 0);
  return bytes.length < 2 + length ? undefined : bytes.subarray(2, 2 + length);
}

/** For people: the name of a response code. */
export function rcodeName(rcode: number): string {
  return RCODE[rcode] ?? `response code ${rcode}`;
}
