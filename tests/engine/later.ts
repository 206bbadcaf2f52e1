import type { Catalogue } from '../../src/catalogue.ts';
import { sha256 } from '../../src/digest.ts';
import type { Notes } from '../../src/notes.ts';
import { catalogue } from './fixtures.ts';

export const version = '9.0.0';
export const redirects = 'src/protections/redirects/core.ts';
export const errors = 'src/protections/errors/core.ts';

/** What became of a file: another value, and one line more. */
const changed = (text: string): string => `${text.replace('status: 303,', 'status: 307,')}// Later.\n`;

/** The catalogue of a later version, in which a file of two protections is another. */
export const later: Catalogue = {
  ...catalogue,
  version,
  protections: Object.fromEntries(
    Object.entries(catalogue.protections).map(([id, part]) => {
      const files = part.files.map((file) => (file.path === redirects || file.path === errors ? { ...file, text: changed(file.text ?? ''), digest: sha256(changed(file.text ?? '')) } : file));
      return [id, { ...part, files }];
    }),
  ),
};

export const notes: Notes = {
  'protections/redirects': [{ version, kind: 'security', severity: 'high', items: ['Q441'], what: 'No more open redirect.', why: 'A form was forgotten.' }],
  'protections/errors': [{ version, kind: 'feature', what: 'New words.', why: 'They are kinder.' }],
};
