import type { DeviceSettings, DeviceState, Endpoint, PeerState } from "../wireguard/device.ts";
import { isNoKey, KEY_OCTETS } from "../wireguard/key.ts";
import { AF_INET, AF_INET6 } from "./constants.ts";
import { NetlinkDecodeError, NetlinkEncodeError } from "./errors.ts";
import { beginGeneric, GENL_HEADER } from "./generic.ts";
import { formatAddress, parseIp6, slashOf } from "./ip-text.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** WireGuard by generic netlink. Source: linux/wireguard.h, which has the numbers and what they mean. */

export const WG_GENL_NAME = "wireguard";
const WG_GENL_VERSION = 1;
const WG_CMD = { GET_DEVICE: 0, SET_DEVICE: 1 } as const;
const WGDEVICE = { IFNAME: 2, PRIVATE_KEY: 3, FLAGS: 5, LISTEN_PORT: 6, FWMARK: 7, PEERS: 8 } as const;
const WGPEER = {
  PUBLIC_KEY: 1,
  PRESHARED_KEY: 2,
  FLAGS: 3,
  ENDPOINT: 4,
  KEEPALIVE: 5,
  LAST_HANDSHAKE: 6,
  RX_BYTES: 7,
  TX_BYTES: 8,
  ALLOWED_IPS: 9,
} as const;
const WGALLOWEDIP = { FAMILY: 1, IPADDR: 2, CIDR_MASK: 3 } as const;
const WGPEER_F = { REMOVE_ME: 1, REPLACE_ALLOWEDIPS: 2, UPDATE_ONLY: 4 } as const;

const SOCKADDR_IN6 = 28;
const NO_KEY = new Uint8Array(KEY_OCTETS);

/** Part of a change: a peer with more allowed IPs than fit one message comes in several. */
export type PeerPiece =
  | { readonly op: "remove"; readonly publicKey: Uint8Array }
  /** Everything that the peer is, with the first of its allowed IPs; those that it had go. */
  | {
      readonly op: "set";
      readonly publicKey: Uint8Array;
      readonly presharedKey?: Uint8Array;
      readonly endpoint?: Endpoint;
      readonly keepaliveS: number;
      readonly allowedIps: readonly string[];
    }
  /** More allowed IPs of a peer that is there. */
  | { readonly op: "more"; readonly publicKey: Uint8Array; readonly allowedIps: readonly string[] };

/** Asks for a device with all its peers, in as many messages as that takes. Always a dump. */
export function encodeDeviceDump(
  writer: NetlinkWriter,
  family: number,
  flags: number,
  sequence: number,
  device: string,
): void {
  beginGeneric(writer, family, flags, sequence, WG_CMD.GET_DEVICE, WG_GENL_VERSION);
  writer.attributeName(WGDEVICE.IFNAME, device);
  writer.end();
}

/** Sets what the device itself is; peers stay. */
export function encodeDevice(
  writer: NetlinkWriter,
  family: number,
  flags: number,
  sequence: number,
  device: string,
  { privateKey, listenPort, fwmark }: DeviceSettings,
): void {
  beginGeneric(writer, family, flags, sequence, WG_CMD.SET_DEVICE, WG_GENL_VERSION);
  writer.attributeName(WGDEVICE.IFNAME, device);
  writer.attributeBytes(WGDEVICE.PRIVATE_KEY, key(privateKey));
  writer.attributeU16(WGDEVICE.LISTEN_PORT, listenPort);
  writer.attributeU32(WGDEVICE.FWMARK, fwmark);
  writer.end();
}

/** Changes peers, in order; others stay. The kernel stops at the first that it refuses, and keeps what it did before. */
export function encodePeers(
  writer: NetlinkWriter,
  family: number,
  flags: number,
  sequence: number,
  device: string,
  pieces: readonly PeerPiece[],
): void {
  beginGeneric(writer, family, flags, sequence, WG_CMD.SET_DEVICE, WG_GENL_VERSION);
  writer.attributeName(WGDEVICE.IFNAME, device);
  const list = writer.beginNested(WGDEVICE.PEERS);
  for (const piece of pieces) {
    const at = writer.beginNested(0);
    encodePeer(writer, piece);
    writer.endNested(at);
  }
  writer.endNested(list);
  writer.end();
}

