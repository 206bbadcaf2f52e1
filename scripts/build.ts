import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type OutputOptions, rolldown } from 'rolldown';
import { helpText } from '../src/flags.ts';
import { asciiJson, doctorsModule, plopfileModule, proseModule } from './build/assets.ts';
import { namedParts, readNotes } from './notes/parts.ts';
import { licences } from './build/licences.ts';
import { packed } from './build/pack.ts';
import { doctorFiles } from './catalogue/doctors.ts';
import { readCatalogue, repositoryRoot } from './catalogue/read.ts';

/**
 * Builds `dist/`: the command line as one bundle with chunks that are loaded when they are needed, the catalogue as
 * data, the Handlebars templates compiled. CommonJS, because it starts sooner than ES modules.
 */
const build = async (): Promise<void> => {
  const dist = path.join(repositoryRoot, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  const put = (name: string, text: string): void => writeFileSync(path.join(dist, name), text);

  const { catalogue, proseSources } = await readCatalogue();
  put('package.json', '{ "type": "commonjs" }\n');
  const { index, parts } = packed(catalogue);
  put('catalogue.json', asciiJson(index));
  put('notes.json', asciiJson(await readNotes(namedParts(catalogue))));
  mkdirSync(path.join(dist, 'parts'));
  for (const [name, text] of parts) put(`parts/${name}`, text);
  put('plopfile.js', plopfileModule);
  put('help.txt', helpText());

  /** What the command line imports before it does anything; the other entries may need more, and are loaded when they are. */
  const needed = new Set<string>();
  const prose = 'virtual:prose';
  const doctors = 'virtual:doctors';
  const bundle = await rolldown({
    cwd: repositoryRoot,
    input: { cli: 'src/cli.ts', prose, doctors },
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    plugins: [
      {
        name: 'prose',
        resolveId: (id) => (id === prose ? path.join(repositoryRoot, 'src/prose.virtual.js') : undefined),
        load: (id) => (id.endsWith('prose.virtual.js') ? proseModule(proseSources) : undefined),
      },
      {
        name: 'start',
        buildEnd() {
          const waiting = [path.join(repositoryRoot, 'src/cli.ts')];
          for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
            if (needed.has(id)) continue;
            needed.add(id);
            waiting.push(...(this.getModuleInfo(id)?.importedIds ?? []));
          }
        },
      },
      {
        name: 'doctors',
        resolveId: (id) => (id === doctors ? path.join(repositoryRoot, 'src/doctors.virtual.js') : undefined),
        load: (id) => (id.endsWith('doctors.virtual.js') ? doctorsModule(doctorFiles(Object.keys(catalogue.protections))) : undefined),
      },
    ],
  });
  // What every run needs is one file: each one more costs a start a third of a millisecond.
  const codeSplitting: OutputOptions['codeSplitting'] = { groups: [{ name: 'start', test: (id) => needed.has(id) }] };
  const { output } = await bundle.write({
    dir: dist,
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    minify: { compress: true, mangle: false, codegen: true },
    codeSplitting,
  });
  await bundle.close();

  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  put('THIRD-PARTY-LICENCES.txt', licences(modules));
};

await build();
