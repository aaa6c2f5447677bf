import type { PeerChange } from "../wireguard/device.ts";
import type { PeerPiece } from "./wireguard.ts";

/** Octets of one allowed IP: nest, family, address, mask (linux/wireguard.h). */
const ALLOWED_IP_OCTETS = 40;
/** Octets of a peer without its allowed IPs, at most. */
const PEER_OCTETS = 160;

/** Peers of one message. */
export interface PeerMessage {
  readonly pieces: readonly PeerPiece[];
  /** Which changes these belong to, in order, each once. */
  readonly changes: readonly number[];
}

/**
 * Spreads changes over messages of at most `octets` (and at least one peer with one allowed IP each), in order: a nested
 * attribute holds no more than 65,535, and what the kernel refuses it refuses from the first bad peer of a message on.
 */
export function packPeers(changes: readonly PeerChange[], octets: number): readonly PeerMessage[] {
  const messages: PeerMessage[] = [];
  let pieces: PeerPiece[] = [];
  let indexes: number[] = [];
  let room = octets;
  const close = (): void => {
    if (pieces.length > 0) messages.push({ pieces, changes: indexes });
    pieces = [];
    indexes = [];
    room = octets;
  };
  const add = (index: number, piece: PeerPiece, size: number): void => {
    pieces.push(piece);
    if (indexes.at(-1) !== index) indexes.push(index);
    room -= size;
  };
  for (const [index, change] of changes.entries()) {
    if (change.op === "remove") {
      if (room < PEER_OCTETS) close();
      add(index, change, PEER_OCTETS);
      continue;
    }
    const { allowedIps, ...rest } = change.peer;
    let done = 0;
    do {
      if (room < PEER_OCTETS + ALLOWED_IP_OCTETS) close();
      const fit = Math.max(1, Math.floor((room - PEER_OCTETS) / ALLOWED_IP_OCTETS));
      const some = allowedIps.slice(done, done + fit);
      const size = PEER_OCTETS + some.length * ALLOWED_IP_OCTETS;
      if (done === 0) add(index, { op: "set", ...rest, allowedIps: some }, size);
      else add(index, { op: "more", publicKey: rest.publicKey, allowedIps: some }, size);
      done += fit;
    } while (done < allowedIps.length);
  }
  close();
  return messages;
}
