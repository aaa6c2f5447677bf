import { codeOf } from "./time-code.ts";
import { type CycleView, FLAG, lostIn, sentIn, tell } from "./view.ts";

/** A view for tests from what each cell saw, cycle by cycle, the newest first: slot 0 is the newest, a cell is a peer of one destination. */
export function viewOf(given: {
  readonly rttMs: readonly (readonly number[])[];
  readonly jitterMs?: readonly (readonly number[])[];
  readonly sent?: number;
  readonly lost?: readonly (readonly number[])[];
  readonly flags?: readonly (readonly number[])[];
}): CycleView {
  const { rttMs, jitterMs, sent = 5, lost, flags } = given;
  const slots = rttMs[0]?.length ?? 0;
  const list = (of: (cell: number, slot: number) => number): Uint16Array =>
    Uint16Array.from(rttMs.flatMap((cycles, cell) => cycles.map((_, slot) => of(cell, slot))));
  const told = list((cell, slot) => tell(sent, lost?.[cell]?.[slot] ?? 0, flags?.[cell]?.[slot] ?? 0));
  const sums = (of: (told: number) => number): Uint16Array =>
    Uint16Array.from(rttMs, (_, cell) =>
      told.subarray(cell * slots, (cell + 1) * slots).reduce((sum, one) => sum + of(one), 0),
    );
  return {
    cycles: Array.from({ length: slots }, (_, slot) => ({ slot, beganMs: -slot })),
    slots,
    peers: rttMs.map((_, cell) => `xe-1/${cell}`),
    rowOf: () => 0,
    rtts: list((cell, slot) => codeOf(rttMs[cell]?.[slot] ?? Number.NaN)),
    jitters: list((cell, slot) => codeOf(jitterMs?.[cell]?.[slot] ?? 0)),
    told,
    cyclesOf: sums((one) => (sentIn(one) > 0 ? 1 : 0)),
    sentOf: sums(sentIn),
    lostOf: sums(lostIn),
    fullsOf: sums((one) => ((one & FLAG.fullMask) === 0 ? 0 : 1)),
    fullsLostOf: sums((one) =>
      (one & FLAG.fullMask) === FLAG.lost || (one & FLAG.fullMask) === FLAG.tooBig ? 1 : 0,
    ),
    timesOf: Uint16Array.from(rttMs, (cycles) => cycles.filter((ms) => !Number.isNaN(ms)).length),
    straysOf: sums((one) => ((one & FLAG.stray) === 0 ? 0 : 1)),
    toldNow: Uint16Array.from(rttMs, (_, cell) => told[cell * slots] ?? 0),
    hopLimits: new Uint8Array(rttMs.length),
  };
}
