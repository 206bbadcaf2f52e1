/** A new file as a unified diff. */
export const addedFile = (path: string, text: string): string => {
  const body = text.split('\n');
  const isTerminated = body.at(-1) === '';
  if (isTerminated) body.pop();
  const head = `--- /dev/null\n+++ b/${path}\n`;
  if (body.length === 0) return head;
  return `${head}@@ -0,0 +1,${body.length} @@\n${body.map((line) => `+${line}\n`).join('')}${isTerminated ? '' : '\\ No newline at end of file\n'}`;
};
