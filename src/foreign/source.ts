import { Project, type SourceFile, ts } from 'ts-morph';
import { Refusal } from '../errors.ts';

/** What the parser complained of: the compiler keeps it with the file. */
const syntaxErrors = (source: ts.SourceFile): readonly ts.Diagnostic[] => {
  const found: unknown = Reflect.get(source, 'parseDiagnostics');
  return Array.isArray(found) ? found : [];
};

/** Reads texts as syntax, without types: nothing of them is run, nothing else is loaded. */
export class Sources {
  readonly #project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true, skipFileDependencyResolution: true, compilerOptions: { noLib: true, noResolve: true } });

  parse(path: string, text: string): SourceFile {
    return this.#project.createSourceFile(`/${path}`, text, { overwrite: true });
  }

  /**
   * The same for a file that is going to be changed.
   * @throws Refusal that names the first syntax error.
   */
  parseValid(path: string, text: string): SourceFile {
    const first = syntaxErrors(ts.createSourceFile(path, text, ts.ScriptTarget.Latest)).at(0);
    if (first !== undefined) {
      const line = text.slice(0, first.start ?? 0).split('\n').length;
      throw new Refusal(`${path}:${line} has a syntax error: ${ts.flattenDiagnosticMessageText(first.messageText, ' ')} Nothing is changed in a file that does not parse.`);
    }
    return this.parse(path, text);
  }
}
