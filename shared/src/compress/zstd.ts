import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { PlaneCodec } from "../dns/segment-layout.ts";

const MOST_AT_ONCE = 65_536;

/** Zstandard (RFC 8878). `level`: facts and figures in agent/TELESCREEN.md. */
export function zstdCodec(level = 1): PlaneCodec {
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_contentSizeFlag]: 1,
    [constants.ZSTD_c_checksumFlag]: 1,
  };
  return {
    // Told how much comes, it takes no more memory than that needs; and what goes out is not put together from pieces.
    pack: (octets) =>
      zstdCompressSync(octets, {
        params,
        pledgedSrcSize: octets.length,
        chunkSize: Math.min(MOST_AT_ONCE, octets.length + 512),
      }),
    // Small ones lie in the memory that all small ones share.
    letGo: ({ buffer }) => {
      if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
    },
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
