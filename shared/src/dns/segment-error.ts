import { VsixError } from "../errors/vsix-error.ts";

export type DnsSegmentFault =
  | "not-a-segment"
  | "unknown-version"
  | "cut-short"
  | "over-limit"
  | "bad-column"
  | "bad-index";

/** Why octets are no segment of captured DNS pairs. */
export class DnsSegmentError extends VsixError<`dns-segment-${DnsSegmentFault}`> {
  constructor(fault: DnsSegmentFault, message: string, options?: { readonly cause?: unknown }) {
    super(`dns-segment-${fault}`, message, options);
    this.name = "DnsSegmentError";
  }
}
