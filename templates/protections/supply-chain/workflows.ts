/** `uses: owner/name@ref # comment`, as a block or a flow mapping, the key and the value quoted or not. */
const uses = /(?:^|[\s{,])["']?uses["']?\s*:\s*["']?([^\s"',}#]+)["']?[ \t]*(#.*)?/g;

/** An expression that pastes what anybody may write (a title, the name of a branch) into a script: use an environment variable. */
const strangersText = /\$\{\{[^}]*\bgithub\.(?:event\.|head_ref)/;

/**
 * What in a GitHub workflow lets somebody else decide what runs: an action by tag or branch (a tag can be moved to other
 * code, a commit cannot), rights that nobody named, and text of strangers inside a script (CWE-829, CWE-94).
 */
export const workflowProblems = (text: string): string[] => {
  const problems: string[] = [];
  const code = text.replace(/^\s*#.*$/gm, '');
  for (const [, action = '', comment = ''] of code.matchAll(uses)) {
    if (!isPinned(action)) problems.push(`${action} must be pinned by its full commit`); // protect: Q433
    if (/@[0-9a-f]{40}$/.test(action) && !/^#\s*v\d/.test(comment)) problems.push(`${action} needs its version in a comment (# v1.2.3)`);
  }
  if (!/^permissions:/m.test(code)) problems.push('there must be a top-level `permissions`: the default may write'); // protect: Q433
  if (/\bwrite-all\b/.test(code)) problems.push('`write-all` gives every right'); // protect: Q433
  if (/\bpull_request_target\b/.test(code)) problems.push('`pull_request_target` gives secrets to the code of strangers'); // protect: Q433
  if (strangersText.test(code)) problems.push('text of strangers in an expression'); // protect: Q433
  return problems;
};

const isPinned = (action: string): boolean =>
  action.startsWith('./') || /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action) || /^docker:\/\/\S+@sha256:[0-9a-f]{64}$/.test(action);
