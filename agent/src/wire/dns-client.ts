import { TYPE } from "@vsix/shared/dns/model.ts";
import { formatName, MAX_NAME, parseName } from "@vsix/shared/dns/name.ts";
import type { AnswerFacts } from "@vsix/shared/dns/reply-columns.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { readU16, writeU16 } from "./checksum.ts";
import { readAnswers } from "./dns/answers.ts";
import { readName, skipName } from "./dns/name.ts";
import { formatAddress } from "./netlink/ip-text.ts";

/** What a stub resolver needs of DNS (RFC 1035): one question, and what the answer says to it. */

const DNS_TYPE = { A: TYPE.A, AAAA: TYPE.AAAA } as const;
export type DnsType = keyof typeof DNS_TYPE;

export const RCODE = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"] as const;

const CLASS_IN = 1;
const HEADER = 12;
const QR = 0x8000;
const OPCODE = 0x7800;
const TC = 0x0200;
const RD = 0x0100;
const AD = 0x0020;
/** RFC 6891 section 6.1.3: "DNSSEC OK", in what would be the TTL. */
const DO = 0x8000;
/** Octets of an answer over UDP: as DNS Flag Day 2020 has it, so that nothing is cut up on the way. */
const UDP_ROOM = 1232;
/** Records of an answer that are looked at; a hostile answer can hold thousands of the least size. */
const MAX_RECORDS = 64;

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
  const wire = parseName(name);
  if (wire === undefined || wire.length < 2) return undefined;
  const bytes = new Uint8Array(HEADER + wire.length + 4 + 11);
  writeU16(bytes, 0, id);
  writeU16(bytes, 2, RD | (dnssec ? AD : 0));
  writeU16(bytes, 4, 1);
  writeU16(bytes, 10, 1);
  bytes.set(wire, HEADER);
  let at = HEADER + wire.length;
  writeU16(bytes, at, DNS_TYPE[type]);
  writeU16(bytes, at + 2, CLASS_IN);
  at += 4 + 1; // the root's name of the OPT record
  writeU16(bytes, at, TYPE.OPT);
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
  if ((flags & QR) === 0 || readU16(bytes, 0) !== id || (flags & OPCODE) !== 0)
    throw new DnsDecodeError("not the answer to this question");
  const rcode = flags & 0xf;
  const said = { rcode, truncated: (flags & TC) !== 0, authentic: (flags & AD) !== 0 };
  // A server that could not read the question need not repeat it.
  if (readU16(bytes, 4) === 0 && rcode !== 0) return { ...said, addresses: [], aliases: [] };
  const end = bytes.length;
  const behind = skipName(bytes, HEADER, end);
  const asked = new Uint8Array(MAX_NAME);
  const octets = readName(bytes, 0, HEADER, end, asked, 0);
  if (
    readU16(bytes, 4) !== 1 ||
    octets < 0 ||
    behind < 0 ||
    behind + 4 > end ||
    !isSame(asked.subarray(0, octets), parseName(name)) ||
    readU16(bytes, behind) !== DNS_TYPE[type] ||
    readU16(bytes, behind + 2) !== CLASS_IN
  )
    throw new DnsDecodeError("the answer is to another question");
  if (said.truncated) return { ...said, addresses: [], aliases: [] };
  const count = Math.min(readU16(bytes, 6), MAX_RECORDS);
  const records = readAnswers(bytes, 0, behind + 4, end, count);
  if (records.length < count) throw new DnsDecodeError("a record is cut off, or its name does not end");
  return { ...said, ...follow(records, asked.subarray(0, octets), DNS_TYPE[type]) };
}

/** From the name that was asked for by its aliases to addresses; each alias is followed once, so a circle ends. */
function follow(
  records: readonly AnswerFacts[],
  name: Uint8Array,
  type: number,
): Pick<DnsAnswer, "addresses" | "aliases"> {
  const aliases: string[] = [];
  let owner = name;
  for (;;) {
    const own = records.filter((one) => isSame(one.owner, owner));
    const addresses = own.flatMap((one) => (one.type === type ? (formatAddress(one.rdata) ?? []) : []));
    if (addresses.length > 0) return { addresses, aliases };
    const alias = own.find((one) => one.type === TYPE.CNAME);
    if (alias === undefined || aliases.length >= records.length) return { addresses: [], aliases };
    owner = alias.rdata;
    aliases.push(formatName(owner));
  }
}

/** Both in wire form and lower case. */
function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a.length === b?.length && a.every((octet, i) => octet === b[i]);
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
