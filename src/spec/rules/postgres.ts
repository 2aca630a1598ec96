import { OWNED_PARAMETERS } from '../../components/postgres/owned-parameters.ts';
import { decidingLine, parseAccessRule } from '../access-rules.ts';
import type { Spec } from '../schema.ts';
import { hasProxy } from '../topology.ts';
import type { Finding, Rule } from './rule.ts';

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
  if (line.trimEnd().endsWith('\\'))
    return 'expected a whole line; one that ends in a backslash takes the next with it';
  const [type = ''] = line.trim().split(/\s+/u);
  if (type.startsWith('#') || type === '') return undefined;
  if (type !== 'local' && !NETWORK_TYPES.includes(type)) {
    return `expected a line of pg_hba.conf, starting with local, hostssl or hostnossl, got ${JSON.stringify(type)}`;
  }
  return methodMistake(type, parseAccessRule(line)?.method);
}

function methodMistake(type: string, method: string | undefined): string | undefined {
  if (method === undefined) return 'expected TYPE DATABASE USER ADDRESS METHOD (a local line has no ADDRESS)';
  if (WEAK_METHODS.includes(method)) return `${method} is not allowed; expected scram-sha-256, cert or reject`;
  const mayBePlain = type !== 'local' && type !== 'hostssl' && method !== 'reject';
  return mayBePlain ? `${type} lets connections in without TLS; expected hostssl` : undefined;
}

/**
 * Extra lines must not keep the owner of a database out of it by way of a pooler: of the lines, the first that fits decides,
 * and a pooler can answer to nothing but SCRAM. pgscale's own lines before these are for its own roles and the socket, and
 * the last line lets everybody in with a password.
 */
export const poolersGetIn: Rule = (spec) => {
  const lines = spec.postgres.hba;
  const findings = poolerLogins(spec).flatMap(({ user, groups, database, from, host }): Finding[] => {
    const decided = decidingLine(lines, { user, groups, database, address: from });
    if (decided === undefined) return [];
    const asked = parseAccessRule(lines[decided.index] ?? '')?.options.find((each) => each.startsWith('clientcert='));
    if (decided.method === 'scram-sha-256' && asked === undefined) return [];
    const keeper = asked ?? decided.method;
    const message = `${keeper} here would keep ${user} out of database ${database} by way of the poolers: they come from ${host} (${from}) with a SCRAM password and no certificate; put a line with scram-sha-256 for it before this one`;
    return [{ path: ['postgres', 'hba', decided.index], message }];
  });
  // One for each line is enough.
  return [...new Map(findings.toReversed().map((finding) => [finding.path.at(-1), finding])).values()].toReversed();
};

/** The owner of each database, from every host on which a HAProxy leads poolers on. */
function poolerLogins(
  spec: Spec,
): { user: string; groups: readonly string[]; database: string; from: string; host: string }[] {
  const hosts = spec.hosts.filter(hasProxy);
  return spec.databases.flatMap(({ name, owner }) => {
    const groups = spec.roles.find((role) => role.name === owner)?.memberOf ?? [];
    return hosts.map((host) => ({ user: owner, groups, database: name, from: host.address, host: host.name }));
  });
}
