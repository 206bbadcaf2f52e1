import type { Catalogue } from '../catalogue.ts';
import type { Ask, Doctors, Reply } from './check.ts';
import { type Finding, type Place, type Subject, findingOf } from './finding.ts';
import type { LocalServer } from './loopback.ts';

/**
 * Asks a running server; the same request is sent once, whoever asks it.
 * @param place where a finding is said to be: answers have no line.
 * @throws Refusal when the server does not answer.
 */
export const probe = async (server: LocalServer, doctors: Doctors, catalogue: Catalogue, subject: Subject, place: Place): Promise<Finding[]> => {
  const known = new Map<string, Promise<Reply>>();
  const ask = (each: Ask): Promise<Reply> => {
    const key = JSON.stringify(each);
    const reply = known.get(key) ?? server.ask(each);
    known.set(key, reply);
    return reply;
  };
  const findings: Finding[] = [];
  for (const [id, { probes = [] }] of Object.entries(doctors)) {
    for (const check of probes) {
      const replies: Reply[] = [];
      for (const each of check.asks) replies.push(await ask(each));
      const found = check.judge(replies);
      if (found !== undefined) findings.push(findingOf({ id, check, catalogue, subject, kind: 'answered', severity: found.severity ?? check.severity, saw: `${server.url}: ${found.saw}`, place }));
    }
  }
  return findings;
};
