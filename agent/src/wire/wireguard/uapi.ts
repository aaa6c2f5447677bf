import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { DeviceSettings, DeviceState, Endpoint, PeerChange, PeerState } from "./device.ts";
import { formatKeyHex, isNoKey, parseKeyHex } from "./key.ts";

/** The text protocol by which programs are told and asked (wireguard.com/xplatform, "Configuration Protocol"): lines `key=value`. */

/** Text that is not of this protocol. Never shows it: it may hold keys. */
export class UapiError extends VsixError<"wireguard-uapi"> {
  constructor(message: string) {
    super("wireguard-uapi", message);
    this.name = "UapiError";
  }
}

/** Sets what the device itself is; peers stay. */
export function deviceRequest({ privateKey, listenPort, fwmark }: DeviceSettings): string {
  return `set=1\nprivate_key=${formatKeyHex(privateKey)}\nlisten_port=${listenPort}\nfwmark=${fwmark}\n`;
}

/** Changes peers, in order; others stay. */
export function peersRequest(changes: readonly PeerChange[]): string {
  const lines = ["set=1"];
  for (const change of changes) {
    if (change.op === "remove") {
      lines.push(`public_key=${formatKeyHex(change.publicKey)}`, "remove=true");
      continue;
    }
    const { publicKey, presharedKey, endpoint, keepaliveS, allowedIps } = change.peer;
    lines.push(
      `public_key=${formatKeyHex(publicKey)}`,
      `preshared_key=${presharedKey === undefined ? "0".repeat(64) : formatKeyHex(presharedKey)}`,
    );
    if (endpoint !== undefined) lines.push(`endpoint=[${endpoint.address}]:${endpoint.port}`);
    lines.push(`persistent_keepalive_interval=${keepaliveS}`, "replace_allowed_ips=true");
    for (const prefix of allowedIps) lines.push(`allowed_ip=${prefix}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Positive errno that an answer to `set` ends with; 0: done. @throws UapiError */
export function errnoOf(answer: string): number {
  const match = /(?:^|\n)errno=(-?\d{1,6})\n\n?$/.exec(answer);
  if (match === null) throw new UapiError("an answer without errno");
  return Math.abs(Number(match[1]));
}

/** What an answer to `get` says. @throws UapiError */
export function parseDevice(answer: string): DeviceState {
  const device: { -readonly [K in keyof DeviceState]: DeviceState[K] } = {
    privateKey: undefined,
    listenPort: 0,
    fwmark: 0,
    peers: [],
  };
  const peers: ParsedPeer[] = [];
  for (const line of answer.split("\n")) {
    if (line === "") continue;
    const equals = line.indexOf("=");
    if (equals < 1) throw new UapiError("a line that is no key=value");
    const name = line.slice(0, equals);
    const value = line.slice(equals + 1);
    const peer = peers.at(-1);
    if (name === "public_key") peers.push(newPeer(keyOf(value)));
    else if (peer !== undefined) takePeer(peer, name, value);
    else if (name === "private_key") device.privateKey = keyOf(value);
    else if (name === "listen_port") device.listenPort = numberOf(value, 0xffff);
    else if (name === "fwmark") device.fwmark = numberOf(value, 0xffffffff);
  }
  device.peers = peers;
  return device;
}

type ParsedPeer = { -readonly [K in keyof Omit<PeerState, "allowedIps">]: PeerState[K] } & {
  allowedIps: string[];
};

function newPeer(publicKey: Uint8Array): ParsedPeer {
  return { publicKey, keepaliveS: 0, allowedIps: [], handshakeMs: 0, rxOctets: 0, txOctets: 0 };
}

function takePeer(peer: ParsedPeer, name: string, value: string): void {
  if (name === "preshared_key") {
    const secret = keyOf(value);
    if (!isNoKey(secret)) peer.presharedKey = secret;
  } else if (name === "endpoint") peer.endpoint = endpointOf(value);
  else if (name === "persistent_keepalive_interval") peer.keepaliveS = numberOf(value, 0xffff);
  else if (name === "allowed_ip") peer.allowedIps.push(value.slice(0, 64));
  else if (name === "last_handshake_time_sec") peer.handshakeMs += numberOf(value) * 1000;
  else if (name === "last_handshake_time_nsec") peer.handshakeMs += Math.floor(numberOf(value) / 1e6);
  else if (name === "rx_bytes") peer.rxOctets = numberOf(value);
  else if (name === "tx_bytes") peer.txOctets = numberOf(value);
}

function keyOf(value: string): Uint8Array {
  const key = parseKeyHex(value);
  if (key === undefined) throw new UapiError("a key that is none");
  return key;
}

function numberOf(value: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = /^\d{1,20}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= most)) throw new UapiError("a number that is none");
  return number;
}

/** `[ADDRESS]:PORT`, or `ADDRESS:PORT` of IPv4. */
function endpointOf(value: string): Endpoint {
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})(?:%[^\]]{1,15})?\]|([0-9.]{7,15})):(\d{1,5})$/.exec(value);
  const address = match?.[1] ?? match?.[2];
  if (address === undefined) throw new UapiError("an endpoint that is none");
  return { address, port: numberOf(match?.[3] ?? "", 0xffff) };
}
