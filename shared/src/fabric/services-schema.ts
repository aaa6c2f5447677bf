import { type Static, Type } from "@sinclair/typebox";
import { AccessFile } from "./access-schema.ts";
import { PrefixText } from "./schema-words.ts";
import { DEFAULT_SERVICES } from "./services-model.ts";

/** Section `services` of the fabric file: DNS64, NAT64, SIIT-DC and access, each by the nodes that have its role. */

const only = { additionalProperties: false };

const Address = Type.String({ maxLength: 64, description: "IPv6 address." });
/** A name in presentation format, with or without its final dot. */
export const DOMAIN_PATTERN =
  "^(\\.|([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.?)$";
const Domain = Type.String({
  maxLength: 253,
  pattern: DOMAIN_PATTERN,
  description: "A domain name in ASCII: example.net",
});
export const Prefix4Text = Type.String({
  maxLength: 18,
  description: "IPv4 prefix, no bits set beyond its length: 192.0.2.0/28",
});
export const Address4Text = Type.String({ maxLength: 15, description: "IPv4 address." });

const zones = (description: string) =>
  Type.Record(Type.String({ pattern: DOMAIN_PATTERN }), Type.Array(Address, { minItems: 1, maxItems: 16 }), {
    ...only,
    maxProperties: 256,
    description,
  });

const ResolverFile = Type.Object(
  {
    anycast: Type.Array(Address, {
      minItems: 1,
      maxItems: 4,
      description:
        "Addresses that every resolver answers at, inside `prefixes` and nobody else's. Announced by those that answer correctly.",
    }),
    clients: Type.Optional(
      Type.Array(PrefixText, {
        maxItems: 256,
        description: "Who may ask. Default: our own prefixes. Never everybody.",
      }),
    ),
    dns64: Type.Optional(
      Type.Object(
        {
          prefix: Type.Optional(
            Type.String({
              maxLength: 64,
              description: "Pref64 of synthesised answers (RFC 6147). Default: that of `nat64`.",
            }),
          ),
          ignoreAaaa: Type.Optional(
            Type.Array(Domain, {
              maxItems: 1024,
              description: "Names, with all below, whose own AAAA records are ignored: theirs do not work.",
            }),
          ),
          excludeAaaa: Type.Optional(
            Type.Array(PrefixText, {
              maxItems: 64,
              description:
                "AAAA records in these count for none (RFC 6147 section 5.1.4), beside ::ffff:0:0/96.",
            }),
          ),
        },
        { ...only, description: "Default: AAAA records are synthesised with the prefix of `nat64`." },
      ),
    ),
    roots: Type.Optional(
      Type.Record(Type.String({ pattern: DOMAIN_PATTERN }), Address, {
        ...only,
        maxProperties: 32,
        description: "Root servers, by name. Default: the Internet's, with DNSSEC validation.",
      }),
    ),
    check: Type.Optional(
      Type.Array(Domain, {
        maxItems: 8,
        description:
          "Names asked all the time: a resolver that answers none of them is withdrawn. Take some of different servers; default: only what it answers by itself.",
      }),
    ),
    forward: Type.Optional(zones("Zones whose questions go to these resolvers. `.` is everything.")),
    stub: Type.Optional(zones("Zones whose authoritative servers are these.")),
  },
  { ...only, description: "What the nodes of role `resolver` do." },
);
export type ResolverFile = Static<typeof ResolverFile>;

const Nat64File = Type.Object(
  {
    prefix: Type.String({
      maxLength: 64,
      description: "Pref64 (RFC 6052): inside `prefixes`, or 64:ff9b::/96.",
    }),
    prefer: Type.Optional(
      Type.Array(Type.String({ maxLength: 63 }), {
        maxItems: 8,
        description:
          "Nodes of role `nat64`: the first that works carries all traffic, whatever plane it comes by. Default: in the order of the file.",
      }),
    ),
    check: Type.Optional(
      Type.Array(Address4Text, {
        maxItems: 8,
        description:
          "IPv4 hosts outside that answer echoes: a translator that reaches none of them is withdrawn. Take some of different networks.",
      }),
    ),
    internal: Type.Optional(
      Type.String({
        maxLength: 18,
        default: DEFAULT_SERVICES.internal,
        description:
          "IPv4 prefix that clients have inside a translator, one address each; seen by nobody. Its size limits how many there are at a time.",
      }),
    ),
  },
  { ...only, description: "Stateful NAT64 (RFC 6146) by the nodes of role `nat64`." },
);
export type Nat64File = Static<typeof Nat64File>;

const SiitDcFile = Type.Object(
  {
    prefix: Type.String({
      maxLength: 64,
      description:
        "Pref64 by which IPv4 clients are seen (RFC 7755): inside `prefixes`; not that of `nat64`.",
    }),
  },
  { ...only, description: "SIIT-DC by the nodes of role `siit-dc`; a node's `publish` uses it." },
);
export type SiitDcFile = Static<typeof SiitDcFile>;

export const ServicesFile = Type.Object(
  {
    resolver: Type.Optional(ResolverFile),
    nat64: Type.Optional(Nat64File),
    "siit-dc": Type.Optional(SiitDcFile),
    access: Type.Optional(AccessFile),
  },
  { ...only, description: "DNS64, NAT64, SIIT-DC and access for users, by the nodes that have these roles." },
);
export type ServicesFile = Static<typeof ServicesFile>;

export const PublishFile = Type.Object(
  {
    v4: Address4Text,
    address: Type.Optional(
      Type.String({ maxLength: 64, description: "In a prefix of this node. Default: its loopback." }),
    ),
  },
  only,
);
