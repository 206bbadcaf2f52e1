export class Store {
  readonly #items = new Map<string, string>();

  get(id: string): string | undefined {
    return this.#items.get(id);
  }
}
