import { type Static, Type } from "@sinclair/typebox";

/** What a home router's status page tells, as the running agent knows it: no secret is among it. */

const Text = Type.String({ maxLength: 512 });
const Address = Type.String({ maxLength: 64 });
const Life = Type.Union([Type.Literal("alive"), Type.Literal("dead"), Type.Literal("unknown")]);

export const HomeTunnelState = Type.Object({
  id: Type.String({ maxLength: 16 }),
  /** Of the access router, or its SID. */
  remote: Address,
  prefixes: Type.Array(Address, { maxItems: 16 }),
  /** Address of this router's uplink that it begins at; absent: there is none to begin at. */
  local: Type.Optional(Address),
  /** Whether what is beyond it answers; `unknown`: nobody asked yet. */
  life: Life,
});
export type HomeTunnelState = Static<typeof HomeTunnelState>;

export const HomeHealth = Type.Object({
  /** Wall clock, milliseconds. */
  startedMs: Type.Number(),
  state: Type.Union([
    Type.Literal("good"),
    Type.Literal("poor"),
    Type.Literal("bad"),
    Type.Literal("unknown"),
  ]),
  /** In English, the gravest first. */
  verdicts: Type.Array(Text, { maxItems: 8 }),
});
export type HomeHealth = Static<typeof HomeHealth>;

export const HomeFacts = Type.Object({
  node: Type.String({ maxLength: 64 }),
  version: Type.String({ maxLength: 128 }),
  controllerUp: Type.Boolean(),
  /** Of the document that is held; 0: none has come yet. */
  generation: Type.Integer({ minimum: 0 }),
  tunnels: Type.Array(HomeTunnelState, { maxItems: 8 }),
  resolvers: Type.Array(Address, { maxItems: 4 }),
  pref64: Type.Optional(Address),
  /** What the agent could not do, in English. */
  errors: Type.Array(Text, { maxItems: 8 }),
  /** Of the look by which the agent's schedule last judged. */
  health: Type.Optional(HomeHealth),
});
export type HomeFacts = Static<typeof HomeFacts>;

/** What is known of this router when the page is asked for; without an agent, why that is. */
export type HomeView =
  | { readonly facts: HomeFacts; readonly health: HomeHealth | undefined }
  | {
      readonly facts?: never;
      /** `enrolling`: the claim has not been used yet; `reset`: nobody has enrolled since; `silent`: nobody answers. */
      readonly absent: "enrolling" | "reset" | "silent";
      readonly health: HomeHealth | undefined;
    };
