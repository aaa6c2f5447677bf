/**
 * Private keys that this page has made, by the number of the application: in its memory alone, and gone when the tab is closed or
 * loaded anew.
 */
const keys = new Map<number, string>();

export function keepKey(application: number, privateKey: string): void {
  keys.set(application, privateKey);
}

export function keptKey(application: number): string | undefined {
  return keys.get(application);
}
