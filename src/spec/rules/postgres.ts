import { isIP } from 'node:net';

import { OWNED_PARAMETERS } from '../../components/postgres/owned-parameters.ts';
import type { Rule } from './rule.ts';

/** Parameters that pgscale computes from other keys, or that would break what it promises. */
export const ownedParameters: Rule = ({ postgres }) =>
  Object.keys(postgres.parameters).flatMap((name) => {
    const reason = OWNED_PARAMETERS[name];
    const message = `${name} belongs to pgscale: ${reason ?? ''}`;
    return reason === undefined ? [] : [{ path: ['postgres', 'parameters', name], message, at: 'key' as const }];
  });

const NETWORK_TYPES = ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'];
const WEAK_METHODS = ['trust', 'password', 'md5', 'ident'];

/** Extra lines of pg_hba.conf must not open what the others close: TLS from other hosts, SCRAM or a certificate. */
export const safeHba: Rule = ({ postgres }) =>
  postgres.hba.flatMap((line, index) => {
    const message = hbaMistake(line);
    return message === undefined ? [] : [{ path: ['postgres', 'hba', index], message }];
  });

/** What is wrong with a line of pg_hba.conf. https://www.postgresql.org/docs/18/auth-pg-hba-conf.html */
function hbaMistake(line: string): string | undefined {
  if (/[\r\n]/u.test(line)) return 'expected one line; give each line as an entry of its own';
  const words = line.trim().split(/\s+/u);
  const [type = ''] = words;
  if (type.startsWith('#') || type === '') return undefined;
  if (type !== 'local' && !NETWORK_TYPES.includes(type)) {
    return `expected a line of pg_hba.conf, starting with local, hostssl or hostnossl, got ${JSON.stringify(type)}`;
  }
  return methodMistake(type, type === 'local' ? words[3] : words[hasMask(words) ? 5 : 4]);
}

/** An address and its mask may be two words: `10.0.0.0 255.0.0.0`. */
function hasMask([, , , address = '', mask = '']: readonly string[]): boolean {
  return isIP(address) !== 0 && isIP(mask) !== 0;
}

function methodMistake(type: string, method: string | undefined): string | undefined {
  if (method === undefined) return 'expected TYPE DATABASE USER ADDRESS METHOD (a local line has no ADDRESS)';
  if (WEAK_METHODS.includes(method)) return `${method} is not allowed; expected scram-sha-256, cert or reject`;
  const mayBePlain = type !== 'local' && type !== 'hostssl' && method !== 'reject';
  return mayBePlain ? `${type} lets connections in without TLS; expected hostssl` : undefined;
}
