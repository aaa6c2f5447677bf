import type { DnsChunkHead } from "@vsix/shared/contract/up-dns.ts";

/** A batch whose chunks have all come. */
export interface WholeBatch {
  readonly node: string;
  readonly instance: string;
  readonly sequence: number;
  readonly sha256: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Half {
  readonly head: DnsChunkHead;
  readonly bytes: Uint8Array<ArrayBuffer>;
  have: number;
}

/**
 * Puts chunks together: one batch a node at a time, in order. A chunk that does not follow, and everything beyond the bound
 * over all nodes, is let go of: the node sends its batch again.
 */
export class BatchAssembler {
  readonly #maxOctets: number;
  readonly #halves = new Map<string, Half>();
  #octets = 0;

  /** @param maxOctets of batches that are not whole yet, over all nodes */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /** Octets that are held. */
  get octets(): number {
    return this.#octets;
  }

  /** The batch that this chunk completes, "more" where some are missing, or why it is let go of. */
  take(head: DnsChunkHead, octets: Uint8Array): WholeBatch | "more" | "no-room" | "out-of-order" {
    const { node, offset, total } = head;
    if (offset === 0) {
      this.drop(node);
      if (this.#octets + total > this.#maxOctets) return "no-room";
      this.#halves.set(node, { head, bytes: new Uint8Array(total), have: 0 });
      this.#octets += total;
    }
    const half = this.#halves.get(node);
    if (half === undefined || half.have !== offset || !sameBatch(half.head, head)) return "out-of-order";
    half.bytes.set(octets, offset);
    half.have += octets.length;
    if (half.have < total) return "more";
    this.drop(node);
    const { instance, sequence, sha256 } = head;
    return { node, instance, sequence, sha256, bytes: half.bytes };
  }

  /** Lets go of what a node has begun. */
  drop(node: string): void {
    const half = this.#halves.get(node);
    if (half === undefined) return;
    this.#octets -= half.head.total;
    this.#halves.delete(node);
  }
}

function sameBatch(a: DnsChunkHead, b: DnsChunkHead): boolean {
  return (
    a.instance === b.instance && a.sequence === b.sequence && a.total === b.total && a.sha256 === b.sha256
  );
}
