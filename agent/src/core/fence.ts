import { type Static, Type } from "@sinclair/typebox";
import { isOlder } from "./accept.ts";

/** One generation and what it says: `content` is the SHA-256 of the manifest's contentText. */
export const Mark = Type.Object({
  epoch: Type.Integer({ minimum: 1 }),
  generation: Type.Integer({ minimum: 1 }),
  content: Type.String({ pattern: "^[0-9a-f]{64}$" }),
});
export type Mark = Static<typeof Mark>;

export const Refused = Type.Composite([Mark, Type.Object({ at: Type.String(), reason: Type.String() })]);
export type Refused = Static<typeof Refused>;

/**
 * What a node remembers of generations, apart from the documents themselves: a folder that was put back to an older
 * state, a restart amid a trial and a generation that failed one are told by it. Replaced as a whole, never changed.
 */
export const Fence = Type.Object({
  /** Newest that was ever taken, on trial or for good. Nothing older is taken again. */
  mark: Type.Optional(Mark),
  /** What the document on disk should be. */
  holds: Type.Optional(Mark),
  /** Taken, and not confirmed: whoever finds this at a start goes back. `deadline` (RFC 3339) is for people. */
  trial: Type.Optional(Type.Composite([Mark, Type.Object({ deadline: Type.String() })])),
  /** Newest that was not confirmed. */
  refused: Type.Optional(Refused),
});
export type Fence = Static<typeof Fence>;

/** Taken for good. */
export function fenceTaken(fence: Fence, taken: Mark): Fence {
  const { trial: _over, ...rest } = fence;
  return { ...rest, mark: newest(fence.mark, taken), holds: taken };
}

/** On trial; what is held for good stays what it was. */
export function fenceTrial(fence: Fence, trial: Mark, deadline: string): Fence {
  return { ...fence, mark: newest(fence.mark, trial), trial: { ...trial, deadline } };
}

/** The trial is lost. Without one nothing changes. */
export function fenceTakenBack(fence: Fence, at: string, reason: string): Fence {
  const { trial, ...rest } = fence;
  if (trial === undefined) return fence;
  const { epoch, generation, content } = trial;
  return { ...rest, refused: { epoch, generation, content, at, reason } };
}

/**
 * At a start, with what the disk really holds. A trial that the document did not become is lost. Gives the fence from now
 * on and, when the disk holds less than it should, why.
 */
export function fenceAtStart(
  fence: Fence,
  held: Mark | undefined,
  at: string,
): { readonly fence: Fence; readonly fault: string | undefined } {
  const confirmed = held !== undefined && fence.trial !== undefined && !isOlder(held, fence.trial);
  const settled = confirmed ? fence : fenceTakenBack(fence, at, "the agent ended before it was confirmed");
  const { holds } = settled;
  if (held === undefined)
    return {
      fence: settled,
      fault:
        holds === undefined ? undefined : `the document of ${nameOf(holds)} that was held is not on disk`,
    };
  if (holds !== undefined && isOlder(held, holds))
    return {
      fence: settled,
      fault: `the document on disk is of ${nameOf(held)}, but ${nameOf(holds)} was held: the disk has gone back; it is used until that or a newer one comes`,
    };
  return { fence: fenceTaken(settled, held), fault: undefined };
}

export function nameOf({ epoch, generation }: Pick<Mark, "epoch" | "generation">): string {
  return `generation ${generation} of epoch ${epoch}`;
}

function newest(a: Mark | undefined, b: Mark): Mark {
  return a !== undefined && isOlder(b, a) ? a : b;
}
