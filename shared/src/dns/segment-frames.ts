/** Segments one behind the other in a file: each after its length (4 octets, little-endian). */

/** Octets before each segment. */
export const FRAME_HEAD = 4;

/** What stands before a segment. */
export function frameHead(segment: Uint8Array): Uint8Array {
  const head = new Uint8Array(FRAME_HEAD);
  new DataView(head.buffer).setUint32(0, segment.length, true);
  return head;
}

export function frameSegment(segment: Uint8Array): Uint8Array {
  const framed = new Uint8Array(segment.length + FRAME_HEAD);
  framed.set(frameHead(segment));
  framed.set(segment, FRAME_HEAD);
  return framed;
}

/** The whole segments of a file; a last one that is cut short is left out. */
export function* framedSegments(file: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + FRAME_HEAD <= file.length; ) {
    const length = view.getUint32(at, true);
    at += FRAME_HEAD;
    if (length > file.length - at) return;
    yield file.subarray(at, at + length);
    at += length;
  }
}
