import { type Static, Type } from "@sinclair/typebox";

/** As Linux has them; the agent's own check is stricter. */
const InterfaceName = Type.String({ minLength: 1, maxLength: 15, pattern: "^[^\\s/:]+$" });
const Address = Type.String({ minLength: 2, maxLength: 64 });
const Prefix = Type.String({ minLength: 2, maxLength: 64 });

export const CAPTURE_CLIENTS = ["whole", "truncated-64", "truncated-48", "pseudonym"] as const;
export const CAPTURE_NAMES = ["whole", "registrable", "hashed"] as const;

/** What of the people who ask leaves the node. */
export const CapturePrivacy = Type.Object({
  /** `truncated-64` and `-48`: IPv6 to that many bits, IPv4 to 24 and 16. `pseudonym`: prefix-preserving, by the key. */
  clients: Type.Union(CAPTURE_CLIENTS.map((word) => Type.Literal(word))),
  /** `registrable`: to the name that was bought, by the public suffix list. `hashed`: by the key. */
  names: Type.Union(CAPTURE_NAMES.map((word) => Type.Literal(word))),
  /** 32 octets in lower-case hexadecimal: the same on all nodes, or halves are not joined. */
  key: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
});
export type CapturePrivacy = Static<typeof CapturePrivacy>;

/** Whether what is told cannot be made without the key. */
export function wantsKey({ clients, names }: Pick<CapturePrivacy, "clients" | "names">): boolean {
  return clients === "pseudonym" || names === "hashed";
}

/** Part `capture`: the DNS that passes some interfaces of a node is captured, paired and sent to the controller. */
export const CapturePart = Type.Object({
  version: Type.Literal(1),
  interfaces: Type.Array(InterfaceName, { minItems: 1, maxItems: 64 }),
  /** Ports of servers. */
  ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), { minItems: 1, maxItems: 8 }),
  /** RFC 6052: AAAA records in these are translated. */
  pref64: Type.Array(Prefix, { maxItems: 16 }),
  /** Whose questions are those of a resolver. Empty: those without RD are. */
  resolvers: Type.Array(Address, { maxItems: 256 }),
  /** How long a response is waited for. */
  timeoutMs: Type.Integer({ minimum: 100, maximum: 60_000 }),
  /** Queries that wait at a time. */
  waiting: Type.Integer({ minimum: 64, maximum: 1_048_576 }),
  /** Ring of each interface. */
  ringKb: Type.Integer({ minimum: 256, maximum: 262_144 }),
  /** Rows of a segment. */
  rows: Type.Integer({ minimum: 64, maximum: 65_536 }),
  flushMs: Type.Integer({ minimum: 100, maximum: 600_000 }),
  /** On the node's disk until the controller has it. */
  spoolMb: Type.Integer({ minimum: 1, maximum: 1024 }),
  privacy: CapturePrivacy,
});
export type CapturePart = Static<typeof CapturePart>;
