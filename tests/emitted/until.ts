/** Asks again and again until there is an answer; gives up after `patienceMs`. */
export const until = async <T>(ask: () => T | undefined | Promise<T | undefined>, patienceMs = 30_000): Promise<T> => {
  for (const end = Date.now() + patienceMs; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 25))) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error('Waited for too long.');
};
