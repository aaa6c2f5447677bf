/** Packets as the kernel puts them into blocks of a ring: struct tpacket3_hdr, sockaddr_ll behind it (linux/if_packet.h). */

const PACKET_OUTGOING = 4;
const ARPHRD_LOOPBACK = 772;
/** Where things stand in them. */
export const FRAME = { next: 0, second: 4, nanosecond: 8, captured: 12, length: 16, network: 26 } as const;
const ADDRESS = { protocol: 50, hardware: 56, packetType: 58 } as const;
/** Octets of both. */
const FRAME_HEAD = 68;

/** One packet inside the ring: valid until the callback returns. */
export type PacketSink = (
  bytes: Uint8Array,
  at: number,
  end: number,
  length: number,
  protocol: number,
  second: number,
  nanosecond: number,
) => void;

/** Hands over the packet of the frame at `frame`, unless it is one that passes twice: a loopback's on its way out. */
export function handFrame(bytes: Uint8Array, view: DataView, frame: number, sink: PacketSink): void {
  if (
    bytes[frame + ADDRESS.packetType] === PACKET_OUTGOING &&
    view.getUint16(frame + ADDRESS.hardware, true) === ARPHRD_LOOPBACK
  )
    return;
  const from = frame + view.getUint16(frame + FRAME.network, true);
  sink(
    bytes,
    from,
    from + view.getUint32(frame + FRAME.captured, true),
    view.getUint32(frame + FRAME.length, true),
    view.getUint16(frame + ADDRESS.protocol),
    view.getUint32(frame + FRAME.second, true),
    view.getUint32(frame + FRAME.nanosecond, true),
  );
}

/** Whether a frame lies whole in `frame` to `end`: asked of frames that are not the kernel's own memory. */
export function isWhole(view: DataView, frame: number, end: number): boolean {
  return (
    frame + FRAME_HEAD <= end &&
    frame + view.getUint16(frame + FRAME.network, true) + view.getUint32(frame + FRAME.captured, true) <= end
  );
}
