import { Type } from "@sinclair/typebox";
import type { RememberedLink } from "../../core/advertise/told.ts";
import { CheckedFile } from "../../io/checked-file.ts";

const MAX_LINKS = 64;
const Name = Type.String({ minLength: 1, maxLength: 15 });
const Text = Type.String({ maxLength: 64 });
const Seconds = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });
const Link = Type.Object({
  saidMs: Type.Number(),
  object: Type.Object({
    interface: Name,
    intervalS: Seconds,
    lifetimeS: Seconds,
    preference: Type.Union([Type.Literal("high"), Type.Literal("medium"), Type.Literal("low")]),
    mtu: Type.Union([Seconds, Type.Null()]),
    prefixes: Type.Array(
      Type.Object({
        prefix: Text,
        onLink: Type.Boolean(),
        autonomous: Type.Boolean(),
        preferredS: Seconds,
        validS: Seconds,
      }),
      { maxItems: 64 },
    ),
    resolvers: Type.Array(Text, { maxItems: 64 }),
    resolversS: Seconds,
    pref64: Type.Union([Text, Type.Null()]),
    pref64S: Seconds,
  }),
  endings: Type.Array(
    Type.Object({
      kind: Type.Union([Type.Literal("prefix"), Type.Literal("resolver"), Type.Literal("pref64")]),
      text: Text,
      onLink: Type.Boolean(),
      leftMs: Type.Number({ minimum: 0, maximum: 4.3e12 }),
    }),
    { maxItems: 64 },
  ),
});
const Memory = Type.Object({ version: Type.Literal(1), links: Type.Array(Link, { maxItems: MAX_LINKS }) });

export interface ReadLinks {
  readonly links: readonly RememberedLink[];
  /** Something could not be read; what is lost is that ends are told of what was told before. */
  readonly fault: string | undefined;
}

/** What hosts of this node's LANs were told, over a restart and a power cut: one file, mode 0600, whole or the one before. */
export class AdvertisedMemory {
  readonly #file: CheckedFile<typeof Memory>;

  constructor(file: string) {
    this.#file = new CheckedFile(file, Memory);
  }

  read(): ReadLinks {
    const { value, fault } = this.#file.read();
    const links = (value?.links ?? []).map(({ object, ...link }) => ({
      ...link,
      object: { ...object, mtu: object.mtu ?? undefined, pref64: object.pref64 ?? undefined },
    }));
    return { links, fault };
  }

  /** Throws what the disk says; then what was there before is there still. */
  write(links: readonly RememberedLink[]): void {
    this.#file.write({
      version: 1,
      links: links.slice(0, MAX_LINKS).map(({ saidMs, object, endings }) => ({
        saidMs,
        object: {
          ...object,
          mtu: object.mtu ?? null,
          pref64: object.pref64 ?? null,
          prefixes: [...object.prefixes],
          resolvers: [...object.resolvers],
        },
        endings: [...endings],
      })),
    });
  }
}
