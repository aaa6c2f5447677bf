import type { Octets } from "./dns-packets.ts";

/** Packets as the kernel lays them into a block of a ring (struct tpacket3_hdr and sockaddr_ll, linux/if_packet.h). */

export interface RingPacket {
  /** From the network header on. */
  readonly octets: Octets;
  readonly second: number;
  readonly nanosecond: number;
  /** EtherType. */
  readonly protocol: number;
}

const HEADS = 68;

export function ringFrames(packets: readonly RingPacket[]): Octets {
  const frames = packets.map(({ octets, second, nanosecond, protocol }, i) => {
    const room = Math.ceil((HEADS + octets.length) / 16) * 16;
    const frame = new Uint8Array(room);
    const view = new DataView(frame.buffer);
    view.setUint32(0, i === packets.length - 1 ? 0 : room, true);
    view.setUint32(4, second, true);
    view.setUint32(8, nanosecond, true);
    view.setUint32(12, octets.length, true);
    view.setUint32(16, octets.length, true);
    view.setUint16(26, HEADS, true);
    view.setUint16(50, protocol);
    frame.set(octets, HEADS);
    return frame;
  });
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}
