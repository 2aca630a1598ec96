import { PgscaleError } from '../errors/pgscale-error.ts';
import type { NewHost } from './edit.ts';
import type { HostRole } from './schema.ts';

const OPTIONS: readonly string[] = ['zone', 'sshAddress'];

/**
 * Reads `NAME=ADDRESS[,zone=ZONE][,sshAddress=ADDRESS]`, as `init --host` has it, but for the roles; what the parts may be is the spec's rule. Pure.
 * @throws PgscaleError PGS_USAGE
 */
export function parseNewHost(text: string, roles: readonly string[]): NewHost {
  const [first = '', ...rest] = text.split(',');
  const [name = '', address = ''] = first.split(/=(.*)/su);
  const options = rest.map((part) => part.split(/=(.*)/su)).map(([key = '', value = '']) => [key, value] as const);
  if (name === '' || address === '' || options.some(([key, value]) => !OPTIONS.includes(key) || value === '')) {
    throw new PgscaleError('PGS_USAGE', {
      what: `not a host: ${text}`,
      next: ['Write it like pg4=10.20.0.14 or pg4=10.20.0.14,zone=a,sshAddress=192.0.2.14.'],
    });
  }
  const more = Object.fromEntries(options) as Partial<NewHost>;
  return { name, address, ...more, roles: roles as HostRole[] };
}
