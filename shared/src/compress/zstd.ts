import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { PlaneCodec } from "../dns/segment-layout.ts";

/** Zstandard (RFC 8878). `level`: facts and figures in agent/TELESCREEN.md. */
export function zstdCodec(level = 1): PlaneCodec {
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_contentSizeFlag]: 1,
    [constants.ZSTD_c_checksumFlag]: 1,
  };
  return {
    pack: (octets) => zstdCompressSync(octets, { params }),
    unpack: (packed, length) => {
      // One chunk with a little room: zlib would go on in chunks of 16 KiB, and put them together at the end.
      const octets = zstdDecompressSync(packed, {
        maxOutputLength: Math.max(1, length),
        chunkSize: Math.max(1024, length + 64),
      });
      if (octets.length !== length) throw new RangeError(`${octets.length} octets instead of ${length}`);
      // No Buffer: its slice() shares memory.
      return new Uint8Array(octets.buffer, octets.byteOffset, length);
    },
  };
}
