/**
 * Memory of tables that are read here and there: zeros, beginning at a multiple of 8. Whoever can have larger pages gives that
 * memory, for such reads then wait less often for the page's place than for its octets.
 */
export type Room = (octets: number) => Uint8Array<ArrayBuffer>;

/** Each piece by itself, as JavaScript has memory. */
export const plainRoom: Room = (octets) => new Uint8Array(octets);

/**
 * Pieces of large ones, one behind the other; none comes back. What is larger than `chunkOctets` has one of its own.
 * @param chunk memory of so many octets, all zeros
 */
export function pooledRoom(chunk: (octets: number) => ArrayBuffer, chunkOctets: number): Room {
  let buffer = new ArrayBuffer(0);
  let used = 0;
  return (octets) => {
    if (octets > chunkOctets) return new Uint8Array(chunk(octets), 0, octets);
    if (used + octets > buffer.byteLength) {
      buffer = chunk(chunkOctets);
      used = 0;
    }
    const piece = new Uint8Array(buffer, used, octets);
    // Two that are read by the same number do not begin in the same set of the cache.
    used = Math.ceil((used + octets) / LINE) * LINE + LINE;
    return piece;
  };
}

/** Octets of a line of the processor's cache. */
const LINE = 64;

export function words32(room: Room, length: number): Int32Array<ArrayBuffer> {
  const { buffer, byteOffset } = room(length * 4);
  return new Int32Array(buffer, byteOffset, length);
}

export function numbers32(room: Room, length: number): Uint32Array<ArrayBuffer> {
  const { buffer, byteOffset } = room(length * 4);
  return new Uint32Array(buffer, byteOffset, length);
}
