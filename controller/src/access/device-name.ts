/** The name under which the device of an application enrols and speaks. */
export function deviceNode(application: number): string {
  return `access-${application}`;
}

/** The application of such a name; undefined where it is none. */
export function applicationOf(node: string): number | undefined {
  const [, digits] = /^access-([1-9][0-9]{0,14})$/.exec(node) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
