/** What the capture knows of a segment besides its octets. */
export interface SegmentMeta {
  readonly rows: number;
  /** Least and greatest time of a row, ns, UTC; both 0 where there is no row. */
  readonly leastNs: bigint;
  readonly greatestNs: bigint;
}

/**
 * Where the capture puts what it has. Segments come in the order of their ends, on the main thread; one is at most some MB,
 * at most a few a second and at least one a minute. The octets are the spool's from then on.
 */
export interface DnsSpool {
  /**
   * Takes a segment. Resolves when it survives the loss of power, or rejects when it does not and is lost: the
   * capture counts its rows (`rowsLost`) and goes on. With eight not yet resolved the capture counts further ones as lost.
   */
  put(segment: Uint8Array, meta: SegmentMeta): Promise<void>;
}
