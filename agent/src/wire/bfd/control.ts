/** BFD Control packets, RFC 5880 section 4.1. Times are microseconds, as on the wire. */

/** Session states by their numbers on the wire. */
const STATES = ["admin-down", "down", "init", "up"] as const;
export type BfdState = (typeof STATES)[number];

/** Diagnostic codes used here, RFC 5880 section 4.1. */
export const BFD_DIAGNOSTIC = {
  NONE: 0,
  DETECTION_TIME_EXPIRED: 1,
  NEIGHBOUR_SIGNALLED_DOWN: 3,
  ADMINISTRATIVELY_DOWN: 7,
} as const;

export interface BfdControl {
  /** 0..31: why the sender's state last changed. */
  readonly diagnostic: number;
  readonly state: BfdState;
  readonly poll: boolean;
  readonly final: boolean;
  /** The sender's BFD does not share fate with its control plane. */
  readonly independent: boolean;
  /** An authentication section follows. */
  readonly authenticated: boolean;
  readonly demand: boolean;
  /** 1..255. */
  readonly detectMultiplier: number;
  /** Never 0. */
  readonly myDiscriminator: number;
  /** 0: not known to the sender. */
  readonly yourDiscriminator: number;
  readonly desiredMinTxUs: number;
  /** 0: the sender wants no periodic packets. */
  readonly requiredMinRxUs: number;
  readonly requiredMinEchoRxUs: number;
}

/** Why a packet is not to be looked at: the checks of section 6.8.6 that need the packet alone. */
export type BfdFault =
  | "version"
  | "length" // shorter than its kind, or longer than what came
  | "detect-multiplier"
  | "multipoint"
  | "my-discriminator"
  | "your-discriminator"; // unknown to the sender, in a state in which it cannot be

export type BfdDecoded =
  | { readonly ok: true; readonly packet: BfdControl }
  | { readonly ok: false; readonly fault: BfdFault };

/** Octets of a packet without authentication. */
export const BFD_LENGTH = 24;
/** Octets of the least packet with an authentication section. */
const BFD_LENGTH_AUTHENTICATED = 26;
const VERSION = 1;

const POLL = 0x20;
const FINAL = 0x10;
const INDEPENDENT = 0x08;
const AUTHENTICATED = 0x04;
const DEMAND = 0x02;
const MULTIPOINT = 0x01;

/** The 24 octets of a packet. `authenticated` sets the bit alone: nothing here writes an authentication section. */
export function encodeBfd(packet: BfdControl): Uint8Array {
  const bytes = new Uint8Array(BFD_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes[0] = (VERSION << 5) | (packet.diagnostic & 0x1f);
  bytes[1] =
    (STATES.indexOf(packet.state) << 6) |
    (packet.poll ? POLL : 0) |
    (packet.final ? FINAL : 0) |
    (packet.independent ? INDEPENDENT : 0) |
    (packet.authenticated ? AUTHENTICATED : 0) |
    (packet.demand ? DEMAND : 0);
  bytes[2] = packet.detectMultiplier;
  bytes[3] = BFD_LENGTH;
  view.setUint32(4, packet.myDiscriminator);
  view.setUint32(8, packet.yourDiscriminator);
  view.setUint32(12, packet.desiredMinTxUs);
  view.setUint32(16, packet.requiredMinRxUs);
  view.setUint32(20, packet.requiredMinEchoRxUs);
  return bytes;
}

/** A UDP payload, checked in the order of section 6.8.6. Never throws. */
export function decodeBfd(bytes: Uint8Array): BfdDecoded {
  // An empty payload has neither version nor length; what is missing is its length.
  const [first = VERSION << 5, flags = 0, detectMultiplier = 0, length = 0] = bytes;
  if (first >> 5 !== VERSION) return { ok: false, fault: "version" };
  const authenticated = (flags & AUTHENTICATED) !== 0;
  if (length < (authenticated ? BFD_LENGTH_AUTHENTICATED : BFD_LENGTH)) return { ok: false, fault: "length" };
  if (length > bytes.length) return { ok: false, fault: "length" };
  if (detectMultiplier === 0) return { ok: false, fault: "detect-multiplier" };
  if ((flags & MULTIPOINT) !== 0) return { ok: false, fault: "multipoint" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, BFD_LENGTH);
  const myDiscriminator = view.getUint32(4);
  if (myDiscriminator === 0) return { ok: false, fault: "my-discriminator" };
  const yourDiscriminator = view.getUint32(8);
  const state = STATES[flags >> 6] ?? "admin-down";
  if (yourDiscriminator === 0 && state !== "down" && state !== "admin-down")
    return { ok: false, fault: "your-discriminator" };
  return {
    ok: true,
    packet: {
      diagnostic: first & 0x1f,
      state,
      poll: (flags & POLL) !== 0,
      final: (flags & FINAL) !== 0,
      independent: (flags & INDEPENDENT) !== 0,
      authenticated,
      demand: (flags & DEMAND) !== 0,
      detectMultiplier,
      myDiscriminator,
      yourDiscriminator,
      desiredMinTxUs: view.getUint32(12),
      requiredMinRxUs: view.getUint32(16),
      requiredMinEchoRxUs: view.getUint32(20),
    },
  };
}
