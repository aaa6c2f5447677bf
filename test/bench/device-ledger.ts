/** Which device each route leaves by: route → nexthop object → device. Pure; fed with what the kernel says. */
export class DeviceLedger {
  readonly #devices = new Map<number, number>();
  readonly #routes = new Map<string, number>();
  /** How many routes use an object. */
  readonly #users = new Map<number, number>();

  deviceOf(nexthopId: number): number | undefined {
    return this.#devices.get(nexthopId);
  }

  /** An object is made, replaced, or gone (no device). Returns how many routes leave by another device now. */
  nexthop(id: number, device: number | undefined): number {
    const before = this.#devices.get(id);
    if (device === undefined) this.#devices.delete(id);
    else this.#devices.set(id, device);
    return before === device ? 0 : (this.#users.get(id) ?? 0);
  }

  /** A route is made, replaced, or gone (no object). Returns whether it leaves by another device now. */
  route(destination: string, nexthopId: number | undefined): boolean {
    const before = this.#routes.get(destination);
    if (before !== undefined) this.#use(before, -1);
    if (nexthopId === undefined) this.#routes.delete(destination);
    else {
      this.#routes.set(destination, nexthopId);
      this.#use(nexthopId, 1);
    }
    return (before === undefined ? undefined : this.deviceOf(before)) !== this.deviceOf(nexthopId ?? -1);
  }

  #use(id: number, by: 1 | -1): void {
    this.#users.set(id, (this.#users.get(id) ?? 0) + by);
  }
}
