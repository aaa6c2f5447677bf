/** What an implementation of WireGuard says of a device and is told of its peers, whatever protocol carries it. */

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What a peer is told to be. Allowed IPs, keepalive and preshared key are whole: what is not named is not. */
export interface PeerSettings {
  readonly publicKey: Uint8Array;
  /** 32 octets; absent: none. */
  readonly presharedKey?: Uint8Array;
  /** Where it is first looked for; absent: as it is. */
  readonly endpoint?: Endpoint;
  /** Seconds between packets that keep a path open; 0: none. */
  readonly keepaliveS: number;
  /** Prefixes with length. */
  readonly allowedIps: readonly string[];
}

export type PeerChange =
  | { readonly op: "set"; readonly peer: PeerSettings }
  | { readonly op: "remove"; readonly publicKey: Uint8Array };

/** A peer as it is now. */
export interface PeerState extends PeerSettings {
  /** Milliseconds since the epoch; 0: never. */
  readonly handshakeMs: number;
  /** Octets since the peer was made. */
  readonly rxOctets: number;
  readonly txOctets: number;
}

export interface DeviceSettings {
  readonly privateKey: Uint8Array;
  /** UDP port. */
  readonly listenPort: number;
  /** Mark of the packets that carry it; 0: none. */
  readonly fwmark: number;
}

export interface DeviceState {
  readonly privateKey: Uint8Array | undefined;
  readonly listenPort: number;
  readonly fwmark: number;
  readonly peers: readonly PeerState[];
}
