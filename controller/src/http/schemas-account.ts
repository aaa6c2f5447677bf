import { type Static, Type } from "@sinclair/typebox";
import {
  ACCOUNT_STATES,
  type AccountState,
  APPLICATION_ACTIONS,
  APPLICATION_STATES,
  type ApplicationAction,
  type ApplicationState,
  ROLES,
  type Role,
} from "../core/access/applications.ts";
import { APPROVALS, type Approval, SERVICES, type Service } from "../core/access/services.ts";
import { harmlessText, maybe, Name, Note } from "./schemas-address.ts";

/** Bodies and answers about users, projects, services and applications. */

const words = <T extends string>(list: readonly T[]) => Type.Unsafe<T>(Type.String({ enum: [...list] }));
const Closed = { additionalProperties: false };
const Limit = Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 });
const Text = harmlessText(256);

export const NameParams = Type.Object({ name: Name });
export const MemberParams = Type.Object({ name: Name, user: Name });

const life = {
  state: words<AccountState>(ACCOUNT_STATES),
  reason: Type.String(),
  since: Type.String(),
  createdAt: Type.String(),
  createdBy: Type.String(),
};

export const AccountBody = Type.Object(
  {
    name: Name,
    display: Text,
    email: Type.Optional(Type.String({ maxLength: 254, pattern: "^[!-?A-~]{1,64}@[!-?A-~]{1,189}$" })),
  },
  Closed,
);
const account = { name: Type.String(), display: Type.String(), email: maybe(Type.String()), ...life };
export const AccountAnswer = Type.Object(account);
export type AccountAnswer = Static<typeof AccountAnswer>;
export const AccountsQuery = Type.Object({ after: Type.Optional(Name), limit: Limit });
export const AccountsAnswer = Type.Object({ users: Type.Array(AccountAnswer) });

const QuotaAnswer = Type.Object({
  service: words<Service>(SERVICES),
  approval: words<Approval>(APPROVALS),
  used: Type.Integer(),
  limit: maybe(Type.Integer()),
  /** False: what the policy of the service says. */
  own: Type.Boolean(),
});
export type QuotaAnswer = Static<typeof QuotaAnswer>;
const quotas = { quotas: Type.Array(QuotaAnswer) };

export const AccountFullAnswer = Type.Object({
  ...account,
  projects: Type.Array(Type.Object({ project: Type.String(), role: words<Role>(ROLES) })),
  ...quotas,
});
export type AccountFullAnswer = Static<typeof AccountFullAnswer>;

export const StateBody = Type.Object({ state: words<AccountState>(ACCOUNT_STATES), reason: Note }, Closed);

export const ProjectBody = Type.Object({ name: Name, description: Text, owner: Type.Optional(Name) }, Closed);
const project = { name: Type.String(), description: Type.String(), ...life };
export const ProjectAnswer = Type.Object(project);
export type ProjectAnswer = Static<typeof ProjectAnswer>;
export const ProjectsAnswer = Type.Object({ projects: Type.Array(ProjectAnswer) });
export const ProjectFullAnswer = Type.Object({
  ...project,
  members: Type.Array(Type.Object({ user: Type.String(), role: words<Role>(ROLES) })),
  ...quotas,
});
export type ProjectFullAnswer = Static<typeof ProjectFullAnswer>;
export const MemberBody = Type.Object({ user: Name, role: words<Role>(ROLES) }, Closed);

const Most = Type.Union([Type.Integer({ minimum: 0, maximum: 1_000_000 }), Type.Null()]);
/** Without `most`, what the policy of the service says holds again. */
export const QuotaBody = Type.Object(
  { service: words<Service>(SERVICES), most: Type.Optional(Most) },
  Closed,
);

const Gives = Type.Unsafe<"address" | "network">(Type.String({ enum: ["address", "network"] }));
const Lifetime = Type.Union([Type.Integer({ minimum: 60, maximum: 315_360_000 }), Type.Null()]);
export const ServiceParams = Type.Object({ name: words<Service>(SERVICES) });
export const PolicyBody = Type.Partial(
  Type.Object(
    {
      approval: words<Approval>(APPROVALS),
      perUser: Most,
      perProject: Most,
      total: Most,
      lifetimeS: Lifetime,
      gives: Gives,
    },
    Closed,
  ),
);
export const PolicyAnswer = Type.Object({
  service: words<Service>(SERVICES),
  approval: words<Approval>(APPROVALS),
  perUser: maybe(Type.Integer()),
  perProject: maybe(Type.Integer()),
  total: maybe(Type.Integer()),
  lifetimeS: maybe(Type.Integer()),
  gives: Gives,
});
export type PolicyAnswer = Static<typeof PolicyAnswer>;
export const PoliciesAnswer = Type.Object({ services: Type.Array(PolicyAnswer) });

const ends = {
  /** Where the user's router is: tunnels and SRv6 access. */
  endpoint: Type.Optional(Type.String({ minLength: 2, maxLength: 64 })),
  /** Of the device, made there: remote access VPN. Its private key is never sent. */
  publicKey: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
};
const wish = {
  service: words<Service>(SERVICES),
  device: Name,
  project: Type.Optional(Name),
  site: Type.Optional(Name),
  ...ends,
  note: Note,
};
export const OwnApplicationBody = Type.Object(wish, Closed);
export const ApplicationBody = Type.Object({ user: Name, ...wish }, Closed);
export const EndsBody = Type.Object(ends, Closed);

