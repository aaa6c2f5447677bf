import { noCounters } from "./counters.ts";
import { addPair } from "./pair-writer.ts";
import type { Segment } from "./segment.ts";
import { SegmentBuilder } from "./segment-builder.ts";
import type { PlaneCodec } from "./segment-layout.ts";

/** Capture points that a segment can tell apart. */
const MAX_POINTS = 256;

/**
 * One segment with the rows of several, those of the first before those of the second and so on, and all that they counted. Undefined where
 * they do not fit into one: too many rows, points, or octets of dictionaries.
 * @param seed of hash tables; 32 bits that nobody outside knows
 * @throws DnsSegmentError where one of them cannot be read
 */
export function mergeSegments(
  segments: readonly Segment[],
  codec: PlaneCodec,
  seed: number,
): Uint8Array<ArrayBuffer> | undefined {
  const points = [...new Set(segments.flatMap(pointsOf))];
  const maxRows = segments.reduce((sum, { rows }) => sum + rows, 0);
  if (points.length > MAX_POINTS || maxRows > 65_536) return undefined;
  const builder = new SegmentBuilder({ seed, points, maxRows: Math.max(1, maxRows) });
  const counted = noCounters();
  for (const segment of segments) {
    for (let row = 0; row < segment.rows; row++) {
      // The last row may fill it.
      if (row > 0 && builder.rows < maxRows && builder.full) return undefined;
      addPair(builder, segment.pair(row), points);
    }
    for (const [name, value] of Object.entries(segment.counters()))
      counted[name as keyof typeof counted] += value;
  }
  return builder.finish(codec, counted);
}

function pointsOf(segment: Segment): readonly string[] {
  return Array.from({ length: segment.columns.count("pointLengths") }, (_, id) =>
    String.fromCharCode(...segment.entry("pointLengths", "pointOctets", id)),
  );
}
