import { openError } from "./decode-error.ts";
import { encodeMessage, OPEN } from "./message.ts";

/** AS number that stands in the 2-octet field when the real one does not fit, RFC 6793. */
const AS_TRANS = 23456;

export interface Open {
  /** From the 4-octet AS capability where there is one. */
  readonly asn: number;
  readonly fourOctetAs: boolean;
  /** Seconds; 0, or at least 3. */
  readonly holdS: number;
  /** Dotted quad. */
  readonly routerId: string;
  readonly ipv6Unicast: boolean;
  readonly gracefulRestart?: GracefulRestart;
}

/** RFC 4724 section 3. */
export interface GracefulRestart {
  /** The Restart State bit: the speaker has just restarted. */
  readonly restarting: boolean;
  /** 0..4095 seconds. */
  readonly restartS: number;
  /** IPv6 unicast is among the families, and whether its forwarding state was kept. */
  readonly ipv6?: { readonly forwarding: boolean };
}

/** Capability codes. */
const CAP_MULTIPROTOCOL = 1; // RFC 4760
const CAP_GRACEFUL_RESTART = 64; // RFC 4724
const CAP_FOUR_OCTET_AS = 65; // RFC 6793

const PARAM_CAPABILITIES = 2; // RFC 5492

const AFI_IPV6 = 2;
const SAFI_UNICAST = 1;

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65536 + u16(bytes, at + 2);
}

interface Capabilities {
  asn: number | undefined;
  ipv6Unicast: boolean;
  gracefulRestart: GracefulRestart | undefined;
}

function readGracefulRestart(bytes: Uint8Array, at: number, length: number): GracefulRestart {
  if (length < 2 || (length - 2) % 4 !== 0)
    throw openError(0, `graceful restart capability of ${length} octets`);
  const flags = u16(bytes, at);
  let ipv6: { readonly forwarding: boolean } | undefined;
  for (let i = at + 2; i < at + length; i += 4) {
    if (u16(bytes, i) === AFI_IPV6 && bytes[i + 2] === SAFI_UNICAST)
      ipv6 = { forwarding: ((bytes[i + 3] ?? 0) & 0x80) !== 0 };
  }
  const head = { restarting: (flags & 0x8000) !== 0, restartS: flags & 0x0fff };
  return ipv6 === undefined ? head : { ...head, ipv6 };
}

function readCapabilities(bytes: Uint8Array, from: number, end: number, found: Capabilities): void {
  let at = from;
  while (at < end) {
    if (end - at < 2) throw openError(0, "truncated capability");
    const code = bytes[at] ?? 0;
    const length = bytes[at + 1] ?? 0;
    at += 2;
    if (length > end - at) throw openError(0, `capability ${code} runs over its parameter`);
    if (code === CAP_MULTIPROTOCOL) {
      if (length !== 4) throw openError(0, `multiprotocol capability of ${length} octets`);
      if (u16(bytes, at) === AFI_IPV6 && bytes[at + 3] === SAFI_UNICAST) found.ipv6Unicast = true;
    } else if (code === CAP_FOUR_OCTET_AS) {
      if (length !== 4) throw openError(0, `4-octet AS capability of ${length} octets`);
      found.asn = u32(bytes, at);
    } else if (code === CAP_GRACEFUL_RESTART) {
      found.gracefulRestart = readGracefulRestart(bytes, at, length);
    }
    at += length;
  }
}

/** RFC 4271 section 4.2 and RFC 5492. The body is at least 10 octets. Throws BgpDecodeError. */
export function decodeOpen(body: Uint8Array): Open {
  if (body.length < 10) throw openError(0, `body of ${body.length} octets`);
  if (body[0] !== 4) throw openError(1, `version ${body[0]}`);
  const holdS = u16(body, 3);
  if (holdS === 1 || holdS === 2) throw openError(6, `hold time ${holdS}`);
  const routerId = body.subarray(5, 9).join(".");
  if (routerId === "0.0.0.0") throw openError(3, "router id 0.0.0.0");
  const end = 10 + (body[9] ?? 0);
  if (end !== body.length) throw openError(0, "optional parameters do not fill the message");
  const found: Capabilities = { asn: undefined, ipv6Unicast: false, gracefulRestart: undefined };
  let at = 10;
  while (at < end) {
    if (end - at < 2) throw openError(0, "truncated optional parameter");
    const type = body[at] ?? 0;
    const length = body[at + 1] ?? 0;
    at += 2;
    if (length > end - at) throw openError(0, "optional parameter runs over the message");
    if (type !== PARAM_CAPABILITIES) throw openError(4, `optional parameter ${type}`);
    readCapabilities(body, at, at + length, found);
    at += length;
  }
  const asn = found.asn ?? u16(body, 1);
  if (asn === 0) throw openError(2, "AS number 0");
  return {
    asn,
    fourOctetAs: found.asn !== undefined,
    holdS,
    routerId,
    ipv6Unicast: found.ipv6Unicast,
    ...(found.gracefulRestart === undefined ? {} : { gracefulRestart: found.gracefulRestart }),
  };
}

function routerIdBytes(text: string): readonly number[] {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || parts.some((p) => !Number.isInteger(p) || p < 0 || p > 255))
    throw new RangeError(`not a router id: ${text}`);
  return parts;
}

/** A whole OPEN message offering IPv6 unicast where asked, 4-octet AS numbers always. */
export function encodeOpen(open: Omit<Open, "fourOctetAs">): Uint8Array {
  const { asn, holdS } = open;
  const capabilities: number[] = [];
  if (open.ipv6Unicast) capabilities.push(CAP_MULTIPROTOCOL, 4, 0, AFI_IPV6, 0, SAFI_UNICAST);
  capabilities.push(CAP_FOUR_OCTET_AS, 4, asn >>> 24, (asn >> 16) & 0xff, (asn >> 8) & 0xff, asn & 0xff);
  const restart = open.gracefulRestart;
  if (restart !== undefined) {
    const flags = (restart.restarting ? 0x8000 : 0) | (restart.restartS & 0x0fff);
    const family =
      restart.ipv6 === undefined ? [] : [0, AFI_IPV6, SAFI_UNICAST, restart.ipv6.forwarding ? 0x80 : 0];
    capabilities.push(CAP_GRACEFUL_RESTART, 2 + family.length, flags >> 8, flags & 0xff, ...family);
  }
  const short = asn > 0xffff ? AS_TRANS : asn;
  return encodeMessage(
    OPEN,
    Uint8Array.of(
      4,
      short >> 8,
      short & 0xff,
      holdS >> 8,
      holdS & 0xff,
      ...routerIdBytes(open.routerId),
      capabilities.length + 2,
      PARAM_CAPABILITIES,
      capabilities.length,
      ...capabilities,
    ),
  );
}
