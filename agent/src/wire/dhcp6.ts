import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import { readU16, readU32, writeU16 } from "./checksum.ts";
import { formatIp6, formatPrefix6 } from "./netlink/ip-text.ts";

/** Messages of DHCPv6 as a relay sees them (RFC 8415): who asks, what a server gave; and the envelopes between the two. */

/** RFC 8415 section 7.3. */
export const DHCP6_TYPE = {
  SOLICIT: 1,
  ADVERTISE: 2,
  REQUEST: 3,
  CONFIRM: 4,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  RELEASE: 8,
  DECLINE: 9,
  INFORMATION_REQUEST: 11,
  RELAY_FORW: 12,
  RELAY_REPL: 13,
} as const;

/** RFC 8415 section 24. */
const OPTION = {
  CLIENTID: 1,
  RELAY_MSG: 9,
  STATUS_CODE: 13,
  INTERFACE_ID: 18,
  IA_PD: 25,
  IAPREFIX: 26,
} as const;

/** RFC 8415 section 21.13. */
export const DHCP6_STATUS = { SUCCESS: 0, NO_BINDING: 3, NO_PREFIX_AVAIL: 6 } as const;

export class Dhcp6Error extends VsixError<"dhcp6-malformed"> {}

/** Type and transaction, RFC 8415 section 8. */
const CLIENT_HEADER = 4;
/** Type, hop count, link address, peer address, RFC 8415 section 9. */
const RELAY_HEADER = 34;
/** IAID, T1, T2, RFC 8415 section 21.21. */
const IA_PD_HEADER = 12;
/** Lifetimes, length, prefix, RFC 8415 section 21.22. */
const IAPREFIX_HEADER = 25;
/** RFC 8415 section 11.1: 128 octets and a type code of two. */
const MAX_DUID = 130;

/** What a client says. */
export interface ClientMessage {
  readonly type: number;
  /** Hexadecimal; undefined where it has none. */
  readonly duid: string | undefined;
  /** How many prefixes it asks for. */
  readonly delegations: number;
}

/** What a server says to a client. */
export interface ServerMessage extends ClientMessage {
  readonly prefixes: readonly GivenPrefix[];
  /** Of the message and of its IA_PDs. */
  readonly statuses: readonly number[];
}

export interface GivenPrefix {
  readonly prefix: string;
  readonly preferredS: number;
  readonly validS: number;
}

export interface RelayReply {
  readonly peer: string;
  readonly interfaceId: string;
  /** Of the server, for the client. */
  readonly message: Uint8Array;
}

/** Throws {@link Dhcp6Error}. */
export function decodeClientMessage(bytes: Uint8Array): ClientMessage {
  const { type, duid, delegations } = decodeServerMessage(bytes);
  return { type, duid, delegations };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** Throws {@link Dhcp6Error}. */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage {
  const type = need(bytes, CLIENT_HEADER)[0] ?? 0;
  if (type === DHCP6_TYPE.RELAY_FORW || type === DHCP6_TYPE.RELAY_REPL) throw malformed("a relayed message");
  let duid: string | undefined;
  let delegations = 0;
  const prefixes: GivenPrefix[] = [];
  const statuses: number[] = [];
  for (const { code, body } of options(bytes.subarray(CLIENT_HEADER))) {
    if (code === OPTION.CLIENTID) {
      if (body.length === 0 || body.length > MAX_DUID) throw malformed("a DUID of such a length");
      duid = hexOf(body);
    } else if (code === OPTION.STATUS_CODE) statuses.push(readU16(need(body, 2), 0));
    else if (code === OPTION.IA_PD) {
      delegations++;
      for (const inner of options(need(body, IA_PD_HEADER).subarray(IA_PD_HEADER)))
        if (inner.code === OPTION.STATUS_CODE) statuses.push(readU16(need(inner.body, 2), 0));
        else if (inner.code === OPTION.IAPREFIX) prefixes.push(prefixOf(inner.body));
    }
  }
  return { type, duid, delegations, prefixes, statuses };
}

/** A client's message in an envelope (RFC 8415 section 19.1.1). `link`: tells the server which relay; any address of ours. */
export function encodeRelayForward(
  message: Uint8Array,
  { link, peer, interfaceId }: { readonly link: string; readonly peer: string; readonly interfaceId: string },
): Uint8Array {
  const id = Uint8Array.from(interfaceId, (letter) => letter.charCodeAt(0));
  const out = new Uint8Array(RELAY_HEADER + 4 + id.length + 4 + message.length);
  out[0] = DHCP6_TYPE.RELAY_FORW;
  out.set(addressOf(link), 2);
  out.set(addressOf(peer), 18);
  putOption(out, RELAY_HEADER, OPTION.INTERFACE_ID, id);
  putOption(out, RELAY_HEADER + 4 + id.length, OPTION.RELAY_MSG, message);
  return out;
}

/** An envelope from a server (RFC 8415 section 19.2). Throws {@link Dhcp6Error}. */
export function decodeRelayReply(bytes: Uint8Array): RelayReply {
  if (need(bytes, RELAY_HEADER)[0] !== DHCP6_TYPE.RELAY_REPL) throw malformed("no relay-reply");
  let interfaceId: string | undefined;
  let message: Uint8Array | undefined;
  for (const { code, body } of options(bytes.subarray(RELAY_HEADER))) {
    if (code === OPTION.INTERFACE_ID)
      interfaceId = Array.from(body, (octet) => String.fromCharCode(octet)).join("");
    else if (code === OPTION.RELAY_MSG) message = body;
  }
  if (interfaceId === undefined || message === undefined)
    throw malformed("a relay-reply without Interface-Id or message");
  return { peer: formatIp6(bytes, 18), interfaceId, message };
}

function prefixOf(body: Uint8Array): GivenPrefix {
  const length = need(body, IAPREFIX_HEADER)[8] ?? 0;
  if (length > 128) throw malformed("a prefix longer than an address");
  return {
    prefix: formatPrefix6(body, 9, length),
    preferredS: readU32(body, 0),
    validS: readU32(body, 4),
  };
}

/** RFC 8415 section 21.1. */
function* options(
  bytes: Uint8Array,
): Generator<{ readonly code: number; readonly body: Uint8Array }, undefined> {
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw malformed("half an option");
    const end = at + 4 + readU16(bytes, at + 2);
    if (end > bytes.length) throw malformed("an option that is longer than its message");
    yield { code: readU16(bytes, at), body: bytes.subarray(at + 4, end) };
    at = end;
  }
}

function putOption(out: Uint8Array, at: number, code: number, body: Uint8Array): void {
  writeU16(out, at, code);
  writeU16(out, at + 2, body.length);
  out.set(body, at + 4);
}

function addressOf(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes?.length !== 16) throw malformed(`${text} is no IPv6 address`);
  return bytes;
}

function need(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length < length) throw malformed("it ends too soon");
  return bytes;
}

function malformed(what: string): Dhcp6Error {
  return new Dhcp6Error("dhcp6-malformed", `no DHCPv6 message: ${what}`);
}
