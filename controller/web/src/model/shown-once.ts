/** What a one-time link shows: a file, with the name that it is to have. */
export interface ShownOnce {
  readonly name: string;
  readonly text: string;
}

const LINK = /^(vsixo_[A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** The part of a link behind `#`: what the controller is asked with, and the key that it never gets. */
export function fragmentOf(link: string, key: string): string {
  return `${link}.${key}`;
}

export function partsOf(fragment: string): { readonly link: string; readonly key: string } | undefined {
  const [, link, key] = LINK.exec(fragment) ?? [];
  return link === undefined || key === undefined ? undefined : { link, key };
}

/** Undefined where it is something else: whoever made the link may have made it by hand. */
export function parseShownOnce(text: string): ShownOnce | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("name" in value) || !("text" in value))
      return undefined;
    const { name, text: body } = value;
    if (typeof name !== "string" || typeof body !== "string" || !/^[\w.-]{1,64}$/.test(name))
      return undefined;
    return { name, text: body };
  } catch {
    return undefined;
  }
}

/** Whether a text is a configuration that the WireGuard application of a telephone reads. */
export function isWireGuard(text: string): boolean {
  return /^\[Interface\]$/m.test(text) && /^PrivateKey = /m.test(text);
}
