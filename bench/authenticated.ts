import path from 'node:path';
import { type Target, targets } from '../src/manifest.ts';
import { allProtections, emitApp } from '../tests/emitted/emitted-app.ts';
import { type AppDatabase, type Person, addPeople, databases } from './people.ts';
import { cellsOf, loadInTurn, printHead, printRow, raisedLimits, start, stop } from './servers.ts';

/**
 * `[DATABASE_URL=postgres://owner@host/db] node bench/authenticated.ts [rounds] [seconds]`: somebody who is signed in reads a
 * document of theirs, in an app with every protection; against a bare server of the same framework that makes the same query.
 */
const [rounds = '7', seconds = '1'] = process.argv.slice(2);

const compare = async (target: Target, directory: string, database: AppDatabase, { cookie, documentId, userId }: Person): Promise<void> => {
  const question = { path: `/api/v1/documents/${documentId}`, headers: { cookie } };
  const given = { DOCUMENT_ID: documentId, OWNER_ID: userId, DATABASE_DIR: path.join(directory, 'data-of-bare'), ...database.env };
  const bare = await start(`bare ${target}`, import.meta.dirname, `bare-${target}.ts`, given);
  const app = await start(`emitted ${target}`, directory, path.join('src', 'server.ts'), { ...raisedLimits, ...database.env });
  const [ofBare = [], ofApp = []] = await loadInTurn([bare, app].map((server) => ({ server, question })), Number(rounds), Number(seconds));
  printRow([target, database.name, 'bare', ...cellsOf(ofBare, ofBare)]);
  printRow([target, database.name, 'every protection', ...cellsOf(ofBare, ofApp)]);
  for (const server of [bare, app]) stop(server);
};

printHead(['target', 'database', 'app', 'requests/s', 'to bare', 'CPU, µs', 'bare / app']);
for (const target of targets) {
  const app = emitApp('authenticated', target, allProtections);
  for await (const database of databases(app)) {
    const [person] = await addPeople(app, database.env, 1);
    if (person !== undefined) await compare(target, app.directory, database, person);
  }
}