function encodePeer(writer: NetlinkWriter, piece: PeerPiece): void {
  writer.attributeBytes(WGPEER.PUBLIC_KEY, key(piece.publicKey));
  if (piece.op === "remove") {
    writer.attributeU32(WGPEER.FLAGS, WGPEER_F.REMOVE_ME);
    return;
  }
  if (piece.op === "more") writer.attributeU32(WGPEER.FLAGS, WGPEER_F.UPDATE_ONLY);
  else {
    writer.attributeU32(WGPEER.FLAGS, WGPEER_F.REPLACE_ALLOWEDIPS);
    writer.attributeBytes(WGPEER.PRESHARED_KEY, key(piece.presharedKey ?? NO_KEY));
    if (piece.endpoint !== undefined) encodeEndpoint(writer, piece.endpoint);
    writer.attributeU16(WGPEER.KEEPALIVE, piece.keepaliveS);
  }
  const list = writer.beginNested(WGPEER.ALLOWED_IPS);
  for (const prefix of piece.allowedIps) encodeAllowedIp(writer, prefix);
  writer.endNested(list);
}

/** struct sockaddr_in6: family, port (big-endian), flow, address, scope. */
function encodeEndpoint(writer: NetlinkWriter, { address, port }: Endpoint): void {
  const octets = new Uint8Array(SOCKADDR_IN6);
  octets.set([AF_INET6, 0, port >> 8, port & 0xff]);
  if (!parseIp6(address, 0, address.length, octets, 8))
    throw new NetlinkEncodeError(`not an IPv6 address: ${JSON.stringify(address.slice(0, 64))}`);
  writer.attributeBytes(WGPEER.ENDPOINT, octets);
}

function encodeAllowedIp(writer: NetlinkWriter, prefix: string): void {
  const slash = slashOf(prefix);
  const length = Number(prefix.slice(slash + 1));
  if (slash < 2 || !Number.isInteger(length) || length < 0 || length > 128)
    throw new NetlinkEncodeError(`not an IPv6 prefix: ${JSON.stringify(prefix.slice(0, 64))}`);
  const at = writer.beginNested(0);
  writer.attributeU16(WGALLOWEDIP.FAMILY, AF_INET6);
  writer.attributeIp6(WGALLOWEDIP.IPADDR, prefix, slash);
  writer.attributeU8(WGALLOWEDIP.CIDR_MASK, length);
  writer.endNested(at);
}

/** A key that the kernel would take; its octets are never in an error. */
function key(octets: Uint8Array): Uint8Array {
  if (octets.length !== KEY_OCTETS) throw new NetlinkEncodeError(`a key of ${octets.length} octets`);
  return octets;
}

/** One message of the answer. `device` is in the first one only; the first peer may go on with the last one of the message before. */
export interface DeviceFragment {
  readonly device?: Omit<DeviceState, "peers">;
  readonly peers: readonly PeerState[];
}

/** Throws NetlinkDecodeError. */
export function decodeDevice(payload: Uint8Array): DeviceFragment {
  const reader = new NetlinkReader(payload, GENL_HEADER);
  let isFirst = false;
  let privateKey: Uint8Array | undefined;
  let listenPort = 0;
  let fwmark = 0;
  const peers: PeerState[] = [];
  while (reader.next()) {
    if (reader.type === WGDEVICE.PRIVATE_KEY) privateKey = decodeKey(reader);
    else if (reader.type === WGDEVICE.LISTEN_PORT) {
      isFirst = true;
      listenPort = reader.u16();
    } else if (reader.type === WGDEVICE.FWMARK) fwmark = reader.u32();
    else if (reader.type === WGDEVICE.PEERS) {
      const list = reader.nested();
      while (list.next()) peers.push(decodePeer(list.nested()));
    }
  }
  return isFirst ? { device: { privateKey, listenPort, fwmark }, peers } : { peers };
}

