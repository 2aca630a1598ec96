import { PgscaleError } from '../errors/pgscale-error.ts';
import type { HostRole, HostSpec, Spec } from '../spec/schema.ts';

/** Which hosts a command is for: those named, else those with the role, else all. */
export interface HostChoice {
  readonly names?: readonly string[];
  readonly role?: HostRole | undefined;
}

/** The hosts, in the order of the spec. @throws PgscaleError PGS_MEMBER_UNKNOWN for a name that is not there or has another role */
export function chosenHosts(spec: Spec, { names = [], role }: HostChoice): HostSpec[] {
  const able = spec.hosts.filter(({ roles }) => role === undefined || roles.includes(role));
  const unknown = names.filter((name) => !able.some((host) => host.name === name));
  if (unknown.length > 0) {
    throw new PgscaleError('PGS_MEMBER_UNKNOWN', {
      what: `the spec has no ${role === undefined ? 'host' : `${role} host`} ${unknown.join(', ')}`,
      why: `it has ${able.map(({ name }) => name).join(', ')}`,
    });
  }
  return names.length === 0 ? able : able.filter(({ name }) => names.includes(name));
}
