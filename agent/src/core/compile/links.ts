/** What is known of the machine's links when the desired state is worked out. */
export interface LinkFact {
  /** Administratively up, with carrier, and the neighbour not known to be silent. */
  readonly usable: boolean;
  /** Why SIDs that lead out by this link are plain lookups although it is usable: nobody is there who would take the packets. */
  readonly lookup?: string;
}

export type LinkFacts = ReadonlyMap<string, LinkFact>;

export function usable(links: LinkFacts, name: string): boolean {
  return links.get(name)?.usable ?? false;
}