export const ApplicationAnswer = Type.Object({
  id: Type.Integer(),
  service: words<Service>(SERVICES),
  user: Type.String(),
  project: maybe(Type.String()),
  device: Type.String(),
  site: maybe(Type.String()),
  state: words<ApplicationState>(APPLICATION_STATES),
  since: Type.String(),
  reason: Type.String(),
  /** While it is suspended: a user may resume what a user did. */
  suspendedBy: maybe(words<"user" | "operator">(["user", "operator"])),
  /** Why it is not served although it is active; null: nothing holds it. */
  held: maybe(Type.String()),
  lacks: maybe(Type.String()),
  prefixes: Type.Array(Type.String()),
  endpoint: maybe(Type.String()),
  endpointAt: maybe(Type.String()),
  publicKey: maybe(Type.String()),
  /** Whether there is a key that updates its endpoint. */
  updateKey: Type.Boolean(),
  /** The name under which its device enrols. */
  node: maybe(Type.String()),
  expiresAt: maybe(Type.String()),
  createdAt: Type.String(),
  note: Type.String(),
  /** The access point that serves it; null: none does. */
  point: maybe(Type.String()),
  /** Why no router is to serve it although it should be served; null: nothing keeps it. */
  waiting: maybe(Type.String()),
  /** Routers that serve it, or are to. */
  routers: Type.Array(
    Type.Object({
      router: Type.String(),
      state: words<"pending" | "served" | "failed" | "ending">(["pending", "served", "failed", "ending"]),
      since: Type.String(),
      reason: Type.String(),
    }),
  ),
  /** What routers counted since they serve it, all together; null: nothing yet. */
  use: maybe(
    Type.Object({
      /** From the user. Null: nobody counts packets of a VPN device. */
      rxPackets: maybe(Type.Number()),
      rxOctets: Type.Number(),
      txPackets: maybe(Type.Number()),
      txOctets: Type.Number(),
      handshakeAt: maybe(Type.String()),
      leaseUntil: maybe(Type.String()),
      activeAt: maybe(Type.String()),
    }),
  ),
});
export type ApplicationAnswer = Static<typeof ApplicationAnswer>;
export const ApplicationsAnswer = Type.Object({ applications: Type.Array(ApplicationAnswer) });

export const ApplicationsQuery = Type.Object({
  user: Type.Optional(Name),
  project: Type.Optional(Name),
  service: Type.Optional(words<Service>(SERVICES)),
  state: Type.Optional(words<ApplicationState>(APPLICATION_STATES)),
  /** Only those of a higher number. */
  after: Type.Optional(Type.Integer({ minimum: 0 })),
  limit: Limit,
});

/** What a VPN device has to be told; its private key never leaves it. */
export const VpnAnswer = Type.Object({
  application: Type.Integer(),
  point: Type.String(),
  endpoint: Type.String(),
  /** The same by IPv4, through SIIT-DC; null: not published there. */
  endpoint4: maybe(Type.String()),
  port: Type.Integer(),
  /** Of the routers. */
  publicKey: Type.String(),
  devicePublicKey: Type.String(),
  presharedKey: Type.String(),
  addresses: Type.Array(Type.String()),
  mtu: Type.Integer(),
  resolvers: Type.Array(Type.String()),
});
export type VpnAnswer = Static<typeof VpnAnswer>;

/** What the router at a tunnel's far end has to be told. */
export const TunnelAnswer = Type.Object({
  application: Type.Integer(),
  point: Type.String(),
  /** The user's router. */
  local: Type.String(),
  remote: Type.String(),
  mtu: Type.Integer(),
  hopLimit: Type.Integer(),
  /** Prefixes are told within the tunnel by DHCPv6 too. */
  delegation: Type.Boolean(),
  prefixes: Type.Array(Type.String()),
  resolvers: Type.Array(Type.String()),
});
export type TunnelAnswer = Static<typeof TunnelAnswer>;

export const IdParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2 ** 50 }) });
export const ActParams = Type.Object({
  ...IdParams.properties,
  action: words<ApplicationAction>(APPLICATION_ACTIONS),
});
export const ReasonBody = Type.Object({ reason: Note }, Closed);

export const KeyAnswer = Type.Object({ application: Type.Integer(), key: Type.String() });
export const DeviceClaimBody = Type.Object(
  {
    ttlS: Type.Integer({ minimum: 10, maximum: 30 * 86_400, default: 86_400 }),
    url: Type.Optional(Type.String({ maxLength: 512, format: "uri", pattern: "^https://" })),
    /** For a device that has enrolled already and shall be replaced. */
    again: Type.Boolean({ default: false }),
  },
  Closed,
);
export const DeviceClaimAnswer = Type.Object({
  node: Type.String(),
  token: Type.String(),
  expires: Type.String(),
});

export const UserTokenBody = Type.Object(
  {
    label: Type.String({ pattern: "^[a-z0-9][a-z0-9._-]{0,31}$" }),
    /** Seconds; at most ten years. Without it, the token does not expire. */
    expiresInS: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000 })),
  },
  Closed,
);
export const UserTokenParams = Type.Object({ name: Name, label: Type.String({ maxLength: 32 }) });
export const OwnTokenParams = Type.Object({ label: Type.String({ maxLength: 32 }) });

export const EndpointBody = Type.Object(
  {
    application: Type.Integer({ minimum: 1, maximum: 2 ** 50 }),
    key: Type.String({ maxLength: 64 }),
    endpoint: Type.String({ minLength: 2, maxLength: 64 }),
    /** Grows from update to update: none is taken twice. */
    number: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 50 })),
  },
  Closed,
);
export const EndpointAnswer = Type.Object({ endpoint: Type.String(), changed: Type.Boolean() });
