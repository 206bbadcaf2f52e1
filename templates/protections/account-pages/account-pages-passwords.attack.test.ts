import assert from 'node:assert/strict';
import { Visitor } from '#tests/support/account-pages/visitor.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';

const app = await startApp();

/** Pages with a field for a password that is there, and for one that is chosen. */
const pages = { '/sign-in': 'current-password', '/verify-email?code=x': 'current-password', '/sign-up': 'new-password', '/invitation?code=x': 'new-password', '/reset-password?token=x': 'new-password' };

const passwordFields = async (path: string): Promise<string[]> => {
  const { text } = await Visitor.of(app).open(path);
  return [...text.matchAll(/<input\b[^>]*>/g)].map(([input]) => input).filter((input) => /\bname="(?:password|newPassword)"/.test(input));
};

benign('every page that asks for a password has a field for it', async () => {
  for (const path of Object.keys(pages)) assert.ok((await passwordFields(path)).length > 0, path);
});

attack('Q416', 'no field hides a password from its manager, keeps it from being pasted, or cuts it', async () => {
  for (const [path, autocomplete] of Object.entries(pages)) {
    const fields = await passwordFields(path);
    assert.ok(fields.length > 0, path);
    for (const field of fields) {
      assert.match(field, /\btype="password"/, path);
      assert.match(field, new RegExp(`\\bautocomplete="${RegExp.escape(autocomplete)}"`), path);
      assert.doesNotMatch(field, /\b(?:maxlength|minlength|pattern|readonly|on\w+)=/i, path);
    }
  }
});
