import { ts } from 'ts-morph';
import type { Check, Doctor, Probe } from '../../../src/doctor/check.ts';
import { isRequest } from '../../../src/doctor/request.ts';
import { callsPackage, functionAround, isConditional, isLiteral, methodOf, optionOf, piecesOf, plain, saysOption, stringOf } from '../../../src/doctor/syntax.ts';

const trustsAll: Check = {
  id: 'trust-proxy-everybody',
  item: 'Q439',
  title: 'Every client may say what its address, its host and its protocol are',
  severity: 'medium',
  cwe: ['CWE-807', 'CWE-348'],
  advice: "Trust the proxies that you have: app.set('trust proxy', 'loopback, 10.0.0.0/8') or their number.",
  file: {
    mentions: /trust ?proxy/i,
    *look(source) {
      for (const call of source.calls) {
        const [first, second] = call.arguments;
        const method = methodOf(call);
        const isOn = (method === 'set' && stringOf(first) === 'trust proxy' && isLiteral(second, true)) || (method === 'enable' && stringOf(first) === 'trust proxy');
        if (isOn && !isConditional(call)) yield { at: call, saw: '`trust proxy` is true' };
        if (!callsPackage(call, ['fastify'], ['default', 'fastify', 'Fastify'])) continue;
        const option = optionOf(first, 'trustProxy');
        if (option.kind === 'value' && saysOption(option, true)) yield { at: option.value, saw: '`trustProxy: true`' };
      }
    },
  },
};

/** `req.headers.host`, `req.get('host')`, `req.hostname`. */
const isHost = (node: ts.Expression): boolean => {
  const value = plain(node);
  if (ts.isCallExpression(value)) return ts.isPropertyAccessExpression(value.expression) && isRequest(value.expression.expression) && /^(?:get|header)$/.test(value.expression.name.text) && stringOf(value.arguments[0])?.toLowerCase() === 'host';
  if (!ts.isPropertyAccessExpression(value)) return false;
  if (isRequest(value.expression)) return ['hostname', 'host'].includes(value.name.text);
  return value.name.text === 'host' && ts.isPropertyAccessExpression(value.expression) && value.expression.name.text === 'headers' && isRequest(value.expression.expression);
};

const linkFromHost: Check = {
  id: 'mailed-link-from-host-header',
  item: 'G7',
  title: 'A link in a mail leads to whatever host the client named',
  severity: 'high',
  cwe: ['CWE-640', 'CWE-807'],
  advice: 'Build links from a configured origin, never from the Host header.',
  file: {
    mentions: /mail/i,
    *look(source) {
      for (const template of source.all(ts.isTemplateExpression)) {
        const [first, host, ...rest] = piecesOf(template);
        const isLink = (typeof first === 'string' && /^https?:\/\/$/.test(first) && host !== undefined && typeof host !== 'string' && isHost(host)) || (typeof first !== 'string' && rest.some((piece) => typeof piece !== 'string' && isHost(piece)) && host === '://');
        if (!isLink || !/token|code|key|secret/i.test(template.getText())) continue;
        const around = functionAround(template);
        // Somebody may compare the host with a list first.
        if (around === undefined || /allowed|trusted|whitelist|allowlist|includes\(|\.has\(/i.test(around.getText())) continue;
        const mails = source.all(ts.isCallExpression, around).some((call) => /(?:send\w*mail|mail\w*\.\w*send|transporter\.send)/i.test(call.expression.getText()));
        if (mails) yield { at: template, saw: 'the Host header is the host of a link with a token, in a function that sends mail' };
      }
    },
  },
};

const probe: Probe = {
  id: 'server-believes-host-header',
  item: 'Q439',
  title: 'The running server builds links from the Host header',
  severity: 'medium',
  advice: 'Refuse requests for hosts that are not yours, and build links from a configured origin.',
  asks: [
    { method: 'GET', path: '/', headers: { Host: 'attacker.example' } },
    { method: 'GET', path: '/', headers: { 'X-Forwarded-Host': 'attacker.example' } },
  ],
  judge: (replies) => {
    const open = replies.find(({ status, headers, body }) => status < 400 && (headers['location']?.some((value) => /^(?:https?:)?\/\/attacker\.example(?:[:/?#]|$)/.test(value)) === true || /(?:href|src|action)=["']https?:\/\/attacker\.example/.test(body)));
    return open === undefined ? undefined : { saw: `an answer (${open.status}) links to the host that the request named` };
  },
};

export const doctor: Doctor = { checks: [trustsAll, linkFromHost], probes: [probe] };
