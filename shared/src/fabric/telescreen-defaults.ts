/** Of section `telescreen`. */
export const DEFAULT_TELESCREEN = { ports: [53], timeoutMs: 10_000, flushMs: 10_000 } as const;

/** Memory by what a node sees: 32 MB of ring hold 0.4 s of 400,000 packets a second. */
export const CAPTURE_SIZES = {
  router: { ringKb: 32_768, waiting: 65_536, rows: 65_536, spoolMb: 1024 },
  home: { ringKb: 2048, waiting: 2048, rows: 8192, spoolMb: 64 },
} as const;
