/**
 * What a section `epe` means where it is silent. Chosen so that doing nothing is the rule: a gain must be worth three milliseconds
 * and five per cent, be there for minutes, and stay there after the move.
 */
export const DEFAULT_EPE = {
  measure: {
    cycleS: 30,
    probes: 5,
    timeoutMs: 1000,
    size: 104,
    maxPacketsPerS: 1000,
    maxPacketsPerDestinationPerS: 5,
  },
  maxDestinations: 10_000,
  source: { refreshS: 3600, maxBytes: 1_048_576, maxEntries: 10_000 },
  weights: { rtt: 1, jitter: 0.5, lossPercent: 10, asPathHop: 0, cost: 0 },
  peer: { cost: 0 },
  capacity: { detourAtPercent: 90, restoreAtPercent: 70 },
  unannounced: "never",
  decide: {
    cycles: 30,
    lossCycles: 120,
    error: 0.002,
    minimumGainMs: 3,
    minimumGainPercent: 5,
    keepGainMs: 1,
    holdS: 300,
    stableS: 120,
    checkCycles: 6,
    rememberS: 3600,
    rememberMaxS: 86_400,
    maxMovesPerCycle: 100,
    maxMbpsPerCycle: 1000,
    ageCycles: 20,
    keepS: 3600,
  },
} as const;

/** Rules of one file. */
export const MAX_EPE_RULES = 64;
