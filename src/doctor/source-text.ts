import { ts } from 'ts-morph';

/** Steps through the syntax of one file, all checks together: a file that is made to take long is given up. */
const patience = 20_000_000;

/** One file of the server, as syntax: nothing of it is run, no types are known. */
export class SourceText {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  #steps = 0;
  #calls: readonly ts.CallExpression[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  }

  /** The line of the first syntax error; undefined when there is none. */
  get brokenAt(): number | undefined {
    const diagnostics: unknown = Reflect.get(this.tree, 'parseDiagnostics');
    const first: unknown = Array.isArray(diagnostics) ? diagnostics[0] : undefined;
    if (typeof first !== 'object' || first === null) return undefined;
    const start: unknown = Reflect.get(first, 'start');
    return this.tree.getLineAndCharacterOfPosition(typeof start === 'number' ? start : 0).line + 1;
  }

  /** Every call, in the order of the text. */
  get calls(): readonly ts.CallExpression[] {
    this.#calls ??= this.all(ts.isCallExpression);
    return this.#calls;
  }

  /**
   * Every node of a kind, in the order of the text.
   * @throws Error when the file takes too long.
   */
  all<N extends ts.Node>(isKind: (node: ts.Node) => node is N, within: ts.Node = this.tree): N[] {
    const found: N[] = [];
    const waiting: ts.Node[] = [within];
    // No recursion: an expression may be nested as deeply as the file is long.
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if ((this.#steps += 1) > patience) throw new Error('it takes too long to look through');
      if (isKind(node)) found.push(node);
      const children: ts.Node[] = [];
      ts.forEachChild(node, (child) => void children.push(child));
      for (let index = children.length - 1; index >= 0; index -= 1) {
        const child = children[index];
        if (child !== undefined) waiting.push(child);
      }
    }
    return found;
  }
}
