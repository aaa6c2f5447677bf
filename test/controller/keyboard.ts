import type { Locator, Page } from "playwright-core";

/** More stops than any page of ours has. */
const STOPS = 150;

/**
 * Uses a page by its keys alone, as who cannot use a mouse does: what is wanted is reached by Tab, wherever the focus is. Throws where it
 * cannot be reached.
 */
export class Keyboard {
  readonly #page: Page;
  #pressed = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Keys pressed until now; a typed text counts as one. */
  get pressed(): number {
    return this.#pressed;
  }

  async press(key: string): Promise<void> {
    this.#pressed++;
    await this.#page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    this.#pressed++;
    await this.#page.keyboard.type(text);
  }

  /** Goes from stop to stop until this one has the focus. */
  async reach(wanted: Locator): Promise<void> {
    await wanted.waitFor();
    for (let stop = 0; stop <= STOPS; stop++) {
      if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return;
      await this.press("Tab");
    }
    throw new Error(`no ${STOPS} Tabs lead to ${wanted.toString()}`);
  }

  /** Activates a button or a link. */
  async activate(wanted: Locator): Promise<void> {
    await this.reach(wanted);
    await this.press("Enter");
  }

  /** Replaces what is in a field. */
  async fill(field: Locator, text: string): Promise<void> {
    await this.reach(field);
    await this.press("Control+a");
    await this.type(text);
  }
}
