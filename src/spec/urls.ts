import { hostPort } from './address.ts';
import type { Spec } from './schema.ts';
import { endpoint, type EndpointName } from './topology.ts';

/** Who connects to what, and how the server's certificate is checked. */
export interface UrlOptions {
  readonly database: string;
  readonly role: string;
  readonly password: string;
  /** A file with the cluster's CA: the certificate is verified against it (`verify-full`), else only TLS is required. */
  readonly caFile?: string | undefined;
}

/**
 * Makes a session on the `replica` endpoint read-only by itself. Some drivers (postgres.js) take a hot standby for
 * read-only only if it says so, and a primary that stands in for the standbys must not take writes there either.
 */
export const READ_ONLY = '-c default_transaction_read_only=on';

/**
 * How long one of several hosts may take to let a client in before the next is tried. A host without power does not refuse:
 * left to itself, libpq waits for it as long as the kernel tries, two minutes and more.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT
 */
const CONNECT_TIMEOUT_SECONDS = 10;

/**
 * The URL of an endpoint, as libpq and the drivers that follow it read it. Without a VIP or a name it lists several
 * hosts, of which libpq takes the first that answers.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function endpointUrl(spec: Spec, name: EndpointName, options: UrlOptions): string {
  const { hosts, port } = endpoint(spec, name);
  const { database, role, password, caFile } = options;
  const parameters = [
    ...(caFile === undefined
      ? ['sslmode=require']
      : ['sslmode=verify-full', `sslrootcert=${encodeURIComponent(caFile).replaceAll('%2F', '/')}`]),
    ...(hosts.length > 1 ? [`connect_timeout=${CONNECT_TIMEOUT_SECONDS}`] : []),
    ...(name === 'replica' ? ['target_session_attrs=read-only', `options=${encodeURIComponent(READ_ONLY)}`] : []),
  ];
  const login = `${encodeURIComponent(role)}:${encodeURIComponent(password)}`;
  const places = hosts.map((host) => hostPort(host, port)).join(',');
  return `postgres://${login}@${places}/${encodeURIComponent(database)}?${parameters.join('&')}`;
}
