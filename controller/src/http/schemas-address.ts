import { type Static, Type } from "@sinclair/typebox";
import { STRATEGIES, type Strategy } from "../core/access/blocks.ts";
import {
  DEFAULT_QUARANTINE_S,
  POOL_STATES,
  type PoolState,
  PURPOSES,
  type Purpose,
} from "../core/access/pools.ts";
import {
  PREFIX_ACTIONS,
  PREFIX_STATES,
  type PrefixAction,
  type PrefixState,
} from "../core/access/prefixes.ts";
import { SUBJECT_KINDS, type SubjectKind } from "../store/access/schema.ts";

/** Bodies and answers about pools and prefixes. */

const words = <T extends string>(list: readonly T[]) => Type.Unsafe<T>(Type.String({ enum: [...list] }));
const purposes = Object.keys(PURPOSES).filter((one): one is Purpose => Object.hasOwn(PURPOSES, one));

export const Name = Type.String({ pattern: "^[a-z0-9][a-z0-9._-]{0,62}$" });
export const PrefixText = Type.String({ minLength: 2, maxLength: 49 });
/** Of users too, and shown to operators: nothing in it moves a terminal's cursor or turns the direction of writing. */
const HARMLESS = "^[^\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]*$";
export const harmlessText = (maxLength: number) => Type.String({ maxLength, pattern: HARMLESS, default: "" });
export const Note = harmlessText(1024);
export const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

export const PoolBody = Type.Object(
  {
    name: Name,
    prefix: PrefixText,
    purpose: words<Purpose>(purposes),
    /** Of the prefixes given out; by default what the purpose says. */
    length: Type.Optional(Type.Integer({ minimum: 16, maximum: 128 })),
    /** Without it, the pool serves every site. */
    site: Type.Optional(Name),
    strategy: Type.Unsafe<Strategy>(Type.String({ enum: [...STRATEGIES], default: "first" })),
    quarantineS: Type.Integer({ minimum: 0, maximum: 315_360_000, default: DEFAULT_QUARANTINE_S }),
    note: Note,
  },
  { additionalProperties: false },
);

const Utilisation = Type.Object({
  capacity: Type.Number(),
  prefixes: Type.Object({
    reserved: Type.Integer(),
    active: Type.Integer(),
    quarantine: Type.Integer(),
    revoked: Type.Integer(),
  }),
  share: Type.Number(),
});

export const PoolAnswer = Type.Object({
  name: Type.String(),
  prefix: Type.String(),
  purpose: words<Purpose>(purposes),
  length: Type.Integer(),
  site: maybe(Type.String()),
  strategy: words<Strategy>(STRATEGIES),
  quarantineS: Type.Integer(),
  state: words<PoolState>(POOL_STATES),
  note: Type.String(),
  createdAt: Type.String(),
  createdBy: Type.String(),
  utilisation: Type.Optional(Utilisation),
});
export type PoolAnswer = Static<typeof PoolAnswer>;
export const PoolsAnswer = Type.Object({ pools: Type.Array(PoolAnswer) });

export const PoolParams = Type.Object({ name: Name });
export const PoolStateBody = Type.Object(
  { state: words<PoolState>(POOL_STATES) },
  { additionalProperties: false },
);

export const AllocateBody = Type.Object(
  {
    prefix: Type.Optional(PrefixText),
    length: Type.Optional(Type.Integer({ minimum: 16, maximum: 128 })),
    state: Type.Unsafe<"reserved" | "active">(
      Type.String({ enum: ["reserved", "active"], default: "active" }),
    ),
    note: Note,
  },
  { additionalProperties: false },
);

export const PrefixAnswer = Type.Object({
  prefix: Type.String(),
  pool: Type.String(),
  state: words<PrefixState>(PREFIX_STATES),
  since: Type.String(),
  until: maybe(Type.String()),
  user: maybe(Type.String()),
  project: maybe(Type.String()),
  application: maybe(Type.Integer()),
  note: Type.String(),
});
export type PrefixAnswer = Static<typeof PrefixAnswer>;

export const PrefixQuery = Type.Object({
  pool: Type.Optional(Name),
  state: Type.Optional(words<PrefixState>(PREFIX_STATES)),
  user: Type.Optional(Name),
  project: Type.Optional(Name),
  /** `next` of the answer before. */
  after: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$" })),
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 }),
});
export const PrefixesAnswer = Type.Object({
  prefixes: Type.Array(PrefixAnswer),
  /** Null: these were the last ones. */
  next: maybe(Type.String()),
});
export type PrefixesAnswer = Static<typeof PrefixesAnswer>;

export const FindQuery = Type.Object({ address: PrefixText });
export const FoundAnswer = Type.Object({ pool: PoolAnswer, prefix: maybe(PrefixAnswer) });
export type FoundAnswer = Static<typeof FoundAnswer>;

export const PrefixChangeBody = Type.Object(
  { prefix: PrefixText, action: words<PrefixAction>(PREFIX_ACTIONS), reason: Note },
  { additionalProperties: false },
);
export const PrefixChangedAnswer = Type.Object({
  prefix: Type.String(),
  state: words<PrefixState | "free">([...PREFIX_STATES, "free"]),
  until: maybe(Type.String()),
});
export type PrefixChangedAnswer = Static<typeof PrefixChangedAnswer>;

export const HistoryQuery = Type.Object({
  kind: Type.Optional(words<SubjectKind>(SUBJECT_KINDS)),
  /** A name; of a prefix also any address or prefix in it. */
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
});
export const EventsAnswer = Type.Object({
  events: Type.Array(
    Type.Object({
      id: Type.Integer(),
      at: Type.String(),
      who: Type.String(),
      kind: words<SubjectKind>(SUBJECT_KINDS),
      subject: Type.String(),
      what: Type.String(),
      detail: Type.Unknown(),
    }),
  ),
});
export type EventsAnswer = Static<typeof EventsAnswer>;
export type AccessEvent = EventsAnswer["events"][number];