function decodePeer(reader: NetlinkReader): PeerState {
  const peer: { -readonly [K in keyof PeerState]: PeerState[K] } = {
    publicKey: NO_KEY,
    keepaliveS: 0,
    allowedIps: [],
    handshakeMs: 0,
    rxOctets: 0,
    txOctets: 0,
  };
  while (reader.next()) {
    if (reader.type === WGPEER.PUBLIC_KEY) peer.publicKey = decodeKey(reader);
    else if (reader.type === WGPEER.PRESHARED_KEY) {
      const secret = decodeKey(reader);
      if (!isNoKey(secret)) peer.presharedKey = secret;
    } else if (reader.type === WGPEER.ENDPOINT) {
      const endpoint = decodeEndpoint(reader.payload());
      if (endpoint !== undefined) peer.endpoint = endpoint;
    } else if (reader.type === WGPEER.KEEPALIVE) peer.keepaliveS = reader.u16();
    else if (reader.type === WGPEER.LAST_HANDSHAKE) peer.handshakeMs = decodeTime(reader.payload());
    else if (reader.type === WGPEER.RX_BYTES) peer.rxOctets = Number(reader.u64());
    else if (reader.type === WGPEER.TX_BYTES) peer.txOctets = Number(reader.u64());
    else if (reader.type === WGPEER.ALLOWED_IPS) {
      const prefixes: string[] = [];
      const list = reader.nested();
      while (list.next()) prefixes.push(decodeAllowedIp(list.nested()));
      peer.allowedIps = prefixes;
    }
  }
  return peer;
}

/** A copy: the buffer is used again. */
function decodeKey(reader: NetlinkReader): Uint8Array {
  const octets = reader.payload();
  if (octets.length !== KEY_OCTETS) throw new NetlinkDecodeError(`a key of ${octets.length} octets`, 0);
  return Uint8Array.from(octets);
}

/** struct sockaddr_in or sockaddr_in6. */
function decodeEndpoint(bytes: Uint8Array): Endpoint | undefined {
  const reader = new NetlinkReader(bytes, 0);
  const family = reader.headerU16(0);
  const port = (reader.headerU8(2) << 8) | reader.headerU8(3);
  const four = family === AF_INET && bytes.length >= 8;
  if (!four && !(family === AF_INET6 && bytes.length >= SOCKADDR_IN6)) return undefined;
  const octets = four ? bytes.subarray(4, 8) : bytes.subarray(8, 24);
  const address = formatAddress(octets);
  return address === undefined ? undefined : { address, port };
}

/** struct __kernel_timespec: seconds and nanoseconds, 64 bit each. */
function decodeTime(bytes: Uint8Array): number {
  if (bytes.length < 16) throw new NetlinkDecodeError(`a time of ${bytes.length} octets`, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ms = Number(view.getBigInt64(0, true)) * 1000 + Math.floor(Number(view.getBigInt64(8, true)) / 1e6);
  return Math.max(0, ms);
}

function decodeAllowedIp(reader: NetlinkReader): string {
  let address = "";
  let length = 0;
  while (reader.next()) {
    if (reader.type === WGALLOWEDIP.IPADDR) address = reader.address();
    else if (reader.type === WGALLOWEDIP.CIDR_MASK) length = reader.u8();
  }
  return `${address}/${length}`;
}

/** All messages of an answer as one device; undefined where none of them tells what the device is. */
export function joinFragments(fragments: readonly DeviceFragment[]): DeviceState | undefined {
  let device: DeviceFragment["device"];
  const peers: PeerState[] = [];
  for (const fragment of fragments) {
    device ??= fragment.device;
    for (const [i, peer] of fragment.peers.entries()) {
      const last = peers.at(-1);
      if (i === 0 && last !== undefined && sameOctets(last.publicKey, peer.publicKey))
        peers[peers.length - 1] = { ...last, allowedIps: [...last.allowedIps, ...peer.allowedIps] };
      else peers.push(peer);
    }
  }
  return device === undefined ? undefined : { ...device, peers };
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
