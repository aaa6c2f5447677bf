import { type Static, Type } from "@sinclair/typebox";

/**
 * A node's whole document in one file: what `vsixctl node bundle` writes, what cloud-init brings to a new router so that
 * it can start with nobody to ask, and what an agent keeps on its disk. The envelope's signature and the parts' SHA-256
 * guard it. Secret are only keys that some parts hold: of an access router's peers, and of captured DNS.
 */
export const Bundle = Type.Object({
  version: Type.Literal(1),
  /** Base64 of the exact bytes of the signed envelope. */
  envelope: Type.String({ maxLength: 512 * 1024 }),
  parts: Type.Array(
    Type.Object({
      name: Type.String(),
      sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
      /** Base64 of the exact bytes. */
      bytes: Type.String(),
    }),
    { maxItems: 32 },
  ),
});
export type Bundle = Static<typeof Bundle>;
