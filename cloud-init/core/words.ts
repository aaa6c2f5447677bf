import { type Static, Type } from "@sinclair/typebox";

/** Pieces that the files of all three kinds have in common. Keys that hold secrets are listed in {@link SECRET_KEYS}. */

export const only = { additionalProperties: false };

/** What stands under these is never repeated in a fault. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  "claim",
  "passphrase",
  "passwordHash",
  "config",
  "bundle",
]);

/** A secret, or the file that holds it: beside the YAML file, unless the path is absolute, and with mode 600. */
export const Secret = (description: string, maxLength: number) =>
  Type.Union(
    [
      Type.String({ minLength: 1, maxLength }),
      Type.Object({ file: Type.String({ minLength: 1, maxLength: 4096 }) }, only),
    ],
    { description: `${description}; or { file: PATH }` },
  );
export type Secret = string | { readonly file: string };

/** linux/if.h, IFNAMSIZ. */
export const Device = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9_.-]{0,14}$",
  description: "Name of a network device, at most 15 characters: eth0",
});
export const Mac = Type.String({
  pattern: "^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$",
  description: "Hardware address: 02:00:00:00:00:01",
});
export const HostName = Type.String({
  pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
  description: "One label: a-z, 0-9 and - within; at most 63 characters",
});

export const User = Type.Object(
  {
    name: Type.String({
      pattern: "^[a-z_][a-z0-9_-]{0,31}$",
      description: "A letter, then a-z, 0-9, _ or -; at most 32",
    }),
    sshKeys: Type.Optional(
      Type.Array(Type.String({ maxLength: 8192 }), {
        maxItems: 32,
        description: "Public keys, each a line as in authorized_keys",
      }),
    ),
    githubIds: Type.Optional(
      Type.Array(Type.String({ pattern: "^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}$" }), {
        maxItems: 16,
        description: "Accounts at GitHub whose keys may sign in; fetched at the first boot",
      }),
    ),
    passwordHash: Type.Optional(
      Type.String({
        maxLength: 512,
        description: "As `openssl passwd -6` prints it; for the console and sudo, never for SSH",
      }),
    ),
  },
  only,
);
export type User = Static<typeof User>;

export const System = Type.Object(
  {
    hostname: HostName,
    timezone: Type.Optional(
      Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_+/-]{0,63}$", description: "As in Asia/Tokyo" }),
    ),
    users: Type.Array(User, {
      minItems: 1,
      maxItems: 16,
      description: "Who may sign in, by SSH key or with a password that only the console takes",
    }),
    clock: Type.Optional(
      Type.Object(
        {
          servers: Type.Array(Type.String({ pattern: "^[A-Za-z0-9.:-]{1,253}$" }), {
            minItems: 1,
            maxItems: 8,
            description: "Names or addresses of NTP servers; they have to be reachable without IPv4",
          }),
        },
        only,
      ),
    ),
    upgrades: Type.Optional(
      Type.Union([Type.Literal("automatic"), Type.Literal("none")], {
        default: "automatic",
        description: "Security updates of Debian",
      }),
    ),
  },
  only,
);
export type System = Static<typeof System>;

/** One network device of a VM. */
export const Port = Type.Object(
  {
    name: Device,
    mac: Type.Optional(Mac),
    automatic: Type.Optional(
      Type.Boolean({ description: "Addresses and routes by router advertisements and DHCPv6" }),
    ),
    addresses: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 8,
        description: "With their lengths: 2001:db8::1/64",
      }),
    ),
    gateway: Type.Optional(Type.String({ maxLength: 64, description: "Default router" })),
  },
  only,
);
export type Port = Static<typeof Port>;

export const Network = Type.Object(
  {
    ports: Type.Array(Port, { minItems: 1, maxItems: 64 }),
    resolvers: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 4 })),
  },
  only,
);
export type Network = Static<typeof Network>;

export const ClaimField = Secret("The claim token of this node, one line that begins with vsix1.", 4096);
