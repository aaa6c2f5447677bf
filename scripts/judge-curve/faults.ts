/** What is wrong with the new plane. */
export interface Fault {
  readonly name: string;
  /** Of every target, or of one. */
  readonly targets: "all" | "one";
  readonly loss?: number;
  /** Mean length of a burst of losses; single losses without. */
  readonly burst?: number;
  readonly addedMs?: number;
  readonly dead?: boolean;
  /** The traced path is not the expected one; prefixes are missing. */
  readonly wrongPath?: boolean;
  readonly withdrawn?: boolean;
  /** Appears at some time during the second step, not with the change. */
  readonly late?: boolean;
  /** What we promise to see: counted towards the aim. */
  readonly aim: boolean;
}

export const HEALTHY: Fault = { name: "none", targets: "all", aim: true };

const plane = (name: string, rest: Omit<Fault, "name" | "targets" | "aim">, aim = true): Fault => ({
  name,
  targets: "all",
  aim,
  ...rest,
});
const single = (name: string, rest: Omit<Fault, "name" | "targets" | "aim">, aim = false): Fault => ({
  name,
  targets: "one",
  aim,
  ...rest,
});

/** Every fault that the curve is of. */
export const FAULTS: readonly Fault[] = [
  HEALTHY,
  plane("loss 0.25 %", { loss: 0.0025 }, false),
  plane("loss 0.5 %", { loss: 0.005 }, false),
  plane("loss 1 %", { loss: 0.01 }),
  plane("loss 1 %, bursts of 4", { loss: 0.01, burst: 4 }),
  plane("loss 2 %", { loss: 0.02 }),
  plane("loss 2 %, bursts of 4", { loss: 0.02, burst: 4 }),
  plane("loss 5 %", { loss: 0.05 }),
  plane("+1 ms", { addedMs: 1 }, false),
  plane("+2 ms", { addedMs: 2 }, false),
  plane("+5 ms", { addedMs: 5 }),
  plane("+15 ms", { addedMs: 15 }),
  plane("loss 1 %, from the second step on", { loss: 0.01, late: true }),
  plane("+5 ms, from the second step on", { addedMs: 5, late: true }),
  single("one target: black hole", { dead: true }, true),
  single("one target: loss 1 %", { loss: 0.01 }),
  single("one target: loss 2 %", { loss: 0.02 }),
  single("one target: loss 5 %", { loss: 0.05 }, true),
  single("one target: +5 ms", { addedMs: 5 }, true),
  single("one target: +15 ms", { addedMs: 15 }, true),
  plane("wrong path", { wrongPath: true }),
  plane("prefix withdrawn", { withdrawn: true }),
];
