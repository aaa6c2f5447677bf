import { Dice, mutate } from "./mutate.ts";
import { mutateJson } from "./mutate-json.ts";
import type { FuzzTarget } from "./targets.ts";

export interface FuzzResult {
  readonly name: string;
  readonly cases: number;
  /** Cases that were refused with an error that the target may throw. */
  readonly refused: number;
  readonly seconds: number;
  readonly fault: FuzzFault | null;
}

export interface FuzzFault {
  /** Of this target and this seed: which case it was. */
  readonly at: number;
  readonly input: string;
  readonly error: string;
}

/** Spoils seeds and runs the target on them until a case ends in what it may not throw. The same seed, the same cases. */
export function fuzz(target: FuzzTarget, cases: number, seed: number): FuzzResult {
  const dice = new Dice(seed);
  const wanted = Math.max(1, Math.ceil(cases / (target.cost ?? 1)));
  const started = performance.now();
  let refused = 0;
  let fault: FuzzFault | null = null;
  let done = 0;
  for (; done < wanted && fault === null; done++) {
    const input = spoil(target, dice);
    try {
      target.run(input);
    } catch (error) {
      if (target.throws.some((type) => error instanceof type)) refused++;
      else {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        fault = { at: done, input: Buffer.from(input).toString("hex"), error: text };
      }
    }
  }
  return { name: target.name, cases: done, refused, seconds: (performance.now() - started) / 1000, fault };
}

/** JSON is spoiled as text and, three times in four, as values: else little of it would get past the parser. */
function spoil({ seeds, json }: FuzzTarget, dice: Dice): Uint8Array {
  if (json !== true || dice.below(4) === 0) return mutate(seeds, dice);
  return Buffer.from(mutateJson(Buffer.from(dice.pick(seeds)).toString("utf8"), dice));
}
